"""SkyPilot and dstack from the server, over real sockets: whole lives, bad luck, nothing left that costs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from app.errors import InputError
from app.launch.access import PlatformTrouble
from app.launch.control import checked_entries, control_class, controls
from tests.launch.control_sample import CANARY, LAUNCH, control, every, life, parts, shows_no_canary, torn_down
from tests.launch.fakes import dstack, skypilot
from tests.launch.fakes.cloud import Cloud, running

PLACE = "gpu_cloud"
FIRST = {
    "skypilot_train": "lora_open_weights",
    "dstack_train": "lora_open_weights",
    "skypilot_service": "rag",
    "skypilot_plain": "no_llm",
}
WAYS = list(FIRST)
CREATE = dict.fromkeys(WAYS, "/launch") | {"dstack_train": "runs/apply"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(skypilot.answer, dstack.answer) as found:
        yield found


@pytest.mark.parametrize("way", WAYS)
def test_every_definition_is_taken(cloud: Cloud, way: str) -> None:
    for option, persona in every(PLACE, way):
        made = control(cloud, PLACE, way, option, persona)
        made.submit()
        found = made.find()
        assert found is not None
        assert found.state in ("queued", "running"), (option, persona)
        assert torn_down(made, found.handle)
        assert made.problems(made.order.definition) == []
        assert shows_no_canary(made.order.definition)
        assert "rm -rf" not in json.dumps(made.order.definition)


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_life(cloud: Cloud, way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = control(cloud, PLACE, way, FIRST[way])
    seen = life(cloud, made)
    assert [seen[0].state, seen[-1].state] == ["queued", "succeeded"]
    assert "running" in [item.state for item in seen]
    assert seen[-1].ended is not None
    assert made.logs(seen[0].handle)[-1].endswith("line two")
    assert torn_down(made, seen[0].handle)
    assert (cloud.active(), cloud.things, made.tagged(), made.find()) == ([], {}, [], None)
    assert shows_no_canary(seen, caplog.text)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("looks", [0, 3])
def test_cancel_before_and_after_it_runs(cloud: Cloud, way: str, looks: int) -> None:
    cloud.script = ("queued", "queued", "running") if looks else ("queued",)
    made = control(cloud, PLACE, way, FIRST[way])
    handle = made.submit().handle
    before = [made.status(handle) for _ in range(looks)]
    assert not before or (before[-1] is not None and before[-1].state == "running")
    made.cancel(handle)
    states = [seen.state for _ in range(4) if (seen := made.status(handle))]
    assert states[-1] == "cancelled"
    made.cancel(handle)
    assert torn_down(made, handle)
    assert (cloud.things, cloud.active()) == ({}, [])


@pytest.mark.parametrize("way", WAYS)
def test_one_that_runs_is_torn_down_as_well(cloud: Cloud, way: str) -> None:
    cloud.script = ("queued", "running")
    made = control(cloud, PLACE, way, FIRST[way])
    handle = made.submit().handle
    assert [made.status(handle) is not None for _ in range(3)] == [True] * 3
    assert [item.launch for item in made.tagged()] == [LAUNCH]
    assert torn_down(made, handle)
    assert (cloud.things, cloud.active(), made.tagged()) == ({}, [], [])


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_fails_says_so(cloud: Cloud, way: str) -> None:
    cloud.script = ("queued", "running", "failed")
    assert life(cloud, control(cloud, PLACE, way, FIRST[way]))[-1].state == "failed"


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_after_a_lost_answer(cloud: Cloud, way: str) -> None:
    cloud.fault("lost", "POST", CREATE[way])
    made = control(cloud, PLACE, way, FIRST[way])
    with pytest.raises(PlatformTrouble) as trouble:
        made.submit()
    assert trouble.value.kind == "lost"
    found = made.find()
    assert found is not None
    assert made.status(found.handle)
    assert len([job for job in cloud.jobs.values() if job.name == made.order.name]) == 1
    assert torn_down(made, found.handle)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("luck", "kind"),
    [(429, "busy"), (500, "lost"), (401, "unauthorised"), (403, "unauthorised"), (404, "absent"), (422, "refused")],
)
def test_trouble_is_told_by_kind(cloud: Cloud, way: str, luck: int, kind: str) -> None:
    cloud.fault(luck, "POST", body={"detail": [{"code": "error", "msg": CANARY, "input": {"token": CANARY}}]})
    with pytest.raises(PlatformTrouble) as trouble:
        control(cloud, PLACE, way, FIRST[way]).submit()
    assert trouble.value.kind == kind
    assert shows_no_canary(trouble.value, trouble.value.as_json())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("luck", "kind"), [(503, "busy"), (401, "unauthorised")])
def test_trouble_while_looking_is_never_an_end(cloud: Cloud, way: str, luck: int, kind: str) -> None:
    made = control(cloud, PLACE, way, FIRST[way])
    handle = made.submit().handle
    cloud.fault(luck, times=1)
    with pytest.raises(PlatformTrouble) as trouble:
        made.status(handle)
    assert trouble.value.kind == kind
    assert made.status(handle)


@pytest.mark.parametrize("way", WAYS)
def test_a_missing_one_is_gone(cloud: Cloud, way: str) -> None:
    made = control(cloud, PLACE, way, FIRST[way])
    assert (made.find(), made.status("nothing-there"), made.logs("nothing-there")) == (None, None, [])
    made.cancel("nothing-there")
    assert made.teardown("nothing-there")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hostile", ["a\nb", "$(touch x)", "'; rm -rf /", "{name}", "a: b", "../..", "x" * 500, 'a"b'])
def test_hostile_entries_are_refused_by_name(way: str, hostile: str) -> None:
    info = controls(PLACE)[way]
    for entry in info.entries:
        with pytest.raises(InputError) as refused:
            checked_entries(info, {other.name: other.example for other in info.entries} | {entry.name: hostile})
        assert [problem["key"] for problem in refused.value.problems] == [entry.name]


def test_definitions_carry_their_caps() -> None:
    made = parts(PLACE, "dstack_train", "lora_open_weights")
    run = control_class(PLACE, "dstack_train").definition(made)["configuration"]
    assert (run["max_duration"], run["spot_policy"], run["tags"]) == (
        made.spec.seconds,
        "on-demand",
        {"lotse-launch": LAUNCH},
    )
    assert run["max_price"] == made.values["max_price"]
    made = parts(PLACE, "skypilot_train", "lora_open_weights")
    task = json.loads(control_class(PLACE, "skypilot_train").definition(made)["task"])
    assert task["envs"]["KIT_SECONDS"] == str(made.spec.seconds)
    assert task["resources"]["max_hourly_cost"] == made.values["max_price"]
    assert task["resources"]["autostop"] == {"idle_minutes": 60, "down": True}


@pytest.mark.parametrize("way", ["skypilot_train", "dstack_train"])
def test_no_setting_is_put_into_effect_as_a_variable(way: str) -> None:
    made = parts(PLACE, way, "lora_open_weights", "hostile")
    made = made.model_copy(update={"config": {"task": "${{ secrets.KEY }} $HOME"}})
    definition = control_class(PLACE, way).definition(made)
    env = json.loads(definition["task"])["envs"] if "task" in definition else definition["configuration"]["env"]
    assert "$" not in env["KIT_CONFIG"]
    assert json.loads(env["KIT_CONFIG"]) == {"task": "${{ secrets.KEY }} $HOME"}


@pytest.mark.parametrize("way", ["skypilot_train", "dstack_train"])
def test_code_that_no_variable_can_hold_is_a_problem(way: str) -> None:
    made = parts(PLACE, way, "lora_open_weights").model_copy(update={"bundle_base64": "A" * 131_072})
    kind = control_class(PLACE, way)
    assert len(kind.problems(kind.definition(made))) == 1


def test_empty_entries_make_a_trial_run(cloud: Cloud) -> None:
    made = parts(PLACE, "skypilot_train", "lora_open_weights").model_copy(update={"entries": {}})
    task = json.loads(control_class(PLACE, "skypilot_train").definition(made)["task"])
    assert "file_mounts" not in task
    assert "infra" not in task["resources"]
    assert "DATA_DIR" not in task["envs"]


def test_a_tuned_model_is_served_only_from_a_named_folder() -> None:
    kind = control_class(PLACE, "skypilot_service")
    made = parts(PLACE, "skypilot_service", "lora_open_weights")
    task = json.loads(kind.definition(made)["task"])
    assert task["envs"]["KIT_COMMAND"].startswith("ln -sfn /volume/support-lora-5af0 out && pip install")
    assert "ports" not in task["resources"]
    with pytest.raises(InputError) as refused:
        kind.definition(made.model_copy(update={"entries": {"bucket": "s3://x-bucket"}}))
    assert [problem["key"] for problem in refused.value.problems] == ["model"]


def test_a_service_without_a_model_rents_no_gpu() -> None:
    made = parts(PLACE, "skypilot_plain", "no_llm")
    task = json.loads(control_class(PLACE, "skypilot_plain").definition(made)["task"])
    assert "accelerators" not in task["resources"]
    assert (task["resources"]["cpus"], task["resources"]["memory"]) == ("4+", "16+")


def test_offers_of_dstack_and_none_of_skypilot(cloud: Cloud) -> None:
    made = control(cloud, PLACE, "dstack_train", "lora_open_weights")
    assert (made.quota().needed, made.quota().free) == (1, 1)
    cloud.__dict__["dstack_offers"] = ["no_quota", "no_balance"]
    assert made.quota().free == 0
    assert control(cloud, PLACE, "skypilot_train", "lora_open_weights").quota().free is None


def test_all_pages_of_runs_are_searched(cloud: Cloud) -> None:
    cloud.script = ("queued",)
    made = control(cloud, PLACE, "dstack_train", "lora_open_weights")
    made.submit()
    untagged = {**made.order.definition["configuration"], "tags": {}}
    for number in range(230):
        cloud.add("dstack", f"other-{number}", {"run_name": f"other-{number}", "configuration": untagged}, {})
    assert [item.launch for item in made.tagged()] == [LAUNCH]
    assert cloud.count("POST", "/api/runs/list") == 3


def test_no_field_with_a_pickle_is_opened(cloud: Cloud) -> None:
    made = control(cloud, PLACE, "skypilot_train", "lora_open_weights")
    seen = life(cloud, made)
    assert skypilot.PICKLED not in str(seen)
    assert cloud.count("GET", "/api/get") > 3


def test_a_launch_that_found_no_machine_has_failed(cloud: Cloud) -> None:
    made = control(cloud, PLACE, "skypilot_train", "lora_open_weights")
    wrong = made.order.definition | {"task": made.order.definition["task"].replace("MOUNT_CACHED", "NOWHERE")}
    made.order = made.order.model_copy(update={"definition": wrong})
    made.submit()
    found = made.find()
    assert found is not None
    assert (found.state, found.said) == ("failed", "FAILED")
    assert made.teardown(found.handle)
