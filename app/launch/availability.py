"""Whether a way is open today, for whom and where: only dated records decide, never code."""

from __future__ import annotations

from datetime import date
from typing import Literal

from app.domain.answers import Answers
from app.domain.catalogue import Capability, PlatformInfo
from app.domain.messages import Frozen, Message, Value
from app.domain.values import SourceRef
from app.launch.platform import Way

State = Literal["open", "existing_customers", "invited", "not_yet", "closed", "elsewhere", "unknown"]
USABLE = ("open", "existing_customers", "invited")
# Residency asked for -> residencies of a record that satisfy it; the own cloud is judged by its region.
SATISFIES = {
    "world": {"world", "us", "eu", "germany"},
    "eu": {"eu", "germany"},
    "germany": {"germany"},
    "own_cloud": {"world", "eu", "germany"},
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
    """The best record for a way on a day; residency of the answers included."""
    records = [
        item for item in (info.capabilities if info else []) if item.method in way.capability and _about(item, model)
    ]
    if not records:
        return Availability(
            way=way.id,
            state="unknown",
            says=Message(message="There is no dated record of this offer; check with the platform."),
        )
    judged = [_judge(way, item, as_of, answers.residency) for item in records]
    return min(
        judged,
        key=lambda item: ("open", "existing_customers", "invited", "elsewhere", "not_yet", "closed").index(item.state),
    )


def _about(item: Capability, model: str | None) -> bool:
    return not model or not item.models or model in item.models


def _judge(way: Way, item: Capability, as_of: date, residency: str | None) -> Availability:
    state, says = _state(item, as_of)
    if state in USABLE and item.residency not in SATISFIES.get(residency or "world", {item.residency}):
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
        return "closed", _dated("Closed since {date}.", item.closes)
    if item.opens and item.opens > as_of:
        return "not_yet", _dated("Opens on {date}.", item.opens)
    if item.who == "existing_customers":
        text = "Closed to newcomers; open to existing customers" + (" until {date}." if item.closes else ".")
        return "existing_customers", _dated(text, item.closes)
    if item.who == "invited":
        return "invited", Message(message="Open by invitation only.")
    return "open", _dated("Open to everyone until {date}." if item.closes else "Open to everyone.", item.closes)


def _dated(text: str, day: date | None) -> Message:
    return Message(message=text, values={"date": Value(kind="date", value=day.isoformat())} if day else {})
