"""Launches in the database: once per form, approved by who may, and no secret anywhere."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from app.cli import main
from app.errors import Forbidden, NotFound
from app.store.approvers import add_approver, approvers, check_approver
from app.store.db import Database
from app.store.launches import (
    NewLaunch,
    approval_link,
    create_launch,
    forget,
    launch_of,
    launch_to_approve,
    launches_of,
)
from app.store.models import Launch
from app.store.repository import create_assessment, freeze_report
from tests.runs.toy import seen, stored
from tests.store.samples import knowledge, prices, sample_decision


def test_the_same_form_twice_is_one_launch(database: Database) -> None:
    with database.session(write=True) as session:
        assessment, _ = create_assessment(session, "de", {"task_type": "extraction"})
        report = freeze_report(session, assessment, sample_decision(), knowledge(), prices())
        row = {"option": "rag", "platform": "toy", "way": "toy", "spec": {}, "order": "{}", "order_sha256": "0" * 64, "mode": "token", "sign_in": {}, "money": {}, "simulated": False, "needs_approval": False}  # fmt: skip
        first, second = (create_launch(session, report, NewLaunch(public_id=name, **row), "form", {"hours": "3"}) for name in ("a" * 16, "b" * 16))  # type: ignore[arg-type]  # fmt: skip
        assert first is second
        assert launches_of(session, report) == [first]
        assert launch_of(session, report, "a" * 16) is first
        with pytest.raises(NotFound):
            launch_of(session, report, "b" * 16)


def test_the_link_for_the_second_person_is_kept_as_a_hash(database: Database) -> None:
    name = stored(database, approved=False, needs_approval=True)
    with database.session(write=True) as session:
        launch = session.query(Launch).filter_by(public_id=name).one()
        first, second = approval_link(session, launch), approval_link(session, launch)
        assert launch_to_approve(session, second) is launch
        assert second not in str(launch.__dict__)
        with pytest.raises(NotFound):
            launch_to_approve(session, first)


def test_only_the_right_code_approves(database: Database) -> None:
    with database.session(write=True) as session:
        code = add_approver(session, "Frau Meyer")
        assert check_approver(session, "Frau Meyer", code) == "Frau Meyer"
        newer = add_approver(session, "Frau Meyer")
        for name, given in (("Frau Meyer", code), ("Herr Niemand", newer), ("Frau Meyer", "")):
            with pytest.raises(Forbidden):
                check_approver(session, name, given)
        assert approvers(session) == ["Frau Meyer"]


def test_the_command_hands_out_codes(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    call = CliRunner().invoke
    added = call(main, ["launches", "approver", "add", "Frau Meyer"])
    assert added.exit_code == 0
    assert len(added.output.rpartition(": ")[2].strip()) == 16
    assert call(main, ["launches", "approver", "list"]).output == "Frau Meyer\n"
    assert call(main, ["launches", "approver", "remove", "Frau Meyer"]).exit_code == 0
    assert call(main, ["launches", "approver", "remove", "Frau Meyer"]).exit_code == 1
    assert call(main, ["launches", "list"]).output == "0 launches\n"
    assert call(main, ["launches", "new-key"]).exit_code == 0
    assert call(main, ["launches", "forget", "x"]).exit_code == 1
    assert call(main, ["launches", "orphans"]).exit_code == 0


def test_the_operator_can_end_what_nobody_can_reach(database: Database) -> None:
    name = stored(database)
    with database.session(write=True) as session:
        forget(session, name)
        with pytest.raises(NotFound):
            forget(session, name)
    launch = seen(database, name)
    assert (launch.state, launch.events[-1].note) == ("torn_down", "operator")
