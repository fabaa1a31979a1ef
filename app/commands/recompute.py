"""`lotse recompute`: makes a stored or exported report again from what it was made with, and compares the bytes."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.answers import read_answers
from app.domain.catalogue import PriceBook
from app.domain.knowledge import Knowledge
from app.domain.strict_json import parse
from app.errors import NotFound
from app.settings import load_settings
from app.store.db import Database
from app.store.migrate import migrate
from app.store.repository import Report, knowledge_of, prices_of, report_for

SHOWN_DIFFERENCES = 8
SHORTEST_ID = 8  # as many characters of the id stand on the report


@click.command("recompute", context_settings={"ignore_unknown_options": True})  # an id may begin with a dash
@click.argument("report")
def command(report: str) -> None:
    """Recompute REPORT (an id, or an exported JSON file) and say whether it comes out the same, byte for byte."""
    settings = load_settings()
    with closing(Database(settings.database)) as database:
        migrate(database, backups=settings.backups)
        with closing(database.new_session(False)) as session:
            stored = from_file(Path(report)) if Path(report).is_file() else from_database(session, report)
            _say(stored, recomputed(session, stored))


def from_database(session: Session, name: str) -> Report:
    """The report with this id: as in its address, as printed on it (the first characters), or its number in the database."""
    name = name.rstrip("/").rpartition("/")[2]
    if "~" in name:
        return report_for(session, name, None).report
    by_start = Report.public_id.startswith(name, autoescape=True)
    found = list(session.scalars(select(Report).where(by_start).limit(2))) if len(name) >= SHORTEST_ID else []
    numbered = session.get(Report, int(name)) if name.isascii() and name.isdigit() and len(name) < 10 else None
    if len(found) == 1 or numbered:
        return found[0] if found else numbered  # type: ignore[return-value]
    raise NotFound(
        detail='There is no report "{name}" in the database.' if not found else 'Several reports begin with "{name}".',
        mend="Give the id from its address or version line, or an exported JSON file.",
        name=name,
    )


def from_file(path: Path) -> Report:
    """A report as exported by `/r/{id}.json`, not in the database. Raises InputError."""
    from app.web.report_file import read_report_file  # noqa: PLC0415

    exported = read_report_file(parse(path.read_bytes()))
    decision, text = exported.decision, exported.decision_json
    return Report(
        public_id="", answers=exported.answers.known(), as_of=date.fromisoformat(decision.as_of), seed=decision.seed,
        draws=decision.draws, knowledge_hash=decision.knowledge_hash, prices_hash=decision.prices_hash,
        engine_version=decision.engine_version, decision_json=text,
        decision_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def recomputed(session: Session, report: Report) -> str:
    """The decision made again from the stored answers, with the knowledge and the prices of then."""
    from app.domain.decide import decide  # noqa: PLC0415 -- the other commands start without the engine
    from app.domain.decision import Decision  # noqa: PLC0415
    from app.domain.pilot_updates import evidence_of  # noqa: PLC0415

    knowledge = _knowledge(session, report)
    prices = _prices(session, report, knowledge)
    evidence = evidence_of(Decision.from_json(json.loads(report.decision_json)))
    answers = read_answers(report.answers)
    return decide(answers, knowledge, prices, report.as_of, report.seed, report.draws, evidence=evidence).as_json()


def _knowledge(session: Session, report: Report) -> Knowledge:
    from app.knowledge import load_knowledge  # noqa: PLC0415

    present = load_knowledge()
    return present if present.hash == report.knowledge_hash else knowledge_of(session, report)


def _prices(session: Session, report: Report, knowledge: Knowledge) -> PriceBook:
    from app.prices import price_book  # noqa: PLC0415

    settings = load_settings()
    try:
        return prices_of(session, report)
    except NotFound:
        present = price_book(knowledge, report.as_of, settings.data_dir, settings.own_prices)
        if present.hash == report.prices_hash:
            return present
        raise


def _say(report: Report, again: str) -> None:
    digest = hashlib.sha256(again.encode()).hexdigest()
    if again == report.decision_json and digest == report.decision_sha256:
        click.echo(f"equal: {len(again.encode()):,} bytes, SHA-256 {digest}")
        return
    click.echo(f"NOT equal: stored {report.decision_sha256}, recomputed {digest}")
    for difference in list(differences(json.loads(report.decision_json), json.loads(again)))[:SHOWN_DIFFERENCES]:
        click.echo(f"  {difference}")
    sys.exit(1)


def differences(stored: Any, again: Any, path: str = "decision") -> Iterator[str]:
    """Each place where the two differ, with both values."""
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in sorted(stored.keys() | again.keys()):
            yield from differences(stored.get(key), again.get(key), f"{path}.{key}")
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for number, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif stored != again:
        yield f"{path}: stored {_short(stored)}, recomputed {_short(again)}"


def _short(item: Any) -> str:
    text = json.dumps(item, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
