"""SETTINGS.md names what the code reads, in both languages, and nothing that it does not read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.launch.platform import platform
from app.launch.service_settings import settings_page
from app.locales import formatter
from tests.launch.sample import launch

PIPELINE = Path(__file__).parents[2] / "app" / "launch" / "pipeline"
KITS = [("azure", "rag"), ("google", "prompting"), ("openai", "no_llm")]


@pytest.mark.parametrize(("name", "option"), KITS)
def test_the_page_names_only_what_the_code_reads(name: str, option: str) -> None:
    page = settings_page(launch(platform(name), option), formatter("en"))
    code = " ".join(path.read_text() for path in PIPELINE.glob("*.py"))
    named = re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)
    assert named
    assert all(f'"{variable}"' in code for variable in named)
    assert ("STORE_URL" in named) is (option == "rag")
    for module in re.findall(r"python -m pipeline\.(\w+)", page):
        assert (PIPELINE / f"{module}.py").is_file()


def test_the_page_says_what_was_never_run() -> None:
    spec = launch(platform("azure"), "rag")
    assert "never with a real server" in settings_page(spec, formatter("en"))
    german = settings_page(spec, formatter("de"))
    assert "nie mit einem echten Server" in german
    assert "Requests" not in german
