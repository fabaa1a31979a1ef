"""Azure Machine Learning, Foundry and OpenAI from the server, over real sockets: whole lives, bad luck, nothing left that costs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.errors import InputError
from app.launch.access import PlatformTrouble
from app.launch.control import TAG, checked_entries, control_class, controls
from tests.launch.control_sample import CANARY, LAUNCH, control, every, life, parts, shows_no_canary, torn_down
from tests.launch.fakes import azure, openai
from tests.launch.fakes.cloud import Cloud, running

WAYS = [("azure", "aml_job"), ("azure", "foundry_tuning"), ("openai", "fine_tuning")]
TUNING = WAYS[1:]
FIRST = {"aml_job": "lora_open_weights", "foundry_tuning": "managed_tuning", "fine_tuning": "managed_tuning"}
KINDS = {"aml_job": "aml", "foundry_tuning": "foundry", "fine_tuning": "openai"}
CREATE = {"aml_job": ("PUT", "/jobs/"), "foundry_tuning": ("POST", "/jobs"), "fine_tuning": ("POST", "/jobs")}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(azure.answer, openai.answer) as found:
        yield found


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_every_definition_is_taken(cloud: Cloud, name: str, way: str) -> None:
    for option, persona in every(name, way):
        made = control(cloud, name, way, option, persona)
        assert made.problems(made.order.definition) == []
        assert made.submit().state == "queued", (option, persona)
        assert shows_no_canary(made.order.definition)
        assert "rm -rf" not in json.dumps(made.order.definition)
        cloud.jobs.clear()


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_whole_life(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    seen = life(cloud, made)
    assert seen[-1].state == "succeeded"
    assert bool(seen[-1].result) == (way != "aml_job")
    assert torn_down(made, seen[0].handle)
    assert (cloud.active(), made.tagged()) == ([], [])
    assert shows_no_canary(seen)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_cancel_and_what_still_runs(cloud: Cloud, name: str, way: str) -> None:
    cloud.script = ("queued", "running")
    made = control(cloud, name, way, FIRST[way])
    handle = made.submit().handle
    assert [(item.launch, item.kind) for item in made.tagged()] == [(LAUNCH, "job")]
    made.cancel(handle)
    assert torn_down(made, handle)
    seen = made.status(handle)
    assert seen is not None
    assert seen.state == "cancelled"
    assert made.tagged() == []


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_it_is_found_after_a_lost_answer_behind_other_jobs(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    cloud.fault("lost", *CREATE[way])
    with pytest.raises(PlatformTrouble) as trouble:
        made.submit()
    assert trouble.value.kind == "lost"
    for number in range(5):  # newer ones of others: ours is on the third page
        cloud.add(KINDS[way], f"other-{number}", {"properties": {}, "model": "m", "training_file": "f"}, {})
    found = made.find()
    assert found is not None
    assert cloud.jobs[found.handle].name if way != "aml_job" else found.handle == made.order.name
    assert [item.launch for item in made.tagged()] == [LAUNCH]
    assert len(cloud.named(KINDS[way], made.order.name)) == 1


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize(
    ("luck", "kind"), [(429, "busy"), (500, "lost"), (401, "unauthorised"), (403, "unauthorised"), (422, "refused")]
)
def test_trouble_is_told_by_kind(cloud: Cloud, name: str, way: str, luck: int, kind: str) -> None:
    cloud.fault(luck, *CREATE[way], body={"error": {"code": "Nope", "message": CANARY}})
    with pytest.raises(PlatformTrouble) as trouble:
        control(cloud, name, way, FIRST[way]).submit()
    assert trouble.value.kind == kind
    assert shows_no_canary(trouble.value, trouble.value.as_json())


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_used_up_quota_is_told_apart(cloud: Cloud, name: str, way: str) -> None:
    code, status = ("QuotaExceeded", 400) if way == "aml_job" else ("insufficient_quota", 429)
    cloud.fault(status, *CREATE[way], body={"error": {"code": code}})
    with pytest.raises(PlatformTrouble) as trouble:
        control(cloud, name, way, FIRST[way]).submit()
    assert trouble.value.kind == "over_quota"


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_missing_one_is_gone(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    assert made.find() is None
    assert made.status("nothing-there") is None
    assert made.teardown("nothing-there")
    assert made.quota().free is None
    assert made.quota().why


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize("hostile", ["a\nb", "$(touch x)", "'; rm -rf /", "{name}", "a: b", "../..", "x" * 500, 'a"b'])
def test_hostile_entries_are_refused_by_name(name: str, way: str, hostile: str) -> None:
    info = controls(name)[way]
    for entry in info.entries:
        with pytest.raises(InputError) as refused:
            checked_entries(info, {other.name: other.example for other in info.entries} | {entry.name: hostile})
        assert [problem["key"] for problem in refused.value.problems] == [entry.name]


def test_the_deployment_of_the_launch_goes_and_others_stay(cloud: Cloud) -> None:
    made = control(cloud, "azure", "foundry_tuning", "managed_tuning")
    handle = life(cloud, made)[0].handle
    cloud.things.update({name: {"name": name} for name in (made.order.name, "production")})
    assert [(item.handle, item.launch) for item in made.tagged()] == [(made.order.name, LAUNCH)]
    assert torn_down(made, handle)
    assert list(cloud.things) == ["production"]


def test_a_job_carries_its_time_cap_its_code_and_its_tag() -> None:
    made = parts("azure", "aml_job", "lora_open_weights")
    job = control_class("azure", "aml_job").definition(made)["job"]["properties"]
    assert job["limits"]["timeout"] == f"PT{made.spec.seconds // 60}M"
    assert f"timeout {made.spec.seconds}" in job["command"]
    assert made.bundle_sha256 in job["command"]
    assert job["tags"][TAG] == LAUNCH


def test_a_trial_run_declares_no_data(cloud: Cloud) -> None:
    made = control(cloud, "azure", "aml_job", "tuned_encoder", data="")
    assert "inputs" not in made.order.definition["job"]["properties"]
    assert made.submit().state == "queued"


def test_definitions_with_a_foreign_or_missing_field_are_refused(cloud: Cloud) -> None:
    for name, way in TUNING:
        made = control(cloud, name, way, FIRST[way])
        for wrong in ({**made.order.definition, "colour": "red"}, {"model": "m"}):
            made.order = made.order.model_copy(update={"definition": wrong})
            with pytest.raises(PlatformTrouble) as trouble:
                made.submit()
            assert trouble.value.kind == "refused"
    assert control_class("openai", "fine_tuning").problems({"model": "m"}) == ["training_file is missing"]


@pytest.mark.parametrize(("name", "way"), TUNING)
def test_events_are_shown_oldest_first(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    assert made.logs(made.submit().handle) == ["first", "second"]


def test_an_unknown_word_never_ends_a_launch(cloud: Cloud) -> None:
    made = control(cloud, "openai", "fine_tuning", "managed_tuning")
    handle = made.submit().handle
    cloud.jobs[handle].state = "succeeded"
    openai.STATES["succeeded"] = "pondering"
    try:
        seen = made.status(handle)
    finally:
        del openai.STATES["succeeded"]
    assert seen is not None
    assert (seen.state, seen.said) == ("running", "pondering")
