"""`lotse backup`, `restore`, `doctor`, `cleanup`: what an operator needs besides the server."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from app.errors import AppError
from app.settings import Settings, load_settings
from app.store import sqlite
from app.store.backup import backup as write_backup
from app.store.backup import delete_old_backups
from app.store.checks import damaged_reports, file_problem, lost_snapshots, size_of
from app.store.db import Database, explained
from app.store.migrate import at_head, migrate
from app.store.repository import clean, utc_now
from app.store.restore import holds_data
from app.store.restore import restore as read_backup

FILE = click.Path(dir_okay=False, path_type=Path)
LEAST_FREE_DISK = 0.05


@contextmanager
def _database(settings: Settings, migrated: bool = True) -> Iterator[Database]:
    with closing(Database(settings.database)) as database, explained(database):
        if migrated:
            migrate(database, backups=settings.backups)
        yield database


@click.command("backup")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Overwrite the file if it exists.")
def backup(file: Path, yes: bool) -> None:
    """Write everything in the database to one file, while the server may go on."""
    if file.exists() and not yes:
        raise click.ClickException(f"{file} exists; name another file, or overwrite it with --yes.")
    with _database(load_settings()) as database:
        rows = write_backup(database, file)
    click.echo(
        f"{rows} rows written to {file} ({file.stat().st_size / 1e6:.1f} MB). It holds all answers: keep it safe."
    )


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Replace what is in the database now.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the place of everything in the database. Stop the server first."""
    with _database(load_settings(), migrated=False) as database:
        if not yes and holds_data(database):
            raise click.ClickException("The database is not empty; replace everything in it with --yes.")
        rows = read_backup(database, file)
    click.echo(f"{rows} rows restored from {file}.")


@click.command("cleanup")
def cleanup() -> None:
    """Delete drafts and reports that have outlived their time. The server does this once a day by itself."""
    settings = load_settings()
    with _database(settings) as database:
        deleted = clean(database, utc_now(), settings.draft_days, settings.report_days)
        delete_old_backups(settings.backups, utc_now())
    click.echo(f"Deleted: {deleted.drafts} drafts, {deleted.reported} assessments with reports.")


@click.command("doctor")
def doctor() -> None:
    """Check this installation: one line for each point, exit status 1 if one is wrong."""
    settings = load_settings()
    sound = [_report(name, check, settings) for name, check in CHECKS.items()]
    sys.exit(0 if all(sound) else 1)


def _report(name: str, check: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        click.echo(f"ok     {name}: {check(settings)}")
    except Exception as error:  # noqa: BLE001 -- whatever is wrong, the other checks go on
        says = error.says if isinstance(error, AppError) else str(error).partition("\n")[0]
        click.echo(f"WRONG  {name}: {says}")
        return False
    return True


class _Wrong(AppError):
    """A check that failed."""

    code, title = "wrong", "This is wrong"


def _python(settings: Settings) -> str:
    return platform.python_version()


def _sqlite(settings: Settings) -> str:
    module = sqlite.driver()
    if settings.database_url is None and sqlite.journal_mode(module) != "WAL":
        raise _Wrong(
            detail="SQLite {version} has a bug in WAL mode.", mend="Install pysqlite3.", version=module.sqlite_version
        )
    return f"{module.sqlite_version} ({module.__name__.partition('.')[0]})"


def _reachable(settings: Settings) -> str:
    with _database(settings, migrated=False) as database:
        size = size_of(database)
        if problem := file_problem(database):
            raise _Wrong(detail="The file is damaged: {problem}.", mend="Restore the last backup.", problem=problem)
    return f"{database.url.get_backend_name()}, {size / 1e6:.1f} MB"


def _migrations(settings: Settings) -> str:
    with _database(settings, migrated=False) as database:
        if not at_head(database):
            raise _Wrong(detail="The schema is not current.", mend="Start the server once: it brings it up to date.")
    return "current"


def _reports(settings: Settings) -> str:
    with _database(settings, migrated=False) as database:
        damaged, lost = damaged_reports(database), lost_snapshots(database)
    if damaged or lost:
        raise _Wrong(
            detail="{damaged} reports were changed after they were frozen, {lost} cannot be recomputed.",
            mend="Restore the last backup.",
            damaged=len(damaged),
            lost=lost,
        )
    return "unchanged since they were frozen"


def _knowledge(settings: Settings) -> str:
    from app.knowledge import load_knowledge  # noqa: PLC0415

    knowledge = load_knowledge()
    return f"{len(knowledge.rules)} rules, {len(knowledge.questions)} questions, hash {knowledge.hash[:12]}"


def _prices(settings: Settings) -> str:
    from app.knowledge import load_knowledge  # noqa: PLC0415
    from app.prices import price_book  # noqa: PLC0415

    book = price_book(load_knowledge(), datetime.now(UTC).date(), settings.data_dir, settings.own_prices)
    if not book.prices:
        raise _Wrong(detail="There are no prices.", mend="Install Lotse again.")
    stale = sum(price.stale for price in book.prices.values())
    return f"{len(book.prices)}, of them {stale} checked more than 30 days ago (lotse prices stale)"


def _fonts(settings: Settings) -> str:
    from app.web import static  # noqa: PLC0415

    folders = (static.FOLDER / "fonts", static.FOLDER.parent / "templates" / "pdf" / "fonts")
    counts = [
        len([file for file in folder.rglob("*") if file.suffix in (".woff2", ".ttf", ".otf")]) for folder in folders
    ]
    if not all(counts):
        raise _Wrong(detail="Fonts of the pages or of the PDF are missing.", mend="Install Lotse again.")
    return f"{counts[0]} for pages, {counts[1]} for PDF files"


def _disk(settings: Settings) -> str:
    usage = shutil.disk_usage(settings.data_dir)
    share = usage.free / usage.total
    if share < LEAST_FREE_DISK:
        raise _Wrong(detail="Only {share} of the disk is free.", mend="Make room.", share=f"{share:.0%}")
    return f"{share:.0%} free"


CHECKS: dict[str, Callable[[Settings], str]] = {
    "Python": _python,
    "SQLite": _sqlite,
    "database": _reachable,
    "migrations": _migrations,
    "reports": _reports,
    "knowledge": _knowledge,
    "prices": _prices,
    "fonts": _fonts,
    "disk": _disk,
}
commands = [backup, restore, doctor, cleanup]
