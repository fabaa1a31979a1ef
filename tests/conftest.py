"""What all tests share: databases of both kinds, the program, a user, a server for browsers. No network but loopback."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts

from app.settings import Settings
from app.store.db import Database
from app.store.migrate import migrate

if TYPE_CHECKING:  # loaded only by the tests that need them: most tests need neither the web nor PostgreSQL
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from app.web.services import Services
    from bench.postgres import Postgres
    from tests.user import User

BACKENDS = ("sqlite", "postgresql")
ROOT = Path(__file__).parents[1]
# A shared machine is sometimes slow: an example may take its time, and is never a failure for that.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on", choices=BACKENDS, default="sqlite", help="database for the tests that do not run on both")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Models and vendors' validators come first, for they take longest: then two processes end at about the same time."""
    items.sort(key=lambda item: not (item.get_closest_marker("training") or item.get_closest_marker("vendor")))


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for all tests."""
    from bench.postgres import postgres_server

    with postgres_server(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The address of a migrated, empty database of a kind, to copy from."""
    made: dict[str, str] = {}

    def template(backend: str) -> str:
        if backend not in made:
            file = tmp_path_factory.mktemp("template") / "lotse.sqlite3"
            made[backend] = f"sqlite:///{file}" if backend == "sqlite" else request.getfixturevalue("postgres").create()
            database = Database(made[backend])
            migrate(database)
            database.close()
        return made[backend]

    return template


@pytest.fixture
def new_database(
    templates: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Makes a database: `new_database("sqlite")`, or an empty one without tables with `migrated=False`."""
    dropped: list[str] = []

    def make(backend: str, migrated: bool = True) -> str:
        if backend == "sqlite":
            file = tmp_path / f"store{len(list(tmp_path.glob('store*')))}" / "lotse.sqlite3"
            file.parent.mkdir()
            if migrated:
                shutil.copy(templates(backend).removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres")
        dropped.append(server.create(templates(backend).rpartition("/")[2].split("?")[0] if migrated else "template1"))
        return dropped[-1]

    yield make
    for url in dropped:
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> Iterator[Database]:
    """A migrated, empty database; each test that uses it runs on SQLite and on PostgreSQL."""
    opened = Database(new_database(request.param))
    yield opened
    opened.close()


@pytest.fixture
def make_settings(
    tmp_path: Path, new_database: Callable[..., str], request: pytest.FixtureRequest
) -> Callable[..., Settings]:
    """Settings that know nothing of the environment; keywords change single ones."""

    def make(**changes: Any) -> Settings:
        backend = changes.pop("backend", request.config.getoption("--on"))
        given = {
            "data_dir": tmp_path / "data", "DATABASE_URL": new_database(backend), "secret": "s" * 40,
            "rate_limit_create": "1000/hour", "rate_limit_pdf": "1000/hour", **changes,
        }  # fmt: skip
        return Settings(_env_file=None, **given)

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """The usual settings."""
    return make_settings()


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The whole program on a database of its own."""
    from app.main import create_app

    application = create_app(settings)
    yield application
    application.state.services.database.close()


@pytest.fixture
def services(app: FastAPI) -> Services:
    """What the program's requests share: settings, knowledge, prices, database."""
    found: Services = app.state.services
    return found


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Speaks to the program like a browser that comes from our own pages."""
    from fastapi.testclient import TestClient

    with TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}) as opened:
        yield opened


@pytest.fixture
def user(client: TestClient) -> User:
    """A person with a browser without JavaScript."""
    from tests.user import User

    return User(client)


@dataclass(frozen=True)
class LiveServer:
    """A running server."""

    url: str
    services: Services


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The program on a free loopback port, for real browsers; one for all tests."""
    import uvicorn

    from app.main import create_app

    folder = tmp_path_factory.mktemp("live")
    limits = {"rate_limit_create": "10000/hour", "rate_limit_pdf": "10000/hour"}
    application = create_app(Settings(_env_file=None, data_dir=folder, DATABASE_URL=None, secret="s" * 40, **limits))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield LiveServer(f"http://127.0.0.1:{listener.getsockname()[1]}", application.state.services)
        server.should_exit = True
        thread.join(10)
