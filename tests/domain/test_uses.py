"""Nothing is asked in vain: every answer feeds a rule, a fact, a cost, or the heading of the report."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.domain.answers import KEYS
from app.domain.conditions import facts_of
from app.domain.facts import answers_behind
from app.knowledge import load_knowledge

DOMAIN = Path(__file__).parents[2] / "app" / "domain"
NOT_THE_ENGINE = {"answers.py", "entry.py", "questions.py", "decision.py", "numerals.py", "knowledge.py"}
HEADING = {"title", "organisation"}


@cache
def used_by_rules() -> set[str]:
    return {
        answer
        for rule in load_knowledge().rules.values()
        for name in facts_of(rule.when)
        for answer in answers_behind(name)
    }


@cache
def used_by_arithmetic() -> set[str]:
    """Answers read in the engine: `answers.key`, `facts["key"]`, `facts.get("key")`, `inputs["key"]`."""
    trees = [ast.parse(path.read_text()) for path in DOMAIN.rglob("*.py") if path.name not in NOT_THE_ENGINE]
    return {name for tree in trees for node in ast.walk(tree) for name in _read(node)}


def _read(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("answers"):
        yield node.attr
    if isinstance(node, ast.Subscript | ast.Call):
        holder = node.value if isinstance(node, ast.Subscript) else node.func
        arguments = [node.slice] if isinstance(node, ast.Subscript) else node.args
        if any(word in ast.unparse(holder) for word in ("facts", "inputs", "sample", "given", "fact", "input")):
            yield from (str(item.value) for item in arguments if isinstance(item, ast.Constant))


@pytest.mark.parametrize("key", [key for key in KEYS if key not in HEADING])
def test_every_answer_is_used(key: str) -> None:
    assert key in used_by_rules() | used_by_arithmetic()


def test_the_heading_stands_on_the_report() -> None:
    templates = DOMAIN.parents[1] / "templates" / "report"
    pages = DOMAIN.parents[1] / "app" / "web" / "views"
    text = "".join(
        path.read_text() for folder in (templates, pages) for path in folder.glob("report*") if path.is_file()
    )
    text += "".join(path.read_text() for path in templates.glob("*.html"))
    assert all(name in text for name in HEADING)
