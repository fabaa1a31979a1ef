"""Files over the web: who gets them, under which name, and the same bytes again."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from app.store.repository import LinkTerms, create_share_link, open_share_link, report_for
from app.web.api.bodies import SMALL_EXAMPLE
from app.web.services import Services

KINDS = {
    "pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8", "json": "application/json",
}  # fmt: skip


@pytest.fixture
def report_id(client: TestClient) -> str:
    made = client.post("/api/v1/assessments", json=SMALL_EXAMPLE).json()
    return str(client.post(f"/api/v1/assessments/{made['token']}/reports").json()["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_author_gets_every_file(client: TestClient, report_id: str, kind: str) -> None:
    answer = client.get(f"/de/r/{report_id}.{kind}")
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == KINDS[kind]
    name = f"lotse-answers-for-the-service-desk-v1.{kind}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    again = client.get(f"/de/r/{report_id}.{kind}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_each_language_has_its_own_file(client: TestClient, report_id: str) -> None:
    german, english = (client.get(f"/{language}/r/{report_id}.xlsx").content for language in ("de", "en"))
    names = [openpyxl.load_workbook(io.BytesIO(body)).sheetnames[0] for body in (german, english)]
    assert names == ["Zusammenfassung", "Summary"]


@pytest.mark.parametrize("kind", KINDS)
def test_strangers_get_nothing(client: TestClient, services: Services, report_id: str, kind: str) -> None:
    with services.database.session() as session:
        public_id = report_for(session, report_id, None).report.public_id
    assert client.get(f"/de/r/{public_id}.{kind}").status_code == 404
    assert client.get(f"/de/r/{'x' * 43}~1.{kind}").status_code == 404
    assert client.get(f"/de/r/{report_id}0.{kind}").status_code == 404


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_viewers_get_files_only_if_their_link_says_so(
    client: TestClient, services: Services, report_id: str, kind: str, allowed: bool
) -> None:
    with services.database.session(write=True) as session:
        report = report_for(session, report_id, None).report
        link = create_share_link(session, report, _terms(allowed), "t" * 43)
        cookie, public_id = open_share_link(session, link), report.public_id
    client.cookies.set(f"viewer-{public_id}", cookie)
    assert client.get(f"/de/r/{public_id}.{kind}").status_code == (200 if allowed else 403)


def _terms(allow_download: bool) -> LinkTerms:
    return LinkTerms(label="", days=30, allow_download=allow_download, count_opens=False, password_hash=None)


def test_files_of_a_deleted_assessment_are_gone(client: TestClient, report_id: str) -> None:
    assert client.get(f"/de/r/{report_id}.pdf").status_code == 200
    client.delete(f"/api/v1/assessments/{report_id.partition('~')[0]}")
    assert client.get(f"/de/r/{report_id}.pdf").status_code == 404


def test_many_at_once_all_get_the_same_file(client: TestClient, report_id: str) -> None:
    def fetch(_: int) -> Any:
        return client.get(f"/de/r/{report_id}.pdf")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(fetch, range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_pdf_has_a_limit_per_address(make_settings: Any) -> None:
    from app.main import create_app

    application = create_app(make_settings(rate_limit_pdf="2/hour"))
    with TestClient(application) as client:
        token = client.post("/api/v1/assessments", json=SMALL_EXAMPLE).json()["token"]
        name = client.post(f"/api/v1/assessments/{token}/reports").json()["id"]
        answers = [client.get(f"/de/r/{name}.pdf") for _ in range(3)]
    application.state.services.database.close()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
