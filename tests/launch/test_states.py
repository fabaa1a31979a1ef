"""What platforms say of states and times, however strange."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.launch.states import moment, plain_word, state_of


@pytest.mark.parametrize("text", [None, "", "soon", 1.7e13, 1e30, float("nan"), float("inf"), "2026-13-01", {}])
def test_no_time_is_none_and_stops_nothing(text: object) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text", ["2026-11-28T12:00:00Z", "2026-11-28T12:00:00.000000000Z", "2026-11-28T13:00:00+01:00", 1795867200]
)
def test_times_are_in_utc(text: object) -> None:
    assert moment(text) == datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_an_unknown_word_never_ends_a_launch() -> None:
    assert state_of("<b>Exploded</b>", {}) == "running"
    assert plain_word("<b>Exploded</b>") == "bExploded/b"
