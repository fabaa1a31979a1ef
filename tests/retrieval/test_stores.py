"""The three stores of passages hold to one contract: same hits, rights in the query, replacement, deletion of everything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.launch.pipeline import rest
from app.launch.pipeline.passages import Store
from app.launch.pipeline.records import Document
from app.launch.pipeline.retrieval import open_store
from app.launch.pipeline.search import Index
from app.launch.pipeline.setup import SetupError

if TYPE_CHECKING:
    from bench.postgres import Postgres

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".envs" / "retrieval" / "bin" / "python"
CONFIG = {"language": "de"}
NUMBERS = count()
AXES = ("urlaub", "gehalt", "backup", "reise")
DOCUMENTS = [
    Document(
        "urlaub", "Urlaub", "Sie haben 30 Urlaubstage im Jahr.\n\n" + "Den Urlaub genehmigt die Teamleitung. " * 8
    ),
    Document("gehalt", "Gehalt", "Die Gehaltsrunde ist im November.", ("personal", "leitung")),
    Document("backup", "Backup", "Ein Backup läuft alle sechs Stunden."),
    Document("reise", "Reise", "Belege der Reise reichen Sie in 30 Tagen ein.", ("team o'neill",)),
]


def embed(texts: list[str]) -> list[list[float]]:
    """A toy of vectors: how often each subject is named."""
    return [[0.01 + text.casefold().count(word) for word in AXES] for text in texts]


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("STORE_URL", f"sqlite:{tmp_path}/deep/index.sqlite3")
    return open_store(CONFIG)


@pytest.fixture
def postgresql(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    address = postgres.create()
    monkeypatch.setenv("STORE_URL", address.replace("postgresql+psycopg", "postgresql"))
    store = open_store(CONFIG)
    yield store
    store.close()
    postgres.drop(address)


@pytest.fixture(scope="module")
def qdrant_address() -> Iterator[str]:
    if not PYTHON.is_file():
        pytest.skip(".envs/retrieval is missing; .ci/environments makes it")
    command = [PYTHON, Path(__file__).with_name("qdrant_double.py")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    server.terminate()
    server.stdout.close()
    server.wait(10)


@pytest.fixture
def qdrant(qdrant_address: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("STORE_URL", qdrant_address)
    monkeypatch.setenv("STORE_API_KEY", "store-key")
    monkeypatch.setattr("app.launch.pipeline.store_qdrant.COLLECTION", f"test_{next(NUMBERS)}")
    return open_store(CONFIG)


STORES = ["sqlite", "postgresql", pytest.param("qdrant", marks=pytest.mark.training)]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


def filled(store: Store) -> Index:
    index = Index(store, embed)
    for document in DOCUMENTS:
        index.add(document, 20, 4)
    return index


def test_hits_follow_words_and_meaning(store: Store) -> None:
    index = filled(store)
    assert index.find("Wann läuft ein Backup?", 1)[0].document == "backup"
    assert store.by_words("Urlaubstage", (), 3)[0].text.startswith("Sie haben 30 Urlaubstage")
    assert [hit.document for hit in store.by_vector(embed(["Backup"])[0], (), 1)] == ["backup"]
    assert {hit.document for hit in index.all()} == {"urlaub", "backup"}
    assert [hit.place for hit in index.all() if hit.document == "urlaub"] == list(range(store.count("urlaub")))


@pytest.mark.parametrize(
    ("groups", "readable"),
    [
        ((), {"urlaub", "backup"}),
        (("personal",), {"urlaub", "backup", "gehalt"}),
        (("andere", "leitung"), {"urlaub", "backup", "gehalt"}),
        (("team o'neill", "personal"), {"urlaub", "backup", "gehalt", "reise"}),
        (("'; drop table chunk; --", "{}", "*", ""), {"urlaub", "backup"}),
    ],
)
def test_rights_are_part_of_every_query(store: Store, groups: tuple[str, ...], readable: set[str]) -> None:
    index = filled(store)
    question = "Urlaub Gehaltsrunde Backup Reise Belege November"
    assert {hit.document for hit in index.all(groups)} == readable
    assert {hit.document for hit in store.by_words(question, groups, 20)} == readable
    assert {hit.document for hit in store.by_vector(embed([question])[0], groups, 20)} == readable
    assert {hit.document for hit in index.find(question, 20, groups)} == readable


def test_a_reader_of_few_documents_still_gets_hits(store: Store) -> None:
    index = Index(store, embed)
    for number in range(60):
        index.add(Document(f"geheim{number}", "Urlaub", "Urlaub Urlaub Urlaub.", ("vorstand",)), 20, 4)
    index.add(Document("offen", "Reise", "Auf der Reise ist auch einmal Urlaub."), 20, 4)
    assert [hit.document for hit in index.find("Urlaub", 3)] == ["offen"]


def test_a_document_taken_in_again_leaves_nothing_behind(store: Store) -> None:
    index = filled(store)
    before = store.count()
    index.add(Document("urlaub", "Urlaub", "Es sind 28 Tage.", ("neu",)), 20, 4)
    assert store.count("urlaub") == 1 < before
    assert "urlaub" not in {hit.document for hit in index.find("Urlaub Urlaubstage Teamleitung", 20)}
    assert [hit.text for hit in index.all(("neu",)) if hit.document == "urlaub"] == ["Es sind 28 Tage."]


def test_deletion_removes_everything(store: Store) -> None:
    index = filled(store)
    for document in DOCUMENTS:
        index.delete(document.id)
        assert store.count(document.id) == 0
    index.delete("nie da gewesen")
    everyone = ("personal", "leitung", "team o'neill")
    assert store.count() == 0
    assert index.find("Urlaub Gehaltsrunde Backup Reise", 20, everyone) == index.all(everyone) == []


def test_other_embeddings_are_refused(store: Store) -> None:
    filled(store)
    with pytest.raises(SetupError):
        store.by_vector([1.0, 2.0], (), 3)


def test_any_text_is_a_question(store: Store) -> None:
    index = filled(store)
    for question in ('"', "*", "a OR", "Urlaub' --", "NEAR(", "", "ü" * 2000, "a & | !b", "\\", "%s %(x)s {}"):
        index.find(question, 3)


def test_all_stores_find_the_same(request: pytest.FixtureRequest) -> None:
    questions = ("Wie viele Urlaubstage?", "Wann ist die Gehaltsrunde?", "Backup", "Belege der Reise")
    found = {}
    for name in ("sqlite", "postgresql"):
        index = filled(request.getfixturevalue(name))
        found[name] = [index.find(question, 1, ("personal", "team o'neill")) for question in questions]
    assert found["sqlite"] == found["postgresql"]
    assert [hits[0].document for hits in found["sqlite"]] == list(AXES)


def test_many_ask_at_once(store: Store) -> None:
    index = filled(store)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: index.find("Wann läuft ein Backup?", 1), range(40)))
    assert {hits[0].document for hits in found} == {"backup"}


def test_several_services_may_start_on_one_database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    address = postgres.create()
    monkeypatch.setenv("STORE_URL", address.replace("postgresql+psycopg", "postgresql"))
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(CONFIG), range(4)))
        list(pool.map(filled, stores))
    assert stores[0].count("backup") == 1
    for store in stores:
        store.close()
    postgres.drop(address)


def test_postgresql_keeps_what_it_was_given(postgresql: Store) -> None:
    filled(postgresql).delete("urlaub")
    again = open_store(CONFIG)
    assert (again.count("urlaub"), again.count("backup")) == (0, 1)
    again.close()


def test_a_failure_to_connect_hides_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", "postgresql://user:canary-secret@127.0.0.1:1/none")
    with pytest.raises(SetupError) as failure:
        open_store(CONFIG)
    assert "canary-secret" not in str(failure.value)


def test_a_lost_connection_is_made_again(postgresql: Store, postgres: Postgres) -> None:
    index = filled(postgresql)
    name = postgresql.connection.info.dbname  # type: ignore[attr-defined]
    postgres.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    assert index.find("Backup", 1)[0].document == "backup"


@pytest.mark.parametrize("address", ["ftp://x", "mysql://x", "http://example.org"])
def test_an_unsafe_or_unknown_store_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", address)
    monkeypatch.setattr(rest, "RETRIES", ())
    with pytest.raises(SetupError, match="STORE_URL"):
        open_store(CONFIG).count()
