"""The exported JSON: exact bytes inside, reads back, refuses what was changed. And strict JSON."""

from __future__ import annotations

import json

import pytest

from app.domain.strict_json import parse
from app.errors import InputError
from app.store.repository import Report
from app.web.exports import file_name
from app.web.report_file import read_report_file, write_report_file


def test_the_decision_stands_in_it_byte_for_byte(report: Report) -> None:
    body = write_report_file(report).decode()
    assert report.decision_json in body
    read = read_report_file(parse(body))
    assert read.decision_json == report.decision_json
    assert read.answers.known() == {**report.answers}
    assert read.as_of == report.as_of


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("format", "other", "format"),
        ("decision", {"seed": 1}, "decision"),
        ("as_of", "yesterday", "decision"),
        ("decision_sha256", "0" * 64, "decision_sha256"),
        ("answers", {"task_type": "nonsense"}, "task_type"),
    ],
)
def test_a_damaged_file_is_refused_by_name(report: Report, key: str, value: object, named: str) -> None:
    data = json.loads(write_report_file(report)) | {key: value}
    with pytest.raises(InputError) as caught:
        read_report_file(data)
    assert caught.value.problems[0]["key"] == named


def test_a_changed_number_is_noticed(report: Report) -> None:
    data = json.loads(write_report_file(report))
    data["decision"]["recommended"]["confidence"] = 0.99
    with pytest.raises(InputError, match="changed after the export"):
        read_report_file(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 2}', '"a" stands there twice'),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "too many digits"),
        (b'{"a": "\xff"}', "byte 8 is not UTF-8"),
        ('{"a": }', "line 1, column 7"),
        ("", "line 1, column 1"),
    ],
)
def test_json_is_read_strictly(text: str | bytes, says: str) -> None:
    with pytest.raises(InputError, match="not valid JSON") as caught:
        parse(text)
    assert says in caught.value.says


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1} == parse('\ufeff{"a": 1}')


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Fragen & Antworten für Ärzte", "lotse-fragen-antworten-fuer-aerzte-v2.pdf"),
        ('a"\r\nSet-Cookie: x', "lotse-a-set-cookie-x-v2.pdf"),
        ("../../etc/passwd", "lotse-etc-passwd-v2.pdf"),
        ("\U0001f600 漢", "lotse-x8kd93jf-v2.pdf"),
        ("x" * 120, f"lotse-{'x' * 60}-v2.pdf"),
    ],
)
def test_file_names_are_harmless(report: Report, title: str, name: str) -> None:
    report.answers = {"task_type": "other", "title": title}
    assert file_name(report, "pdf") == name
