"""A report as one JSON file: everything to read it without this program, to import it again, and to recompute it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.domain.answers import Answers, read_answers
from app.domain.decision import Decision
from app.errors import InputError
from app.store.repository import Report

FORMAT = "lotse-report-1"


@dataclass(frozen=True)
class ReportFile:
    """What such a file holds. `decision_json` are the published bytes."""

    answers: Answers
    as_of: date
    decision: Decision
    decision_json: str


def write_report_file(report: Report) -> bytes:
    """The file of a stored report; the decision stands in it byte for byte as it was published."""
    head = {
        "format": FORMAT,
        "report": {"id": report.public_id, "number": report.number, "created_at": report.created_at.isoformat()},
        "answers": report.answers,
        "as_of": report.as_of.isoformat(),
        "decision_sha256": report.decision_sha256,
    }
    start = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{start[:-1]},"decision":{report.decision_json}}}\n'.encode()


def is_report_file(data: Any) -> bool:
    """Whether this looks like such a file rather than plain answers."""
    return isinstance(data, dict) and "format" in data


def read_report_file(data: Any) -> ReportFile:
    """Reads a parsed file. Raises InputError that names the part that is wrong."""
    if not is_report_file(data) or data["format"] != FORMAT:
        given = data.get("format") if isinstance(data, dict) else None
        raise _refusal("format", given, f'an exported report has "format": "{FORMAT}"')
    answers = read_answers(data.get("answers"))
    try:
        decision = Decision.from_json(data.get("decision"))
        as_of = date.fromisoformat(data.get("as_of", ""))
    except (ValidationError, ValueError, TypeError, AttributeError):
        raise _refusal("decision", None, "the decision or the day is damaged; export the report once more") from None
    text = decision.as_json()
    if hashlib.sha256(text.encode()).hexdigest() != data.get("decision_sha256"):
        raise _refusal("decision_sha256", data.get("decision_sha256"), "the decision was changed after the export")
    return ReportFile(answers, as_of, decision, text)


def _refusal(key: str, given: Any, allowed: str) -> InputError:
    return InputError([{"key": key, "value": given, "allowed": allowed, "says": f"{key}: {allowed}"}])
