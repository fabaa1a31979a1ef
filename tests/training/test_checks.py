"""What needs no packages: forgetting, monitoring, preferences, the locks."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.launch.catalogue import catalogue
from app.launch.pipeline import forgetting, monitor, records
from app.launch.pipeline.records import Example
from app.launch.pipeline.setup import SetupError
from app.launch.requirements import blocks, plain

QUESTIONS = [Example("Capital of France?", "Paris"), Example("2 + 2?", "4")]
TRAIN = [Example("word " * (3 + number % 5), "a") for number in range(100)]


@pytest.mark.parametrize(
    ("before", "after", "kept", "verdict"),
    [
        (["It is Paris.", "4"], ["Paris", "4."], 1.0, "kept"),
        (["It is Paris.", "4"], ["Paris", "42"], 0.5, "forgotten"),
        (["Rome", "5"], ["Paris", "4"], None, "open"),
    ],
)
def test_forgetting_counts_what_the_base_knew(
    before: list[str], after: list[str], kept: float | None, verdict: str
) -> None:
    found = forgetting.compare(QUESTIONS, before, after, 0.9)
    assert (found["kept"], found["verdict"]) == (kept, verdict)
    assert found["answers"][0]["tuned"] == after[0]


def request(words: int, **values: Any) -> dict[str, Any]:
    return {"time": datetime.now(UTC).isoformat(), "question_words": words, "seconds": 1.0, "unknown": False, **values}


def observed(requests: list[dict[str, Any]]) -> dict[str, Any]:
    return monitor.observe(catalogue().monitoring, requests, TRAIN, [Example("word", "a")])


def test_requests_like_the_training_data_give_no_alarm() -> None:
    found = observed([request(3 + number % 5) for number in range(200)])
    assert (found["alarms"], found["measured"]["length_psi"], found["measured"]["new_words"]) == ([], 0.0, None)


@pytest.mark.parametrize(
    ("values", "alarm"),
    [
        ({"words": 40}, "length_psi"), ({"words": 5, "unknown": True}, "unknown_share"),
        ({"words": 5, "seconds": 60.0}, "seconds_p95"), ({"words": 5, "question": "entirely other things"}, "new_words"),
    ],
)  # fmt: skip
def test_each_drift_gives_its_alarm(values: dict[str, Any], alarm: str) -> None:
    assert alarm in observed([request(**values) for _ in range(200)])["alarms"]
    assert observed([request(**values) for _ in range(20)])["alarms"] == []


def test_the_log_is_read_strictly_and_from_a_day_on(tmp_path: Path) -> None:
    path, now = tmp_path / "requests.jsonl", datetime.now(UTC)
    old = {**request(5), "time": (now - timedelta(days=9)).isoformat()}
    path.write_text("".join(json.dumps(row) + "\n" for row in (old, request(5))))
    assert len(monitor.read(path, now - timedelta(days=7))) == 1
    path.write_text('{"time": "yesterday"}\n')
    with pytest.raises(SetupError, match=r"requests\.jsonl, line 1"):
        monitor.read(path, now)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"prompt": "a", "chosen": "b"}', "line 2: the field 'rejected'"),
        ('{"prompt": "a", "chosen": "b", "rejected": " b "}', "line 2: 'chosen' and 'rejected' are the same"),
        ("[]", "line 2: a JSON object"),
    ],
)
def test_a_wrong_preference_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "preferences.jsonl"
    path.write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}\n' + line)
    with pytest.raises(SetupError, match=re.escape(says)):
        records.read_preferences(path)


@pytest.mark.parametrize("group", ["tuning", "encoder", "openai", "aws", "retrieval", "weights"])
def test_a_lock_is_complete_with_digests_and_no_hosts(group: str) -> None:
    for line, text in blocks(group).items():
        assert re.match(r"[a-z0-9.-]+==\S+( ; .+)?$", line), line
        assert "--hash=sha256:" in text, line
        assert "://" not in text


@pytest.mark.parametrize("group", ["tuning", "encoder", "openai", "aws"])
def test_the_locks_hold_the_versions_of_the_catalogue(group: str) -> None:
    locked = {line.split(" ;")[0] for line in plain([group]).splitlines()}
    assert set(catalogue().packages[group]) <= locked


def test_groups_of_one_kit_agree() -> None:
    lines = plain(["tuning", "openai", "aws"]).splitlines()
    assert lines[0] == "torch==2.13.0"
    names = [line.split("==")[0] for line in lines if " ; " not in line]
    assert len(names) == len(set(names))
