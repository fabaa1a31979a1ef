"""The table of constants in docs/sizing.md is made from the knowledge base. Rewrite it with `python tests/domain/sizing/test_documented.py`."""

import re
from pathlib import Path

from app.knowledge import load_knowledge

PAGE = Path(__file__).parents[3] / "docs" / "sizing.md"


def table() -> str:
    rows = ["| constant | value | before the fit | spread | unit | what it is |", "|---|---|---|---|---|---|"]
    for name, item in sorted(load_knowledge().sizing.items()):
        rows += [
            f"| `{name}.{each.key}` | {each.value:g} | {each.prior:g} | {each.spread:g} | {each.unit} | {each.says} |"
            for each in item.constants
        ]
    return "\n".join(rows)


def generated(text: str) -> str:
    block = f"<!-- constants -->\n{table()}\n<!-- end of constants -->"
    return re.sub(r"<!-- constants -->.*?<!-- end of constants -->", lambda _: block, text, flags=re.S)


def test_the_table_of_constants_is_current() -> None:
    assert PAGE.read_text() == generated(PAGE.read_text()), "run: python tests/domain/sizing/test_documented.py"


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text()))
