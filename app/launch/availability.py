"""Whether a way is open today, for whom and where: only dated records decide, never code."""

from __future__ import annotations

from datetime import date
from typing import Literal

from app.domain.answers import Answers
from app.domain.catalogue import Capability, PlatformInfo
from app.domain.messages import Frozen, Message, Value
from app.domain.values import SourceRef
from app.launch.platform import Way
from app.locales import N_

State = Literal["open", "existing_customers", "invited", "not_yet", "closed", "elsewhere", "unknown"]
BEST_FIRST = ("open", "existing_customers", "invited", "elsewhere", "not_yet", "closed")
USABLE = ("open", "existing_customers", "invited")
# Residency asked for -> residencies of a record that satisfy it; the own cloud is judged by its region.
SATISFIES = {
    "world": {"world", "us", "eu", "germany"},
    "eu": {"eu", "germany"},
    "germany": {"germany"},
    "own_cloud": {"world", "us", "eu", "germany"},
    "on_premises": set(),
}


class Availability(Frozen):
    """The state of a way on a day, in one sentence, with its sources."""

    way: str
    state: State
    says: Message
    residency: str | None = None
    closes: date | None = None
    note: str = ""
    sources: list[SourceRef] = []

    @property
    def usable(self) -> bool:
        """Whether somebody can launch this way today."""
        return self.state in USABLE


def availability(
    way: Way, info: PlatformInfo | None, as_of: date, answers: Answers, model: str | None = None
) -> Availability:
    """The best record for a way on a day, residency of the answers included; `model` narrows the records of tuning."""
    offers = [item for item in (info.capabilities if info else []) if item.method in way.capability]
    records = [item for item in offers if not model or not item.models or model in item.models]
    if not records:
        says = Message(message="There is no dated record of this offer; check with the platform.")
        return Availability(way=way.id, state="unknown", says=says)
    by_method = sorted(records, key=lambda item: way.capability.index(item.method))
    asked = (
        None if info and info.id == "on_premises" else answers.residency
    )  # own hardware keeps data wherever it stands
    judged = [_judge(way, item, as_of, asked) for item in by_method]
    return min(judged, key=lambda item: BEST_FIRST.index(item.state))


def _judge(way: Way, item: Capability, as_of: date, residency: str | None) -> Availability:
    state, says = _state(item, as_of)
    if state in USABLE and item.residency not in SATISFIES[residency or "world"]:
        state, says = "elsewhere", Message(message="Offered, but not in the region your data must stay in.")
    return Availability(
        way=way.id,
        state=state,
        says=says,
        residency=item.residency,
        closes=item.closes,
        note=item.note,
        sources=item.sources,
    )


def _state(item: Capability, as_of: date) -> tuple[State, Message]:
    if item.closes and item.closes <= as_of:
        return "closed", _dated(N_("Closed since {date}."), item.closes)
    if item.opens and item.opens > as_of:
        return "not_yet", _dated(N_("Opens on {date}."), item.opens)
    if item.who == "existing_customers":
        return "existing_customers", _until(
            item.closes,
            N_("Closed to newcomers; open to existing customers."),
            N_("Closed to newcomers; open to existing customers until {date}."),
        )
    if item.who == "invited":
        return "invited", Message(message="Open by invitation only.")
    return "open", _until(item.closes, N_("Open to everyone."), N_("Open to everyone until {date}."))


def _until(closes: date | None, always: str, dated: str) -> Message:
    return _dated(dated, closes) if closes else Message(message=always)


def _dated(text: str, day: date | None) -> Message:
    return Message(message=text, values={"date": Value(kind="date", value=day.isoformat())} if day else {})
