"""RunPod, Hugging Face Jobs and Kubernetes from the server, over real sockets: whole lives, bad luck, nothing left that costs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.errors import InputError
from app.launch.access import PlatformTrouble
from app.launch.control import checked_entries, control_class, controls
from tests.launch.control_sample import CANARY, LAUNCH, control, every, life, parts, shows_no_canary, torn_down
from tests.launch.fakes import huggingface, kubernetes, runpod
from tests.launch.fakes.cloud import Cloud, running

WAYS = [
    ("runpod", "pod"),
    ("huggingface", "hf_job"),
    ("kubernetes", "kubernetes_job"),
    ("kubernetes", "kubernetes_service"),
]
FIRST = {
    "pod": "lora_open_weights",
    "hf_job": "lora_open_weights",
    "kubernetes_job": "tuned_encoder",
    "kubernetes_service": "rag",
}
CREATE = {"runpod": "/v2/pods", "huggingface": "/api/jobs/my-company", "kubernetes": "/apis/"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(huggingface.answer, runpod.answer, kubernetes.answer) as found:
        yield found


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_every_definition_is_taken(cloud: Cloud, name: str, way: str) -> None:
    for option, persona in every(name, way):
        made = control(cloud, name, way, option, persona)
        assert made.submit().state in ("queued", "running"), (option, persona)
        assert torn_down(made, made.find().handle if made.find() else "")  # type: ignore[union-attr]
        assert shows_no_canary(made.order.definition)
        assert "rm -rf" not in json.dumps(made.order.definition)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_whole_life(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    if way == "kubernetes_service":
        cloud.script = ("queued", "running")
    seen = life(cloud, made, looks=4)
    assert seen[-1].state == ("running" if way == "kubernetes_service" else "succeeded")
    assert [item.launch for item in made.tagged()] in ([LAUNCH] * 4, [LAUNCH] * 2, [LAUNCH], [])
    assert torn_down(made, seen[0].handle)
    assert (cloud.active(), cloud.things, made.tagged()) == ([], {}, [])
    assert shows_no_canary(seen)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_cancel(cloud: Cloud, name: str, way: str) -> None:
    cloud.script = ("queued", "running")
    made = control(cloud, name, way, FIRST[way])
    handle = made.submit().handle
    made.status(handle)
    made.cancel(handle)
    states = [seen.state for _ in range(4) if (seen := made.status(handle))]
    assert states[-1] == "cancelled"
    made.cancel(handle)
    assert torn_down(made, handle)
    assert cloud.things == {}


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_it_is_found_after_a_lost_answer(cloud: Cloud, name: str, way: str) -> None:
    cloud.fault("lost", "POST", CREATE[name])
    made = control(cloud, name, way, FIRST[way])
    with pytest.raises(PlatformTrouble) as trouble:
        made.submit()
    assert trouble.value.kind == "lost"
    if way != "kubernetes_service":  # there the config map was lost, the rest is made at the second try
        assert made.find()
    seen = made.find() or made.submit()
    assert made.status(seen.handle)
    assert torn_down(made, seen.handle)
    assert cloud.things == {}


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize(
    ("luck", "kind"), [(429, "busy"), (500, "lost"), (401, "unauthorised"), (403, "unauthorised"), (422, "refused")]
)
def test_trouble_is_told_by_kind(cloud: Cloud, name: str, way: str, luck: int, kind: str) -> None:
    cloud.fault(luck, "POST", body={"error": {"code": "Nope", "message": CANARY}, "detail": CANARY})
    with pytest.raises(PlatformTrouble) as trouble:
        control(cloud, name, way, FIRST[way]).submit()
    assert trouble.value.kind == kind
    assert shows_no_canary(trouble.value, trouble.value.as_json())


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_missing_one_is_gone(cloud: Cloud, name: str, way: str) -> None:
    made = control(cloud, name, way, FIRST[way])
    assert made.find() is None
    assert made.status("nothing-there") is None
    assert made.teardown("nothing-there")


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize("hostile", ["a\nb", "$(touch x)", "'; rm -rf /", "{name}", "a: b", "../..", "x" * 500, 'a"b'])
def test_hostile_entries_are_refused_by_name(name: str, way: str, hostile: str) -> None:
    info = controls(name)[way]
    for entry in info.entries:
        with pytest.raises(InputError) as refused:
            checked_entries(info, {other.name: other.example for other in info.entries} | {entry.name: hostile})
        assert [problem["key"] for problem in refused.value.problems] == [entry.name]


@pytest.mark.parametrize(("name", "way"), WAYS[:3])
def test_definitions_carry_the_time_cap(name: str, way: str) -> None:
    made = parts(name, way, FIRST[way])
    found = control_class(name, way).definition(made)
    caps = {
        "pod": lambda: int(found["env"]["KIT_SECONDS"]), "hf_job": lambda: found["timeoutSeconds"],
        "kubernetes_job": lambda: found["items"][1]["spec"]["activeDeadlineSeconds"],
    }  # fmt: skip
    assert caps[way]() == made.spec.seconds
    assert f"timeout {made.spec.seconds}" in json.dumps(found)


def test_quota_of_a_namespace(cloud: Cloud) -> None:
    made = control(cloud, "kubernetes", "kubernetes_job", "lora_open_weights")
    assert made.quota().free is None
    cloud.things["quotas"] = {
        "items": [{"status": {"hard": {"requests.nvidia.com/gpu": "4"}, "used": {"requests.nvidia.com/gpu": "3"}}}]
    }
    assert (made.quota().needed, made.quota().free) == (1, 1)


def test_a_pod_that_failed_says_so(cloud: Cloud) -> None:
    cloud.script = ("queued", "running", "failed")
    made = control(cloud, "runpod", "pod", "lora_open_weights")
    assert life(cloud, made)[-1].state == "failed"


def test_logs_of_a_pod_in_the_cluster(cloud: Cloud) -> None:
    made = control(cloud, "kubernetes", "kubernetes_job", "tuned_encoder")
    made.submit()
    assert made.logs("x") == ["line one", "line two"]


def test_a_service_that_is_refused_halfway_computes_nothing(cloud: Cloud) -> None:
    made = control(cloud, "kubernetes", "kubernetes_service", "rag")
    cloud.fault(422, "POST", "/api/v1/namespaces/lotse/services")
    with pytest.raises(PlatformTrouble):
        made.submit()
    assert (made.find(), cloud.jobs) == (None, {})
    assert made.submit().state in ("queued", "running")
    assert torn_down(made, "")
    assert cloud.things == {}


def test_the_job_of_somebody_else_is_never_ours(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the platform pays no heed to the label that was asked for."""
    monkeypatch.setattr(huggingface, "_listed", lambda job, call: True)
    made = control(cloud, "huggingface", "hf_job", "lora_open_weights")
    cloud.add("huggingface", "other", made.order.definition, {"lotse-launch": "feedfeedfeedfeed"})
    assert made.find() is None


def test_a_stage_that_nobody_knows_is_not_the_end(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.script = ("queued", "running")
    made = control(cloud, "huggingface", "hf_job", "lora_open_weights")
    handle = made.submit().handle
    monkeypatch.setitem(huggingface.STAGES, "running", "MIGRATING")
    assert made.teardown(handle) is False
    monkeypatch.undo()
    assert torn_down(made, handle)
    assert cloud.active() == []
