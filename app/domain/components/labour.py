"""Work: building, change management, operating, a reserve for optimism, leaving again. Person-days x day rate."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.components.lines import Desk, PricedLine, share_line, summed
from app.domain.components.profile import OWN_MACHINES, RETRIEVING, Way
from app.domain.statistics import Amount

ANSWERS = ("team", "document_rights")  # that the work depends on
EXTERNAL = "labour.external.day"


def role(way: Way) -> str:
    """Price key of the people who do most of the work."""
    return "labour.ml_engineer.day" if way.tuned else "labour.software_engineer.day"


def depends(way: Way) -> tuple[str, str, bool]:
    """What of a way the work depends on."""
    return way.option, way.hosting, way.own_model


def work(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """All work: to build, the reserve for optimism, to operate, to leave again."""
    built = tuple(building(desk, way))
    spent = summed(built).one_off
    yield from built
    yield from optimism(desk, spent)
    yield from operating(desk, way)
    yield from leaving(desk, way, spent)


def building(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Person-days to build, own staff and service providers apart."""
    days = building_days(desk, way)
    own, external = staffed(desk, days)
    yield desk.line("labour.build.own", "one_off", own, role(way), label="Work to build, own staff")
    yield desk.line("labour.build.external", "one_off", external, EXTERNAL, label="Work to build, service providers")


def building_days(desk: Desk, way: Way) -> Amount:
    """Person-days for the option, its machines and the rights of its readers."""
    days = desk.parameter(f"effort.{way.option}")
    if way.own_model and way.hosting in OWN_MACHINES:
        extra = "on_premises" if way.hosting == "on_premises" else "rented_gpu"
        days = days + desk.parameter(f"effort.{extra}")
    if way.option in RETRIEVING and desk.situation.answers.document_rights:
        days = days + desk.parameter("effort.document_rights")
    return days


def operating(desk: Desk, way: Way) -> Iterator[PricedLine]:
    """Person-days a month: monitoring, analysis of errors, updates, questions of users."""
    days = desk.parameter(f"operation.{way.option}")
    if way.own_model and way.hosting in OWN_MACHINES:
        extra = "on_premises" if way.hosting == "on_premises" else "rented_gpu"
        days = days + desk.parameter(f"operation.{extra}")
    own, external = staffed(desk, days)
    yield desk.line("operation.work.own", "monthly", own, role(way), label="Work to operate, own staff")
    yield desk.line(
        "operation.work.external", "monthly", external, EXTERNAL, label="Work to operate, service providers"
    )


def staffed(desk: Desk, days: Amount) -> tuple[Amount, Amount]:
    """Person-days of own staff and of service providers, by the skills of the team."""
    outside = desk.parameter(f"labour.external.{desk.situation.answers.team or 'app_devs'}")
    return days * (1 - outside), days * outside


def change(desk: Desk) -> Iterator[PricedLine]:
    """Training and support of the people whose work changes: a ratio to the cost of the simplest working version (G6)."""
    rate = desk.price("labour.software_engineer.day")
    if rate is not None:
        simplest = desk.parameter("effort.prompting") * rate.amount
        yield share_line(
            "change.management", "one_off", desk.parameter("change.ratio"), simplest, label="Change management"
        )


def optimism(desk: Desk, work: Amount) -> Iterator[PricedLine]:
    """Estimates of work are mostly too low: a visible factor."""
    factor = desk.parameter("optimism.labour") - 1
    yield share_line("labour.optimism", "one_off", factor, work, label="Reserve for optimism in the estimates of work")


def leaving(desk: Desk, way: Way, work: Amount) -> Iterator[PricedLine]:
    """Work to repeat when the platform is left at the end, by how far the hosting (1 to 5) locks in."""
    share = desk.parameter("exit.share") * (lock_in(desk, way) - 1) / 4
    yield share_line("exit.rebuild", "one_off", share, work, label="Leaving the platform: work to repeat")


def lock_in(desk: Desk, way: Way) -> int:
    """How far a way locks in, from 1 (not at all) to 5."""
    info = desk.situation.knowledge.hostings.get(way.hosting)
    return min((info.lock_in if info else 1) + (1 if way.tuned and not way.own_model else 0), 5)
