"""Documents cannot drift: the tables in docs/ are made from the code. Rewrite them with `python tests/house/test_docs.py`."""

import re
from pathlib import Path

from click.testing import CliRunner

from app.cli import main
from app.settings import Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"


def settings_table() -> str:
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"LOTSE_{name.upper()}"
        default = f"`{field.default}`" if field.default not in (None, "") else "none"
        rows.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(rows)


def commands_table() -> str:
    rows = ["| command | what it does |", "|---|---|"]
    for name, command in sorted((name, main.get_command(None, name)) for name in main.list_commands(None)):  # type: ignore[arg-type]
        rows.append(f"| `lotse {name}` | {(command.help or '').strip().splitlines()[0]} |")
    return "\n".join(rows)


def generated(text: str) -> str:
    for marker, table in (("settings", settings_table()), ("commands", commands_table())):
        block = f"<!-- {marker} -->\n{table}\n<!-- end of {marker} -->"
        text = re.sub(rf"<!-- {marker} -->.*?<!-- end of {marker} -->", lambda _, block=block: block, text, flags=re.S)
    return text


def test_tables_of_the_operations_page_are_current() -> None:
    text = OPERATIONS.read_text()
    assert text == generated(text), "run: python tests/house/test_docs.py"


def test_every_command_explains_itself() -> None:
    for name in main.list_commands(None):  # type: ignore[arg-type]
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, name


if __name__ == "__main__":
    OPERATIONS.write_text(generated(OPERATIONS.read_text()))
