"""Launches at Google against the fake one: every definition, whole lives, lost answers, trouble by kind, what is left."""

from __future__ import annotations

import io
import logging
import subprocess
import zipfile
from collections.abc import Iterator

import httpx2
import pytest

from app.errors import InputError
from app.launch.access import PlatformTrouble
from app.launch.control import TAG, Control, checked_entries, control_class, controls
from tests.launch.control_sample import (
    CANARY,
    LAUNCH,
    control,
    every,
    examples,
    life,
    parts,
    shows_no_canary,
    torn_down,
)
from tests.launch.fakes import google
from tests.launch.fakes.cloud import Cloud, running

WAYS = {"custom_job": "lora_open_weights", "tuning_job": "managed_tuning"}
KINDS = {"custom_job": "customJobs", "tuning_job": "tuningJobs"}
ALL = [(way, option, persona) for way in WAYS for option, persona in every("google", way)]
OPEN: list[Control] = []


@pytest.fixture(autouse=True)
def connections_are_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().access.close()


def made(cloud: Cloud, way: str, option: str = "", persona: str = "support") -> Control:
    OPEN.append(control(cloud, "google", way, option or WAYS[way], persona))
    return OPEN[-1]


def place(one: Control) -> str:
    return f"projects/my-project/locations/{one.order.region}"


@pytest.mark.parametrize(("way", "option", "persona"), ALL)
def test_every_definition_is_accepted_and_tagged(way: str, option: str, persona: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way, option, persona)
        assert one.problems(one.order.definition) == []
        one.submit()
        assert [job.tags[TAG] for job in cloud.jobs.values()] == [LAUNCH]


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_life(way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(google.answer) as cloud:
        one = made(cloud, way)
        seen = life(cloud, one)
        assert [seen[0].state, seen[-1].state] == ["queued", "succeeded"]
        assert "running" in [item.state for item in seen]
        assert seen[-1].started is not None
        assert seen[-1].ended is not None
        assert cloud.things != {}  # code in the bucket, or an endpoint
        assert torn_down(one, seen[0].handle)
        assert cloud.things == {}
        assert one.tagged() == []
        assert one.find() is not None  # the record stays and costs nothing
    assert all(CANARY in call.headers["authorization"] for call in cloud.calls)
    assert shows_no_canary(one.order, seen, caplog.text)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_after_a_lost_answer_among_others(way: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        cloud.fault("lost", "POST", KINDS[way])
        with pytest.raises(PlatformTrouble) as trouble:
            one.submit()
        assert trouble.value.kind == "lost"
        for number in range(3):  # newer ones of the same name: only the label tells
            cloud.add(KINDS[way], one.order.name, {}, {}, f"{place(one)}/{KINDS[way]}/{number}")
        found = one.find()
        assert found is not None
        assert cloud.jobs[found.handle].tags[TAG] == LAUNCH


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (429, "RESOURCE_EXHAUSTED", "over_quota"), (500, "INTERNAL", "lost"), (503, "UNAVAILABLE", "lost"), (401, "UNAUTHENTICATED", "unauthorised"),
        (403, "PERMISSION_DENIED", "unauthorised"), (400, "INVALID_ARGUMENT", "refused"), (404, "NOT_FOUND", "absent"),
    ],
)  # fmt: skip
def test_trouble_by_kind(way: str, status: int, word: str, kind: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        cloud.fault(status, "POST", KINDS[way], body={"error": {"code": status, "status": word, "message": CANARY}})
        with pytest.raises(PlatformTrouble) as trouble:
            one.submit()
        assert (trouble.value.kind, trouble.value.reason) == (kind, word)
        assert shows_no_canary(trouble.value, repr(trouble.value))
        assert cloud.jobs == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_busy_platform_is_asked_again_later(way: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        handle = one.submit().handle
        for status in (429, 500):
            cloud.fault(status, "GET", KINDS[way], body={"error": {"status": "RESOURCE_EXHAUSTED"}})
            with pytest.raises(PlatformTrouble) as trouble:
                one.status(handle)
            assert trouble.value.kind == "busy"


@pytest.mark.parametrize("way", WAYS)
def test_cancelling_and_tearing_down_a_running_one(way: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        handle = one.submit().handle
        assert [(found.handle, found.launch) for found in one.tagged()] == [(handle, LAUNCH)]
        assert one.teardown(handle) is False
        assert torn_down(one, handle)
        one.cancel(handle)
        last = one.status(handle)
        assert last is not None
        assert last.state == "cancelled"
        assert cloud.things == {}


@pytest.mark.parametrize("way", WAYS)
def test_what_google_does_not_know_is_gone(way: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        assert one.find() is None
        handle = f"{place(one)}/{KINDS[way]}/1"
        assert one.status(handle) is None
        one.cancel(handle)
        assert one.teardown(handle) is True


def test_the_endpoint_of_a_tuned_model_is_what_is_left() -> None:
    with running(google.answer) as cloud:
        one = made(cloud, "tuning_job")
        handle = life(cloud, one)[0].handle
        assert [(found.handle, found.kind) for found in one.tagged()] == [(handle, "endpoint")]
        assert one.teardown(handle) is False  # the model is being taken off
        assert one.teardown(handle) is False  # and still is, seen as such
        assert one.teardown(handle) is True
        assert cloud.count("POST", ":undeployModel") == 2
        assert cloud.count("DELETE", "/endpoints/") == 1
        assert cloud.count("DELETE", "/models/") == 0
        last = one.status(handle)
        assert last is not None
        assert last.result.endswith("@1")


def test_the_code_goes_into_the_bucket_and_the_job_would_run_it() -> None:
    with running(google.answer) as cloud:
        one = made(cloud, "custom_job")
        one.submit()
        name = f"gs://my-company-lotse/lotse/{one.order.name}/code/bundle.zip"
        assert list(cloud.things) == [name]
        assert "pipeline/tune.py" in zipfile.ZipFile(io.BytesIO(cloud.things[name]["raw"])).namelist()
        container = one.order.definition["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]
        assert f"{one.order.bundle_sha256}  /gcs/{name.removeprefix('gs://')}" in container["command"][2]
        assert subprocess.run(["sh", "-n", "-c", container["command"][2]], check=False).returncode == 0
        assert {"name": "DATA_DIR", "value": "/gcs/my-company-lotse/data"} in container["env"]


def test_without_data_and_image_it_is_a_trial_run_on_the_public_image() -> None:
    given = parts("google", "custom_job", "lora_open_weights")
    kept = {name: value for name, value in given.entries.items() if name not in ("data", "image")}
    body = control_class("google", "custom_job").definition(given.model_copy(update={"entries": kept}))
    container = body["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]
    assert container["imageUri"].startswith("docker.io/library/python:")
    assert "DATA_DIR" not in [row["name"] for row in container["env"]]


def test_the_search_for_what_runs_takes_all_pages_and_no_ended_ones() -> None:
    with running(google.answer) as cloud:
        one = made(cloud, "custom_job")
        for number in range(3):
            tags = {TAG: f"launch00{number}"} if number else {}
            cloud.add("customJobs", "x", {"labels": tags}, tags, f"{place(one)}/customJobs/{number}")
        ended = {TAG: "launch009"}
        cloud.add("customJobs", "x", {"labels": ended}, ended, f"{place(one)}/customJobs/9").state = "succeeded"
        assert [found.launch for found in one.tagged()] == ["launch002", "launch001"]


def test_the_log_is_read_oldest_first() -> None:
    with running(google.answer) as cloud:
        one = made(cloud, "custom_job")
        handle = one.submit().handle
        assert one.logs(handle) == []
        for _ in range(2):
            one.status(handle)
        assert one.logs(handle) == ["step 1", "step 2"]
        assert made(cloud, "tuning_job").logs(handle) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hostile", ["$(id)", "gs://a b/x", "x\ny", "-my-project'", "{name}", "../..", "a" * 401])
def test_hostile_entries_are_refused_by_name(way: str, hostile: str) -> None:
    info = controls("google")[way]
    for entry in info.entries:
        with pytest.raises(InputError) as refused:
            checked_entries(info, {**examples("google", way), entry.name: hostile})
        assert entry.name in str(refused.value.__dict__)


@pytest.mark.parametrize("way", WAYS)
def test_a_state_that_nobody_knows_ends_nothing(way: str) -> None:
    with running(google.answer) as cloud:
        one = made(cloud, way)
        handle = one.submit().handle
        cloud.jobs[handle].state = "running"
        cloud.script = ("newly_invented",)
        seen = one.status(handle)
        assert seen is not None
        assert (seen.state, seen.said) == ("running", "JOB_STATE_NEWLY_INVENTED")
        assert [found.handle for found in one.tagged()] == [handle]


@pytest.mark.parametrize("way", WAYS)
def test_quota_says_why_it_is_not_known(way: str) -> None:
    with running(google.answer) as cloud:
        quota = made(cloud, way).quota()
        assert quota.free is None
        assert quota.why


def test_what_is_missing_is_told_before_the_call() -> None:
    custom, tuning = control_class("google", "custom_job"), control_class("google", "tuning_job")
    assert custom.problems({"jobSpec": {"workerPoolSpecs": [{"machineSpec": {"machineType": "g2-standard-12"}}]}}) == [
        "machineSpec.acceleratorType is missing"
    ]
    assert tuning.problems({"baseModel": ""}) == ["baseModel is missing"]


def test_without_a_token_nothing_is_answered() -> None:
    class Unsigned:
        def auth(self, service: str, region: str) -> httpx2.Auth:
            return httpx2.Auth()

    with running(google.answer) as cloud:
        one = made(cloud, "custom_job")
        one.access.signing = Unsigned()
        with pytest.raises(PlatformTrouble) as trouble:
            one.find()
        assert trouble.value.kind == "unauthorised"


def test_a_bucket_that_the_user_has_removed_does_not_keep_a_launch_alive() -> None:
    with running(google.answer) as cloud:
        one = made(cloud, "custom_job")
        seen = life(cloud, one)
        cloud.fault(404, path="/storage/v1/b/", times=20)
        assert torn_down(one, seen[0].handle)
