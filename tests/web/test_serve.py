"""The server as an operator meets it: its first sentence, its mistakes, how it stops, what it survives."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from app.cli import main
from bench.kill import run
from bench.server import Server, served
from tests.conftest import BACKENDS


def test_it_says_where_it_is_answers_and_stops_in_time(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        assert server.output[0].startswith("Lotse runs at http://127.0.0.1:")
        answer = httpx2.get(f"{server.url}/de/")
        assert answer.status_code == 200
        assert "server" not in answer.headers
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 20
    lines = [json.loads(line) for line in server.output[1:]]
    assert [line["route"] for line in lines if line["event"] == "request"] == ["/"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        made = httpx2.post(f"{server.url}/de/a", data={"key": "k" * 22})
        address = made.headers["location"]
    secret = (tmp_path / "secret").read_text()
    with served(tmp_path) as server:
        assert httpx2.get(server.url + address, follow_redirects=True).status_code == 200
        assert httpx2.post(f"{server.url}/de/a", data={"key": "k" * 22}).headers["location"] == address
    assert (tmp_path / "secret").read_text() == secret


def test_it_finishes_what_it_began(tmp_path: Path) -> None:
    """Requests under way when it is asked to stop are answered."""
    answers: list[int] = []
    with served(tmp_path) as server:

        def work() -> None:
            with httpx2.Client(base_url=server.url, timeout=20) as client:
                while True:
                    try:
                        answers.append(client.post("/de/a", data={"key": str(len(answers))}).status_code)
                    except httpx2.NetworkError:
                        return  # stopped between two requests
                    except httpx2.RemoteProtocolError:
                        return  # an idle connection was closed

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60
        while len(answers) <= 10 and time.monotonic() < end:
            time.sleep(0.02)
        assert server.stop() == 0
        for thread in threads:
            thread.join(10)
    assert len(answers) > 10
    assert set(answers) == {303}


def test_two_processes_serve_one_address(tmp_path: Path) -> None:
    with served(tmp_path, workers=2) as server:
        made = [httpx2.post(f"{server.url}/de/a", data={"key": f"{n}"}) for n in range(20)]
        assert {answer.status_code for answer in made} == {303}
        pages = [httpx2.get(server.url + answer.headers["location"], follow_redirects=True) for answer in made]
        assert {page.status_code for page in pages} == {200}
        metrics = httpx2.get(f"{server.url}/metrics").text
    assert 'lotse_requests_total{method="POST",route="/a",status="303"} 20.0' in metrics, "counted over both processes"


def test_two_hosts_share_one_postgresql(tmp_path: Path, new_database: Callable[..., str]) -> None:
    """Two installations with nothing in common but the database and the secret: each goes on where the other was."""
    url = new_database("postgresql")
    same = {"LOTSE_SECRET": "s" * 40, "LOTSE_RATE_LIMIT_CREATE": "3/hour"}
    with served(tmp_path / "one", url, **same) as one, served(tmp_path / "two", url, **same) as two:
        made = [httpx2.post(f"{server.url}/de/a", data={"key": "one form"}) for server in (one, two)]
        assert made[0].headers["location"] == made[1].headers["location"]
        page = made[0].headers["location"] + "/sector"
        for version, server in enumerate((one, two), start=1):
            form = {
                "sector": "none",
                "title": f"Version {version}",
                "organisation": "Hafen",
                "key": f"{version}",
                "version": f"{version}",
            }
            assert httpx2.post(server.url + page, data=form).status_code == 303
        assert all("Version 2" in httpx2.get(server.url + page).text for server in (one, two))
        assert [httpx2.post(f"{server.url}/de/a").status_code for server in (one, two)] == [303, 429]


def test_a_port_in_use_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(main, ["serve", "--port", str(taken.getsockname()[1])])
    assert result.exit_code == 1
    assert result.output.startswith("lotse: Cannot listen on 127.0.0.1:")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOTSE_DRAFT_DAYS", "many"),
        ("LOTSE_SECRET", "short"),
        ("LOTSE_DEFAULT_LANGUAGE", "fr"),
        ("LOTSE_RATE_LIMIT_PDF", "x"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(variable, value)
    result = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert result.exit_code == 1
    assert result.output.startswith("lotse: ")
    assert variable in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "mysql://x/y", "nonsense"])
def test_a_wrong_database_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    result = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert result.exit_code == 1
    assert result.output.startswith("lotse: DATABASE_URL")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_confirmed_is_lost_when_it_is_killed(
    backend: str, tmp_path: Path, new_database: Callable[..., str]
) -> None:
    url = None if backend == "sqlite" else new_database(backend)
    result = run(tmp_path, url, cycles=3, writers=3, seconds=0.5)
    assert result.confirmed > 20
    assert (result.lost, result.repeated, result.problem) == (0, 0, "")


def test_the_commands_of_an_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path / "data"))
    with served(tmp_path / "data") as server:
        made = httpx2.post(f"{server.url}/de/a", data={"key": "k"}).headers["location"]
        backup = CliRunner().invoke(main, ["backup", str(tmp_path / "b.gz")])
        assert backup.exit_code == 0, backup.output
    assert CliRunner().invoke(main, ["backup", str(tmp_path / "b.gz")]).exit_code == 1
    assert CliRunner().invoke(main, ["cleanup"]).output == "Deleted: 0 drafts, 0 assessments with reports.\n"
    doctor = CliRunner().invoke(main, ["doctor"])
    assert doctor.exit_code == 0, doctor.output
    assert "WRONG" not in doctor.output
    refused = CliRunner().invoke(main, ["restore", str(tmp_path / "b.gz")])
    assert (refused.exit_code, "--yes" in refused.output) == (1, True)
    assert CliRunner().invoke(main, ["restore", str(tmp_path / "b.gz"), "--yes"]).exit_code == 0
    with served(tmp_path / "data") as server:
        assert httpx2.get(server.url + made, follow_redirects=True).status_code == 200


def test_doctor_names_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    (tmp_path / "lotse.sqlite3").write_bytes(b"this is no database" * 1000)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "WRONG  database" in result.output


def test_a_server_that_cannot_start_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="LOTSE_DRAFT_DAYS"):
        Server(tmp_path, LOTSE_DRAFT_DAYS="x")
