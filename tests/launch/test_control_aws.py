"""Launches on AWS against the fake one: every definition, whole lives, lost answers, trouble by kind, what is left."""

from __future__ import annotations

import io
import logging
import subprocess
import zipfile
from collections.abc import Iterator

import pytest

from app.errors import InputError
from app.launch.access import PlatformTrouble
from app.launch.control import TAG, Control, checked_entries, control_class, controls
from app.launch.platforms.aws.checks import problems
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
from tests.launch.fakes import aws
from tests.launch.fakes.cloud import Cloud, running

WAYS = {"sagemaker_training": "lora_open_weights", "sagemaker_serverless": "managed_tuning", "bedrock_customization": "managed_tuning"}  # fmt: skip
CREATE = {"sagemaker_training": "CreateTrainingJob", "sagemaker_serverless": "CreateTrainingJob", "bedrock_customization": "/model-customization-jobs"}  # fmt: skip
ALL = [(way, option, persona) for way in WAYS for option, persona in every("aws", way)]


OPEN: list[Control] = []


@pytest.fixture(autouse=True)
def connections_are_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().access.close()


def made(cloud: Cloud, way: str, option: str = "", persona: str = "support") -> Control:
    OPEN.append(control(cloud, "aws", way, option or WAYS[way], persona))
    return OPEN[-1]


@pytest.mark.parametrize(("way", "option", "persona"), ALL)
def test_every_definition_is_accepted_and_tagged(way: str, option: str, persona: str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way, option, persona)
        assert one.problems(one.order.definition) == []
        one.submit()
        assert [job.tags[TAG] for job in cloud.jobs.values()] == [LAUNCH]


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_life(way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        seen = life(cloud, one)
        states = [item.state for item in seen]
        assert states[-1] == "succeeded"
        assert "running" in states
        assert seen[-1].result
        assert seen[-1].started is not None
        assert seen[-1].ended is not None
        assert torn_down(one, seen[0].handle)
        assert cloud.things == {}
        assert cloud.active() == []
        assert one.tagged() == []
    assert all(CANARY in call.headers["authorization"] for call in cloud.calls)
    assert shows_no_canary(one.order, seen, caplog.text)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_after_a_lost_answer_and_refuses_a_second(way: str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        cloud.fault("lost", "POST", CREATE[way])
        with pytest.raises(PlatformTrouble) as trouble:
            one.submit()
        assert trouble.value.kind == "lost"
        found = one.find()
        assert found is not None
        assert found.handle == one.order.name
        if way != "bedrock_customization":  # Bedrock takes the repetition for the first, by its token
            with pytest.raises(PlatformTrouble) as second:
                one.submit()
            assert second.value.kind == "lost"
        assert len(cloud.jobs) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "TooManyRequestsException", "busy"), (400, "ThrottlingException", "busy"), (500, "InternalFailure", "lost"),
        (400, "AccessDeniedException", "unauthorised"), (403, "ExpiredTokenException", "unauthorised"), (401, "X-1", "unauthorised"),
        (400, "ResourceLimitExceeded", "over_quota"), (400, "ServiceQuotaExceededException", "over_quota"),
        (400, "ValidationException", "refused"),
    ],
)  # fmt: skip
def test_trouble_by_kind(way: str, status: int, code: str, kind: str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        cloud.fault(status, "POST", CREATE[way], body={"__type": f"com.amazon#{code}", "message": CANARY})
        with pytest.raises(PlatformTrouble) as trouble:
            one.submit()
        assert trouble.value.kind == kind
        assert shows_no_canary(trouble.value, repr(trouble.value), trouble.value.reason)
        assert cloud.jobs == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("bad", [429, 500, "lost"])
def test_a_question_without_answer_is_asked_again_later(way: str, bad: int | str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        handle = one.submit().handle
        cloud.fault(bad, path="model-customization-jobs/" if way == "bedrock_customization" else "DescribeTrainingJob")
        with pytest.raises(PlatformTrouble) as trouble:
            one.status(handle)
        assert trouble.value.kind == "busy"


@pytest.mark.parametrize("way", WAYS)
def test_cancelling_and_tearing_down_a_running_one(way: str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        handle = one.submit().handle
        assert [found.launch for found in one.tagged()] == [LAUNCH]
        assert one.teardown(handle) is False
        assert torn_down(one, handle)
        assert [job.state for job in cloud.jobs.values()] == ["cancelled"]
        one.cancel(handle)
        last = one.status(handle)
        assert last is not None
        assert last.state == "cancelled"
        assert cloud.things == {}


@pytest.mark.parametrize("way", WAYS)
def test_what_aws_does_not_know_is_gone(way: str) -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, way)
        assert one.status("never-there") is None
        assert one.teardown("never-there") is True
        one.cancel("never-there")


def test_the_code_goes_into_the_bucket_and_the_job_would_run_it() -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, "sagemaker_training")
        one.submit()
        folder = f"s3://my-company-lotse/lotse/{one.order.name}/code/"
        files = {name.removeprefix(folder): thing["raw"] for name, thing in cloud.things.items()}
        assert set(files) == {"bundle.zip", "run.sh", "config.json"}
        assert "pipeline/tune.py" in zipfile.ZipFile(io.BytesIO(files["bundle.zip"])).namelist()
        assert one.order.bundle_sha256.encode() in files["run.sh"]
        assert subprocess.run(["sh", "-n"], input=files["run.sh"], check=False).returncode == 0
        assert files["config.json"].startswith(b'{"kit"')


def test_without_data_it_is_a_trial_run() -> None:
    given = parts("aws", "sagemaker_training", "lora_open_weights")
    given = given.model_copy(update={"entries": {name: value for name, value in given.entries.items() if name != "data"}})  # fmt: skip
    request = control_class("aws", "sagemaker_training").definition(given)["request"]
    assert [channel["ChannelName"] for channel in request["InputDataConfig"]] == ["code"]
    assert "DATA_DIR" not in request["Environment"]
    assert problems("sagemaker", "CreateTrainingJob", request) == []


def test_the_quota_of_the_machine_over_several_pages() -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, "sagemaker_training")
        request = one.order.definition["request"]
        for machine, free in {"ml.g5.2xlarge": 0, "ml.g6.2xlarge": 2, "ml.p5.48xlarge": None}.items():
            request["ResourceConfig"]["InstanceType"] = machine
            quota = one.quota()
            assert (quota.needed, quota.free) == (1, free)
            assert quota.why
        assert made(cloud, "bedrock_customization").quota().free is None


def test_the_search_for_what_runs_takes_all_pages_and_no_ended_ones() -> None:
    with running(aws.answer) as cloud:
        for way, kind in {"sagemaker_training": "sagemaker", "bedrock_customization": "bedrock"}.items():
            for number in range(3):
                cloud.add(kind, f"other-{number}", {}, {TAG: f"launch00{number}"} if number else {})
            cloud.add(kind, "over", {}, {TAG: "launch009"}).state = "succeeded"
            found = made(cloud, way).tagged()
            assert [(item.handle, item.launch) for item in found] == [("other-1", "launch001"), ("other-2", "launch002")]  # fmt: skip


def test_the_log_is_read_when_there_is_one() -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, "sagemaker_training")
        handle = one.submit().handle
        assert one.logs(handle) == []
        for _ in range(2):
            one.status(handle)
        assert one.logs(handle) == [f"step 1 of {handle}/algo-1-1"]
        assert made(cloud, "bedrock_customization").logs(handle) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "hostile", ["$(id)", "s3://a b/x", "x\ny", "arn:aws:iam::1:role/x'", "{name}", "../..", "a" * 401]
)
def test_hostile_entries_are_refused_by_name(way: str, hostile: str) -> None:
    info = controls("aws")[way]
    for entry in info.entries:
        with pytest.raises(InputError) as refused:
            checked_entries(info, {**examples("aws", way), entry.name: hostile})
        assert entry.name in str(refused.value.__dict__)


def test_the_offline_check_sees_enums_patterns_and_lengths() -> None:
    good = control_class("aws", "sagemaker_training").definition(parts("aws", "sagemaker_training", "lora_open_weights"))["request"]  # fmt: skip
    for change in (
        {"TrainingJobName": "bad name!"}, {"ResourceConfig": {**good["ResourceConfig"], "InstanceType": "ml.h9000"}}, {"Nonsense": 1},
        {"AlgorithmSpecification": {**good["AlgorithmSpecification"], "ContainerArguments": ["x" * 257]}}, {"RoleArn": 7},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, {"Environment": {"A": "x" * 513}},
    ):  # fmt: skip
        assert problems("sagemaker", "CreateTrainingJob", {**good, **change})
    assert problems("sagemaker", "CreateTrainingJob", {}) != []


def test_without_a_signature_nothing_is_answered() -> None:
    class Unsigned:
        def auth(self, service: str, region: str) -> None:
            return None

    with running(aws.answer) as cloud:
        one = made(cloud, "sagemaker_training")
        one.access.signing = Unsigned()  # type: ignore[assignment]
        with pytest.raises(PlatformTrouble) as trouble:
            one.find()
        assert trouble.value.kind == "unauthorised"


def test_a_bucket_that_the_user_has_removed_does_not_keep_a_launch_alive() -> None:
    with running(aws.answer) as cloud:
        one = made(cloud, "sagemaker_training")
        seen = life(cloud, one)
        cloud.fault(404, path=f"/{one.order.entries['bucket']}", times=20)
        assert torn_down(one, seen[0].handle)
