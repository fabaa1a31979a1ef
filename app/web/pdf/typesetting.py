"""Typst: content and template in, bytes of a PDF out. Safe in threads; never fork a process after it has run."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

import typst

from app.web.pdf.glyphs import FONTS

TEMPLATE = FONTS.parent / "report.typ"
KEPT_DOCUMENTS = 10
STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]


@cache
def _fonts() -> typst.Fonts:
    # Only our own, so that the file is the same on every machine.
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def typeset(content: dict[str, Any], created: datetime) -> bytes:
    """The PDF; the same content and moment give the same bytes. If the standards cannot be met, a plain PDF that says so."""
    try:
        return _compile(content, created, STANDARDS)
    except typst.TypstError:
        return _compile({**content, "plain": content["words"]["plain"]}, created, [])
    finally:
        _forget()


def _forget() -> None:
    """Typst keeps what it laid out for the last documents, some 40 MB each; reports share too little to gain from that."""
    idle = typst.Compiler(root=str(FONTS), font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(KEPT_DOCUMENTS):
        idle.compile(input=b"", format="svg")


def _compile(content: dict[str, Any], created: datetime, standards: list[typst.PDFStandard]) -> bytes:
    # Nothing but fonts lies below the root, so no other file can be read.
    compiler = typst.Compiler(_template(), root=str(FONTS), font_paths=_fonts(), ignore_system_fonts=True)
    result = compiler.compile(
        format="pdf",
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=standards,
        timestamp=int(created.timestamp()),
    )
    assert isinstance(result, bytes)
    return result
