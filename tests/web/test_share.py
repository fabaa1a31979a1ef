"""Share links from making one to its end: nothing on GET, no token anywhere but in its address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, text

from app.main import create_app
from app.settings import Settings
from app.store import passwords
from app.store.models import ShareLink
from app.store.repository import create_assessment, freeze_report, utc_now
from app.web.services import Services
from tests.conftest import BACKENDS
from tests.store.samples import knowledge, prices, sample_decision
from tests.user import User


@pytest.fixture
def author(user: User) -> User:
    """The author, looking at the share page of a new report."""
    return user.open(f"/de/r/{new_report(user.client)}/share")


def new_report(client: TestClient) -> str:
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", {"task_type": "extraction", "title": "Geheimes Vorhaben"})
        freeze_report(session, assessment, sample_decision(), knowledge(), prices())
    return f"{token}~1"


def make_link(author: User, **fields: Any) -> str:
    """The path of a new link as it stands on the page."""
    author.submit("Link erstellen", **fields)
    value = author.response.text.split('id="address" value="')[1].split('"')[0]  # type: ignore[union-attr]
    return value.removeprefix("http://testserver")


def visitor(author: User) -> TestClient:
    """Another browser on the same program."""
    return TestClient(author.client.app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)


def opened(client: TestClient, link: str, **data: str) -> str:
    """Opens a link with its button; the address it leads to."""
    response = client.post(link, data=data)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def links(client: TestClient) -> list[ShareLink]:
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session() as session:
        return list(session.scalars(select(ShareLink).order_by(ShareLink.id)))


def change_link(client: TestClient, **values: Any) -> None:
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        link = session.scalars(select(ShareLink)).one()
        for name, value in values.items():
            setattr(link, name, value)


def test_the_author_makes_a_link_and_a_reader_opens_it(author: User) -> None:
    author.sees("Diesen Bericht teilen", "Es gibt noch keinen Link.")
    link = make_link(author, label="Vorstand")
    author.sees("Ihr Link ist fertig", "Vorstand")
    reader = visitor(author)
    page = reader.get(link)
    assert page.status_code == 200
    assert "Geheimes Vorhaben" not in page.text
    target = opened(reader, link)
    assert target.startswith("/de/r/")
    assert "~" not in target
    report = reader.get(target)
    assert report.status_code == 200
    assert "Geheimes Vorhaben" in report.text
    author.open(author.address).sees("Vorstand", "Zuletzt geöffnet")
    assert [link.opens for link in links(author.client)] == [1]


def test_the_cookie_is_narrow(author: User) -> None:
    reader = visitor(author)
    cookie = reader.post(make_link(author)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=28800" in cookie
    assert cookie.startswith("viewer-")


def test_over_https_the_cookie_is_bound_to_the_host(make_settings: Callable[..., Settings]) -> None:
    with TestClient(create_app(make_settings(public_url="https://lotse.example.org"))) as client:
        author = User(client).open(f"/de/r/{new_report(client)}/share")
        link = make_link(author)
        assert link.startswith("https://lotse.example.org/de/s/")
        cookie = visitor(author).post(link.removeprefix("https://lotse.example.org")).headers["set-cookie"]
    assert cookie.startswith("__Host-viewer-")
    assert "Secure" in cookie
    assert "Path=/;" in cookie


def test_scanners_change_nothing(author: User) -> None:
    link = make_link(author)
    scanner = visitor(author)
    for _ in range(20):
        for response in (scanner.get(link), scanner.head(link)):
            assert response.status_code == 200
            assert "set-cookie" not in response.headers
    assert links(author.client)[0].opens == 0


def test_without_the_cookie_the_report_stays_closed(author: User) -> None:
    target = opened(visitor(author), make_link(author))
    for suffix in ("", ".pdf", ".json", ".xlsx", "/share", "/what-if"):
        assert visitor(author).get(target + suffix).status_code == 404, suffix


def test_a_reader_is_not_the_author(author: User) -> None:
    reader = visitor(author)
    target = opened(reader, make_link(author))
    assert reader.get(f"{target}/share").status_code == 404
    assert reader.post(f"{target}/share", data={"days": "30"}).status_code == 404
    assert reader.post(f"{target}/share/1/revoke").status_code == 404
    assert links(author.client)[0].revoked_at is None


def test_files_only_if_the_link_allows_them(author: User) -> None:
    allowed, closed = visitor(author), visitor(author)
    target = opened(allowed, make_link(author))
    assert allowed.get(f"{target}.json").status_code == 200
    assert opened(closed, make_link(author, allow_download=None)) == target
    assert closed.get(target).status_code == 200
    for suffix in (".json", ".pdf", ".xlsx", ".csv"):
        assert closed.get(target + suffix).status_code == 403, suffix


def test_revoking_works_at_once(author: User) -> None:
    link = make_link(author)
    reader = visitor(author)
    target = opened(reader, link)
    author.open(author.address).submit("Widerrufen").sees("Widerrufen")
    for response in (reader.get(target), reader.get(link), reader.post(link)):
        assert response.status_code == 410


@pytest.mark.parametrize("backend", BACKENDS)
def test_revoking_works_at_once_in_every_process(make_settings: Callable[..., Settings], backend: str) -> None:
    """The other process has kept the page; it shows it to nobody who has lost the right."""
    settings = make_settings(backend=backend)
    headers = {"Sec-Fetch-Site": "same-origin"}
    with TestClient(create_app(settings), headers=headers) as one, TestClient(create_app(settings)) as other:
        author = User(one).open(f"/de/r/{new_report(one)}/share")
        link, reader = make_link(author), visitor(User(other))
        target = opened(reader, link)
        assert [reader.get(target).status_code for _ in range(2)] == [200, 200]
        assert links(one)[0].opens == 1
        author.open(author.address).submit("Widerrufen")
        assert reader.get(target).status_code == 410


def test_an_expired_link_is_gone(author: User) -> None:
    link = make_link(author, days=1)
    reader = visitor(author)
    target = opened(reader, link)
    change_link(author.client, expires_at=utc_now() - timedelta(seconds=1))
    for response in (reader.get(target), reader.get(link), reader.post(link)):
        assert response.status_code == 410
    author.open(author.address).sees("Abgelaufen")


@pytest.mark.parametrize("token", ["x" * 43, "x", "..%2f..", "%00", "x" * 200])
def test_an_unknown_link_is_not_found(author: User, token: str) -> None:
    assert visitor(author).get(f"/de/s/{token}").status_code == 404
    assert visitor(author).post(f"/de/s/{token}").status_code == 404


def test_the_same_form_twice_makes_one_link(author: User) -> None:
    fields = {"key": author.form("Link erstellen").fields["key"][0], "days": "30"}
    address = author.address
    pages = [author.client.post(address, data=fields).text for _ in range(3)]
    shown = {page.split('id="address" value="')[1].split('"')[0] for page in pages}
    assert len(shown) == len(links(author.client)) == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"days": ""}, "1 bis 365"),
        ({"days": "0"}, "1 bis 365"),
        ({"days": "366"}, "1 bis 365"),
        ({"days": "1.5"}, "1 bis 365"),
        ({"days": "9" * 30}, "1 bis 365"),
        ({"days": "٣"}, "1 bis 365"),
        ({"label": "x" * 121}, "120 Zeichen"),
        ({"password": "short"}, "8 bis 128 Zeichen"),
        ({"password": "x" * 129}, "8 bis 128 Zeichen"),
    ],
)
def test_mistakes_are_named_and_nothing_is_lost(author: User, fields: dict[str, str], says: str) -> None:
    author.submit("Link erstellen", expect=422, **{"label": "Für Anna", **fields}).sees(says)
    assert author.form("Link erstellen").fields["label"] == [fields.get("label", "Für Anna")]
    assert links(author.client) == []


def try_password(client: TestClient, link: str, password: str) -> Response:
    return client.post(link, data={"password": password})


def test_a_password_is_asked_for_and_five_wrong_ones_are_enough(author: User) -> None:
    link = make_link(author, password="Hafen 12, Kai 4")
    reader = visitor(author)
    assert "Passwort" in reader.get(link).text
    statuses = [try_password(reader, link, guess).status_code for guess in ("", "x", "hafen 12, kai 4", "Hafen", "y")]
    assert statuses == [403] * 5
    refused = try_password(reader, link, "Hafen 12, Kai 4")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert links(author.client)[0].opens == 0


def test_the_author_learns_of_wrong_passwords(author: User) -> None:
    link = make_link(author, password="Hafen 12, Kai 4", label="Vorstand")
    try_password(visitor(author), link, "wrong")
    author.open(author.address).sees("Falsche Passwörter", "„Vorstand“", "einmal ein falsches Passwort")
    for _ in range(5):
        try_password(visitor(author), link, "wrong")
    author.open(author.address).sees("5-mal ein falsches Passwort")  # the sixth was not looked at
    assert links(author.client)[0].last_wrong_at is not None
    author.submit("Widerrufen")
    assert "Falsche Passwörter" not in author.open(author.address).response.text  # type: ignore[union-attr]


def test_an_unknown_link_costs_as_much_time_as_a_wrong_password(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work is done, so the time tells nothing; and it is limited in the same way."""
    looked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hashed: str | bytes, password: str | bytes) -> Literal[True]:
            looked.append(str(hashed).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hashed, password)

    link, gone = make_link(author, password="Hafen 12, Kai 4"), make_link(author)
    author.open(author.address).submit("Widerrufen")  # the newest stands first
    monkeypatch.setattr(passwords, "HASHER", Watched())
    reader = visitor(author)
    addresses = [link, gone, "/de/s/" + "x" * 43]
    assert [try_password(reader, address, "wrong").status_code for address in addresses] == [403, 410, 404]
    assert len(looked) == 3
    assert len(set(looked)) == 1, "all with the same parameters"
    assert [try_password(reader, addresses[-1], "wrong").status_code for _ in range(3)] == [404, 404, 429]


def test_right_passwords_do_not_count_as_tries(author: User) -> None:
    link = make_link(author, password="Hafen 12, Kai 4")
    for _ in range(7):
        opened(visitor(author), link, password="Hafen 12, Kai 4")
    assert links(author.client)[0].opens == 7
    assert str(links(author.client)[0].password_hash).startswith("$argon2id$")


def test_opens_are_not_counted_if_the_author_does_not_want_it(author: User) -> None:
    link = make_link(author, count_opens=None)
    reader = visitor(author)
    assert "wie oft" not in reader.get(link).text
    opened(reader, link)
    assert links(author.client)[0].opens == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_token_leaves_its_address(
    make_settings: Callable[..., Settings], backend: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The whole flow, then a byte search through database, logs, metrics, errors and pages of others."""
    settings = make_settings(backend=backend, log_level="DEBUG")
    with TestClient(create_app(settings), headers={"Sec-Fetch-Site": "same-origin"}) as client:
        report = new_report(client)
        author = User(client).open(f"/de/r/{report}/share")
        link = make_link(author, password="Hafen 12, Kai 4")
        reader = visitor(author)
        try_password(reader, link, "wrong password")
        target = opened(reader, link, password="Hafen 12, Kai 4")
        seen = [reader.get(target).text, reader.get(f"{target}.json").text, client.get("/metrics").text]
        author.open(author.address).submit("Widerrufen")
        seen += [author.response.text if author.response else "", reader.get(target).text, reader.post(link).text]
        seen += [reader.get(f"/nowhere/{link}").text, dump(client.app.state.services)]  # type: ignore[attr-defined]
        secrets = {
            "author": report.partition("~")[0],
            "share": link.rpartition("/")[2],
            "cookie": next(iter(reader.cookies.values())),
        }
    seen += [capfd.readouterr().out, *files(tmp_path)]
    for name, secret in {**secrets, "password": "Hafen 12, Kai 4"}.items():
        allowed = 1 if name == "author" else 0  # the author's own page holds the author's own address
        assert sum(secret in place for place in seen) == allowed, name


def dump(services: Services) -> str:
    """Every row of every table as text."""
    with services.database.session() as session:
        names = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if services.database.is_sqlite
            else ("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        tables = session.scalars(text(names)).all()
        return "".join(str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))


def files(folder: Path) -> Iterator[str]:
    """Every file of the data folder; SQLite's own files too."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("latin-1")
