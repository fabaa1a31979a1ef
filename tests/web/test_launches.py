"""Launches as people meet them: form, approval by one or two, progress, removal; and what never shows a secret."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.launch.control import ControlInfo, controls
from app.launch.platform import platforms
from app.main import create_app
from app.settings import Settings
from app.store.approvers import add_approver
from app.store.launch_states import ACTIVE, TRANSITIONS
from app.store.models import Launch, LaunchEvent
from app.store.repository import create_assessment, utc_now
from app.web.launch_form import read_secret
from app.web.report import freeze_present
from app.web.services import Services
from tests.launch.fakes.cloud import Cloud, running
from tests.launch.test_pages import new_report
from tests.launch.toy_platform import OPTION, PLATFORM, SECRET, answer, toy_platform
from tests.runs.toy import Clock
from tests.user import User
from tests.web.test_share import dump, files

BASE = "http://localhost"  # a pasted token is taken from this machine and over https alone


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(answer) as found:
        yield found


@pytest.fixture
def place(cloud: Cloud, tmp_path: Path) -> Iterator[None]:
    with toy_platform(tmp_path / "platforms"):
        yield


@pytest.fixture
def browse(make_settings: Callable[..., Settings], cloud: Cloud, place: None) -> Iterator[Callable[..., User]]:
    """Opens the form of a new report in an installation with these settings. Nothing works in the background."""
    opened: list[Services] = []

    def make(language: str = "en", persona: str = "support", base: str = BASE, **changes: Any) -> User:
        given = {"launch_endpoints": f"toy={cloud.url}", "rate_limit_launch": "1000/hour", **changes}
        app = create_app(make_settings(**given))
        opened.append(app.state.services)
        client = TestClient(app, base_url=base, headers={"Sec-Fetch-Site": "same-origin"})
        report = new_report(client, persona)
        return User(client).open(f"{base}/{language}{report}/launch/{PLATFORM}", option=OPTION)

    yield make
    for services in opened:
        services.database.close()


def services_of(user: User) -> Services:
    found: Services = user.client.app.state.services  # type: ignore[attr-defined]
    return found


def fill(user: User, expect: int = 200, button: str = "Check and show the order", **changes: Any) -> User:
    """Opens the form and sends it with a pasted token, or with other fields."""
    if "/start" not in user.address:
        user.follow("Hier starten" if "/de/" in user.address else "Launch here")
    return user.submit(button, expect, **{"mode": "token", "entry-project": "my-project", "secret-token": SECRET, **changes})  # fmt: skip


def drive(user: User, until: tuple[str, ...]) -> Launch:
    """Lets the runner work, and time pass, until the only launch is in one of these states."""
    runner = services_of(user).runner
    clock = runner.clock = Clock(utc_now() + timedelta(seconds=1))
    for _ in range(200):
        launch = only(user)
        if launch.state in until:
            return launch
        if not runner.work():
            clock.forward(60)
    raise AssertionError(f"still {launch.state}: {launch.trouble}")


def only(user: User) -> Launch:
    with services_of(user).database.session() as session:
        launch = session.scalars(select(Launch)).one()
        _ = launch.events[:]
        return launch


def count(user: User) -> int:
    with services_of(user).database.session() as session:
        return len(session.scalars(select(Launch)).all())


def change(user: User, **values: Any) -> None:
    with services_of(user).database.session(write=True) as session:
        launch = session.scalars(select(Launch)).one()
        for name, value in values.items():
            setattr(launch, name, value)


def test_from_the_form_to_nothing_left(browse: Callable[..., User], cloud: Cloud) -> None:
    user = fill(browse(launch_approval_limit=10_000))
    user.sees("Waits for approval", "Worst case", "Simulated", '"tag"', "my-project")
    assert len(cloud.jobs) == 0, "nothing starts before it was approved"
    user.submit("Approve and start").sees("Approved", "to come")
    drive(user, ("running",))
    user.open(user.address).sees("Runs", "the platform says: RUNNING", "So far")
    drive(user, ("succeeded",))
    user.open(user.address).sees("Fetch the results", "Actual", "middle estimate")
    user.submit("Stop and remove everything")
    drive(user, ("torn_down",))
    user.open(user.address).sees("Everything removed", "History").misses("Stop and remove everything")
    assert cloud.things == {}
    user.follow("All launches").sees("Everything removed", "Spent so far")


def test_the_ways_to_start_say_why_they_are_off(browse: Callable[..., User]) -> None:
    user = browse(launch_endpoints="toy=https://stand-in.example.org").sees(
        "Three ways to start", "no public address", "Download the kit"
    )
    user.follow("Launch here").sees(
        "LOTSE_PUBLIC_URL", "LOTSE_LAUNCH_AMBIENT", "Training data never pass through Lotse"
    )
    user.sees("The data lie in your bucket.", "One machine only.", "never run against a real account")
    closed = browse(launch_here=False).sees("LOTSE_LAUNCH_HERE").misses("credentials that live for minutes")
    start = f"{closed.address.split('?')[0]}/start"
    closed.open(start, option=OPTION).sees("LOTSE_LAUNCH_HERE").misses("Check and show the order")
    assert closed.client.post(start, params={"option": OPTION}).status_code == 409
    far = browse(base="http://lotse.example").follow("Launch here")
    far.sees("without https others could read the token")
    data = {"hours": "3", "limit": "100", "mode": "token", "entry-project": "my-project", "secret-token": SECRET}
    assert "without https" in far.client.post(far.address, data=data).text
    assert count(far) == 0


def test_a_way_without_interface_says_so(browse: Callable[..., User]) -> None:
    user = browse()
    user.open(user.address.replace(f"/{PLATFORM}", "/azure")).sees("Lotse has no interface to this way")
    user.open(user.address.split("?")[0] + "/start", expect=404, option=OPTION)


WRONG = [
    ({"hours": ""}, "hours"), ({"hours": "0"}, "hours"), ({"hours": "1,5"}, "hours"), ({"hours": "99999"}, "hours"), ({"hours": "viele"}, "hours"),
    ({"limit": "1"}, "limit"), ({"limit": "0,5"}, "limit"), ({"limit": "viel"}, "limit"),
    ({"entry-project": ""}, "entry-project"), ({"entry-project": "$(rm -rf /)"}, "entry-project"), ({"entry-folder": "a b"}, "entry-folder"),
    ({"mode": "nonsense"}, "mode"), ({"mode": "ambient"}, "mode"), ({"secret-token": ""}, "secret-token"), ({"secret-token": "a b" * 9}, "secret-token"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "wrong"), WRONG)
def test_mistakes_are_named_and_nothing_is_lost_but_secrets(browse: Callable[..., User], fields: dict[str, str], wrong: str) -> None:  # fmt: skip
    given = {"hours": "9", "limit": "1.234,50", "entry-project": "mein-projekt", **fields}
    user = fill(browse("de"), 422, button="Prüfen und Auftrag zeigen", **given).sees("Bitte korrigieren")
    assert user.response
    assert f'href="#{wrong}"' in user.response.text
    assert not re.search(r"is not allowed|does not look like|LOTSE: ", user.text)
    form = user.form("Prüfen und Auftrag zeigen").fields
    assert {name: form[name] for name in given if name in form and name not in ("mode", "secret-token")} == {
        name: [value] for name, value in given.items() if name not in ("mode", "secret-token")
    }
    assert form["secret-token"] == [""]
    assert count(user) == 0


def test_german_amounts_are_read_as_germans_write_them(browse: Callable[..., User]) -> None:
    user = fill(browse("de"), button="Prüfen und Auftrag zeigen", limit="1.234,50")
    assert only(user).money["limit"] == "1234.5"
    user.sees("1.234,50", "Wartet auf Freigabe")


def test_the_same_form_twice_is_one_launch(browse: Callable[..., User]) -> None:
    user = browse().follow("Launch here")
    form, address = user.form("Check and show the order"), user.address
    data = {name: values[0] for name, values in form.fields.items() if values} | {"mode": "token", "entry-project": "my-project", "secret-token": SECRET}  # fmt: skip
    targets = {user.client.post(address, data=data, follow_redirects=False).headers["location"] for _ in range(3)}
    assert len(targets) == count(user) == 1
    assert user.client.post(address, data=data | {"hours": "2"}, follow_redirects=False).status_code == 409


def test_the_quota_is_asked_before_anything_is_kept(browse: Callable[..., User], cloud: Cloud) -> None:
    cloud.things["free"] = {"count": 0}
    user = fill(browse(), 422).sees("allows 0 more at the moment")
    assert count(user) == 0
    assert cloud.count("POST", "/toy/jobs") == 0
    fill(user, 422, **{"secret-token": "not-the-right-token-at-all"}).sees("does not accept these credentials")
    assert count(user) == 0


def test_a_platform_that_is_down_leaves_the_quota_unknown(browse: Callable[..., User], cloud: Cloud) -> None:
    cloud.fault(503, "GET", "/toy/free")
    fill(browse()).sees("Waits for approval", "could not be asked for it")


def test_nothing_above_the_limits_of_the_installation(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_most_cost=1), 422).sees("LOTSE_LAUNCH_MOST_COST")
    assert count(user) == 0


def link_of(user: User) -> str:
    assert user.response
    return user.response.text.split('id="address" value="')[1].split('"')[0]


def second_person(user: User) -> tuple[User, str]:
    """Another browser that opened the link, and the code of Anna."""
    with services_of(user).database.session(write=True) as session:
        code = add_approver(session, "Anna")
    other = User(TestClient(user.client.app, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"}))
    return other.open(link_of(user.submit("Make a link for the second person"))), code


def test_above_the_limit_a_second_person_approves(browse: Callable[..., User], cloud: Cloud) -> None:
    user = fill(browse(launch_approval_limit=0)).sees("A second person has to approve it").misses("Approve and start")
    author = user.address.split("/r/")[1].split("~")[0]
    order = only(user).order_sha256
    assert user.client.post(f"{user.address}/approve", data={"order_sha256": order}).status_code == 409
    other, code = second_person(user)
    assert other.response
    other.sees("Approve a launch", "Worst case", "Paste credentials", '"tag"').misses("Kundendienst")
    assert author not in other.response.text
    assert {other.response.headers[name] for name in ("cache-control", "referrer-policy")} == {"no-store", "no-referrer"}  # fmt: skip
    address = other.address
    other.submit("Approve and start", 403, name="Anna", code="wrong").sees("do not belong together")
    other.submit("Approve and start", 403, name="Nobody", code=code).sees("do not belong together")
    assert only(user).state == "estimated"
    other.submit("Approve and start", name="Anna", code=code).sees("It starts now")
    assert (only(user).state, only(user).approved_by) == ("approved", "Anna")
    other.open(address, 404)
    drive(user, ("running",))
    assert len(cloud.jobs) == 1


def test_the_second_person_may_refuse(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=0))
    other, code = second_person(user)
    other.submit("Refuse", name="Anna", code=code).sees("It is withdrawn")
    assert only(user).state == "withdrawn"
    other.open(other.address).sees("nothing to approve any more")


def test_wrong_codes_are_limited_and_a_new_link_ends_the_old_one(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=0))
    other, code = second_person(user)
    tried = [other.client.post(other.address, data={"name": "Anna", "code": "x", "decision": "approve"}).status_code for _ in range(6)]  # fmt: skip
    assert tried == [403] * 5 + [429]
    user.open(user.address.removesuffix("/link")).submit("Make a link for the second person")
    other.open(other.address, 404)
    assert only(user).state == "estimated"
    assert code


def test_only_what_was_shown_is_approved(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=10_000))
    change(user, order_sha256="0" * 64)
    user.submit("Approve and start", 409)
    assert only(user).state == "estimated"
    user.open(user.address.removesuffix("/approve")).submit("Withdraw").sees("Withdrawn, nothing was created")
    for action in ("approve", "cancel", "remove", "link", "sign-in"):
        assert user.client.post(f"{user.address}/{action}", data={"order_sha256": "0" * 64}).status_code == 409


def test_a_cancelled_launch_is_removed(browse: Callable[..., User], cloud: Cloud) -> None:
    user = fill(browse(launch_approval_limit=10_000)).submit("Approve and start")
    drive(user, ("running",))
    user.open(user.address).submit("Cancel").sees("You asked for it to stop.")
    drive(user, ("torn_down",))
    user.open(user.address).sees("Stopped", "Everything removed")
    assert cloud.things == {}


def test_after_a_restart_one_signs_in_again(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=10_000)).submit("Approve and start").misses("Sign in again")
    services_of(user).desk.vault.drop(only(user).public_id)
    user.open(user.address).sees("Sign in again", "cannot follow, stop or remove it")
    address = user.address
    wrong: dict[str, Any] = {"secret-token": "x"}
    user.submit("Sign in", 422, **wrong).sees("Please paste it once more")
    user.open(address).submit("Sign in", **{**wrong, "secret-token": SECRET}).misses("Sign in again")
    assert drive(user, ("running",)).trouble == ""


def test_the_log_is_shown_once_and_not_kept(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=10_000)).submit("Approve and start")
    drive(user, ("running",))
    address = user.address
    user.open(address).submit("Show the last lines of the log").sees("step 1 of toy-", "loss <0.5>")
    user.open(address).misses("step 1 of")
    assert "step 1 of" not in dump(services_of(user))


def test_viewers_and_strangers_find_nothing(browse: Callable[..., User]) -> None:
    user = fill(browse(launch_approval_limit=10_000))
    path = user.address.removeprefix(BASE)
    author = User(user.client).open(f"{BASE}{path.split('/launches')[0]}/share").submit("Create link")
    reader = TestClient(user.client.app, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)  # fmt: skip
    report = reader.post(link_of(author)).headers["location"]
    assert reader.get(report).status_code == 200
    launch = path.rpartition("/")[2]
    for place in (f"/launch/{PLATFORM}/start", "/launches", f"/launches/{launch}"):
        assert reader.get(f"{report}{place}", params={"option": OPTION}).status_code == 404
        assert reader.get(path.split("/launches")[0].replace("/r/", "/r/x") + place).status_code == 404
    for action in ("approve", "cancel", "remove", "link", "sign-in", "log"):
        assert reader.post(f"{report}/launches/{launch}/{action}").status_code == 404
    assert reader.post(f"{report}/launch/{PLATFORM}/start?option={OPTION}").status_code == 404
    other = new_report(user.client, "bank")
    assert user.client.get(f"/en{other}/launches/{launch}").status_code == 404
    assert only(user).state == "estimated"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_state_has_a_page(browse: Callable[..., User], language: str) -> None:
    button = "Prüfen und Auftrag zeigen" if language == "de" else "Check and show the order"
    user = fill(browse(language), button=button)
    for state in TRANSITIONS:
        if state in ("draft", "validated", "estimated"):
            continue
        with services_of(user).database.session(write=True) as session:
            launch = session.scalars(select(Launch)).one()
            launch.state, launch.trouble = state, "busy Timeout" if state in ACTIVE else ""
            launch.events.append(LaunchEvent(at=utc_now(), state=state, note="SOME_WORD"))
        user.open(user.address).sees("SOME_WORD")
        assert user.response
        refreshes = [text in user.response.text for text in ('http-equiv="refresh"', 'hx-trigger="every 5s"', "htmx-")]
        assert refreshes == [state in ACTIVE] * 3, state
        part = user.client.get(user.address, headers={"HX-Request": "true"}).text
        assert part.strip().startswith('<div id="progress"')
        assert ("every 5s" in part) == (state in ACTIVE)


def test_no_secret_leaves_the_memory(browse: Callable[..., User], cloud: Cloud, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """The whole flow with every mistake on the way, then a byte search through pages, errors, database, files and logs."""
    user = browse(log_level="DEBUG", launch_approval_limit=10_000)
    seen: list[str] = []
    client = user.client
    post = client.post
    client.post = lambda *given, **more: _kept(seen, post(*given, **more))  # type: ignore[method-assign]
    wrong, long = "wrong-canary-token-of-some-length", "long-canary-" + "x" * 9000
    fill(user, 422, **{"secret-token": f"{wrong} with spaces"})
    seen.append(user.text)
    fill(user, 422, **{"secret-token": wrong})
    seen.append(user.response.text if user.response else "")
    fill(user, 422, **{"secret-token": long})
    seen.append(user.response.text if user.response else "")
    cloud.fault(500, "GET", "/toy/free", body={"error": {"message": SECRET, "code": f"Echo {SECRET}"}})
    user.open(f"{BASE}/en{user.address.split('/en')[1].split('/launch')[0]}/launch/{PLATFORM}", option=OPTION)
    fill(user).submit("Approve and start")
    seen.append(user.response.text if user.response else "")
    cloud.fault(401, "GET", "/toy/jobs", body={"error": {"code": "Bad", "message": SECRET}})
    drive(user, ("running",))
    user.open(user.address)
    seen += [user.response.text if user.response else "", dump(services_of(user)), capfd.readouterr().out, *files(tmp_path)]  # fmt: skip
    seen.append(repr(services_of(user).desk))
    for secret in (SECRET, "canary-token", "long-canary"):
        assert sum(secret in place for place in seen) == 0, secret


def _kept(seen: list[str], response: Any) -> Any:
    seen.append(response.text)
    return response


def test_keys_that_never_expire_are_refused_with_the_reason() -> None:
    info = ControlInfo(module="toy", sign_in="aws", modes=["token"], time_cap="lotse", safe_repeat=False, data="nowhere")  # fmt: skip
    secret, errors = read_secret(info, {"secret-access_key_id": ["AKIA0000000000000000"]})
    assert secret is None
    assert "never expires" in errors["secret-access_key_id"]
    assert "once more" in errors["secret-session_token"]


def test_the_issuer_is_public_where_it_can_be_reached(make_settings: Callable[..., Settings]) -> None:
    paths = ("/.well-known/openid-configuration", "/oidc/jwks.json")
    with TestClient(create_app(make_settings())) as client:
        assert [client.get(path).status_code for path in paths] == [404, 404]
    with TestClient(create_app(make_settings(public_url="https://lotse.example.org"))) as client:
        found, keys = (client.get(path) for path in paths)
    assert found.json()["issuer"] == "https://lotse.example.org"
    assert found.json()["jwks_uri"] == "https://lotse.example.org/oidc/jwks.json"
    assert set(keys.json()["keys"][0]) == {"kty", "n", "e", "use", "alg", "kid"}, "public parts only"
    for answered in (found, keys):
        assert "max-age" in answered.headers["cache-control"]
        assert "set-cookie" not in answered.headers


def test_the_platforms_lead_to_the_board(browse: Callable[..., User]) -> None:
    user = fill(browse())
    report = user.address.split("/launches")[0]
    user.open(f"{report}/launch").follow("Launches started from here").sees("Waits for approval")


def test_the_pilot_page_leads_to_the_board(browse: Callable[..., User]) -> None:
    user = fill(browse())
    services = services_of(user)
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "en", services.knowledge.examples["law-firm-contracts"].answers)
        report = freeze_present(session, services, assessment, "first").id
    user.open(f"/en/r/{token}~1/pilot").misses("started from here")
    change(user, report_id=report)
    user.open(f"/en/r/{token}~1/pilot").follow("Cost of launches that were started from here").sees(
        "Waits for approval"
    )


SECRETS = {
    "secret-access_key_id": "ASIA0123456789ABCDEF", "secret-secret_access_key": "k" * 40, "secret-session_token": "t" * 400,
    "secret-management": "m" * 2500, "secret-cognitiveservices": "c" * 2500, "secret-token": "sk-proj-" + "k" * 40,
}  # fmt: skip
WAYS = [(place, way) for place in platforms().values() for way in place.info.ways if way.id in controls(place.id)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_way_that_can_be_started_shows_its_form_and_its_order(make_settings: Callable[..., Settings], language: str) -> None:  # fmt: skip
    """Each platform as it is, its servers unreachable: the form takes its own examples, the order shows what would be sent."""
    nowhere = ",".join(f"{place.id}=http://127.0.0.1:9" for place, _ in WAYS)
    settings = make_settings(launch_endpoints=nowhere, rate_limit_launch="1000/hour", template_base_url="https://lotse.example.org/launch-templates")  # fmt: skip
    client = TestClient(create_app(settings), base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"})
    user, report, ordered = User(client), new_report(client), 0
    for place, way in WAYS:
        option = next((option for option in way.options if place.ways(option, way.id)[0].id == way.id), "")
        start = f"{BASE}/{language}{report}/launch/{place.id}/start?option={option}&way={way.id}"
        if not option or client.get(start).status_code == 409:  # a later stage, or closed today
            continue
        form = user.open(start).form("", "hours")
        examples = {f"entry-{entry.name}": entry.example for entry in controls(place.id)[way.id].entries}
        given = {name: SECRETS[name] for name in form.names if name.startswith("secret-")} | examples | {"limit": "15000"}  # fmt: skip
        user.submit("", 200, **{**given, "mode": "token"}).misses("is not allowed")
        assert user.response
        assert len(gzip.compress(user.response.content)) < 15_000, way.id
        assert not any(secret in user.response.text for secret in SECRETS.values())
        ordered += 1
    assert ordered >= 8
    client.app.state.services.database.close()  # type: ignore[attr-defined]
