"""`lotse launches`: who may approve, how launches stand, and what was left behind on platforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.settings import load_settings
from app.store.approvers import add_approver, approvers, remove_approver
from app.store.db import Database, explained
from app.store.launch_states import ACTIVE
from app.store.launches import forget
from app.store.migrate import migrate
from app.store.models import Launch
from app.store.orphans import orphans


@contextmanager
def _session(write: bool = False) -> Iterator[Session]:
    settings = load_settings()
    with closing(Database(settings.database)) as database, explained(database):
        migrate(database, backups=settings.backups)
        with database.session(write) as session:
            yield session


@click.group("launches")
def command() -> None:
    """Launches from the server: how they stand, who may approve them, what was left behind."""


@command.command("list")
def list_() -> None:
    """How many launches are in which state, by platform, and the ids of those that have not ended."""
    with _session() as session:
        counts = Counter((row.platform, row.state) for row in session.execute(select(Launch.platform, Launch.state)))
        active = list(session.scalars(select(Launch.public_id).where(Launch.state.in_(ACTIVE))))
    for (platform, state), count in sorted(counts.items()):
        click.echo(f"{platform:12} {state:12} {count}")
    click.echo(f"{sum(counts.values())} launches{', not ended: ' + ', '.join(active) if active else ''}")


@command.command("orphans")
def orphans_() -> None:
    """What the daily search found on platforms with our tag although no launch accounts for it; exit status 1 if anything."""
    with _session() as session:
        found = orphans(session)
    for item in found:
        click.echo(
            f"{item.platform}  {item.kind}  {item.handle}  launch {item.launch}  last seen {item.seen_at:%Y-%m-%d}"
        )
    click.echo(f"{len(found)} left behind")
    raise SystemExit(1 if found else 0)


@command.command("forget")
@click.argument("launch")
def forget_(launch: str) -> None:
    """End LAUNCH (its id) by your word: make sure yourself that nothing of it costs. For accounts that cannot be signed in to any more."""
    with _session(write=True) as session:
        forget(session, launch)
    click.echo(f"{launch} counts as removed.")


@command.command("new-key")
def new_key() -> None:
    """Make a new key that signs our tokens from now on; the older ones stay published."""
    from app.launch.signin import Issuer  # noqa: PLC0415 -- the other commands start without it

    Issuer(load_settings().data_dir / "issuer", "").rotate()
    click.echo("A new key signs from now on.")


@command.group("approver")
def approver() -> None:
    """People who may approve launches above the limit."""


@approver.command("add")
@click.argument("name")
def add(name: str) -> None:
    """Add NAME, or give NAME a new code. The code is shown this once; hand it over yourself."""
    if not 1 <= len(name.strip()) <= 80:
        raise click.ClickException("A name has 1 to 80 characters.")
    with _session(write=True) as session:
        code = add_approver(session, name.strip())
    click.echo(f"Code of {name.strip()}: {code}")


@approver.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove NAME: the code no longer works."""
    with _session(write=True) as session:
        known = remove_approver(session, name.strip())
    if not known:
        raise click.ClickException(f"There is no approver {name.strip()}.")
    click.echo(f"{name.strip()} can approve no longer.")


@approver.command("list")
def names() -> None:
    """The names of those who may approve."""
    with _session() as session:
        for name in approvers(session):
            click.echo(name)
