"""Reports: frozen, numbered without gaps, recomputable; share links and who gets in."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.errors import Gone, NotFound
from app.store.checks import damaged_reports, lost_snapshots
from app.store.db import Database
from app.store.models import Snapshot
from app.store.repository import (
    LinkTerms,
    Report,
    assessment_by_token,
    create_assessment,
    create_share_link,
    freeze_report,
    knowledge_of,
    open_share_link,
    prices_of,
    report_for,
    reports_of,
    revoke_share_link,
    save_answers,
    share_link_by_token,
    share_links,
    utc_now,
)
from app.store.tokens import new_token
from tests.store.samples import knowledge, prices, sample_decision


@pytest.fixture
def token(database: Database) -> str:
    with database.session(write=True) as session:
        return create_assessment(session, "de", {"task_type": "extraction"})[1]


def freeze(database: Database, token: str, key: str = "") -> int:
    with database.session(write=True) as session:
        assessment = assessment_by_token(session, token)
        return freeze_report(session, assessment, sample_decision(), knowledge(), prices(), key=key).number


def test_a_report_keeps_the_published_bytes_and_what_made_them(database: Database, token: str) -> None:
    freeze(database, token)
    with database.session() as session:
        report = report_for(session, f"{token}~1", None).report
        assert report.decision_json == sample_decision().as_json()
        assert report.decision_sha256 == hashlib.sha256(report.decision_json.encode()).hexdigest()
        assert knowledge_of(session, report) == knowledge()
        assert prices_of(session, report) == prices()
    assert damaged_reports(database) == []
    assert lost_snapshots(database) == 0


def test_a_later_change_leaves_the_report_as_it_was(database: Database, token: str) -> None:
    freeze(database, token)
    with database.session(write=True) as session:
        save_answers(session, assessment_by_token(session, token), {"title": "New"}, 1, "k")
    with database.session() as session:
        assert report_for(session, f"{token}~1", None).report.answers == {"task_type": "extraction"}


def test_numbers_have_no_gaps_under_parallel_work(database: Database, token: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda number: freeze(database, token, f"key {number % 10}"), range(30)))
    assert set(numbers) == set(range(1, 11))
    with database.session() as session:
        assert [report.number for report in reports_of(session, assessment_by_token(session, token))] == list(
            range(1, 11)
        )
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 2


def test_a_changed_report_is_noticed(database: Database, token: str) -> None:
    freeze(database, token)
    with database.session(write=True) as session:
        report = session.scalars(select(Report)).one()
        report.decision_json = report.decision_json.replace("rag", "gar")
        public_id = report.public_id
    assert damaged_reports(database) == [public_id]


@pytest.mark.parametrize("number", ["0", "2", "x", "-1", "१", "1e9", "99999999999999999999"])
def test_other_versions_are_not_found(database: Database, token: str, number: str) -> None:
    freeze(database, token)
    with database.session() as session, pytest.raises(NotFound):
        report_for(session, f"{token}~{number}", None)


def test_viewers_need_the_cookie_of_this_report(database: Database, token: str) -> None:
    freeze(database, token)
    freeze(database, token)
    with database.session(write=True) as session:
        first, second = reports_of(session, assessment_by_token(session, token))
        cookie = open_share_link(
            session, create_share_link(session, first, LinkTerms(allow_download=False), new_token())
        )
    with database.session() as session:
        access = report_for(session, first.public_id, cookie)
        assert (access.author, access.id, access.may_download) == (False, first.public_id, False)
        for public_id, given in ((first.public_id, None), (first.public_id, new_token()), (second.public_id, cookie)):
            with pytest.raises(NotFound):
                report_for(session, public_id, given)


def test_links_end_by_date_and_by_being_revoked(database: Database, token: str) -> None:
    freeze(database, token)
    now = utc_now()
    with database.session(write=True) as session:
        report = report_for(session, f"{token}~1", None).report
        dated, revoked = (create_share_link(session, report, LinkTerms(days=1), name) for name in ("dated", "revoked"))
        cookie = open_share_link(session, revoked)
        revoke_share_link(session, report, revoked.id)
    with database.session() as session:
        assert share_link_by_token(session, "dated", now).id == dated.id
        for name, moment in (("dated", now + timedelta(days=1, seconds=5)), ("revoked", now)):
            with pytest.raises(Gone):
                share_link_by_token(session, name, moment)
        with pytest.raises(Gone):
            report_for(session, report.public_id, cookie)


def test_a_viewing_ends_after_eight_hours(database: Database, token: str) -> None:
    freeze(database, token)
    now = utc_now()
    with database.session(write=True) as session:
        report = report_for(session, f"{token}~1", None).report
        cookie = open_share_link(session, create_share_link(session, report, LinkTerms(), "t"), now)
    with database.session() as session:
        assert (
            report_for(session, report.public_id, cookie, now + timedelta(hours=7, minutes=59)).report.id == report.id
        )
        with pytest.raises(Gone):
            report_for(session, report.public_id, cookie, now + timedelta(hours=8, seconds=1))


def test_opens_are_counted_under_parallel_work_and_only_if_wanted(database: Database, token: str) -> None:
    freeze(database, token)
    with database.session(write=True) as session:
        report = report_for(session, f"{token}~1", None).report
        create_share_link(session, report, LinkTerms(), "counted")
        create_share_link(session, report, LinkTerms(count_opens=False), "silent")

    def open_one(name: str) -> str:
        return database.transact(lambda session: open_share_link(session, share_link_by_token(session, name)))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_one, ["counted", "silent"] * 10))) == 20
    with database.session() as session:
        assert [link.opens for link in share_links(session, report)] == [0, 10]


def test_a_link_lasts_at_most_a_year() -> None:
    for days in (0, 366):
        with pytest.raises(AssertionError):
            LinkTerms(days=days)
