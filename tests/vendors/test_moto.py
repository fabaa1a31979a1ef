"""AWS's interfaces as moto keeps them: what the product sends is understood there, signed by our own code. It runs no job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from botocore.config import Config
from botocore.session import Session

from app.launch.access import Access
from app.launch.control import Control, control_class
from app.launch.kit import code_zip
from app.launch.platform import FOLDER, platform
from app.launch.signin.exchange import aws
from app.launch.signin.signatures import Aws
from tests.launch.control_sample import order, parts
from tests.vendors.servers import served

pytestmark = [
    pytest.mark.vendor,
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    ),  # botocore leaves its connections open
]
REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/lotse-launch"


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh server."""
    arguments = ["-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"]
    with served("vendors", arguments, tmp_path_factory.mktemp("moto"), "/moto-api/") as url:
        yield url


def client(url: str, service: str) -> Any:
    """AWS's own client, for what the product does not do itself."""
    return Session().create_client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


def signed_in(url: str) -> Access:
    """Signed in the way "launch here" is: our token for the temporary keys of a role."""
    return Access(Aws(lambda: aws({"role_arn": ROLE}, "a.b.c", REGION, url)), url)


def control(url: str, way: str, option: str) -> Control:
    """A launch of the product that speaks to the server; its bucket exists."""
    made = parts("aws", way, option)
    client(url, "s3").create_bucket(Bucket=made.entries["bucket"])
    code = code_zip(made.spec, platform("aws").ways_of(made.spec))
    return control_class("aws", way)(order(made, way, region=REGION), signed_in(url), code)


def test_a_training_job_is_found_uploaded_created_read_and_cleared_away(moto: str) -> None:
    launch = control(moto, "sagemaker_training", "lora_open_weights")
    assert launch.find() is None
    handle = launch.submit().handle
    bucket = launch.order.entries["bucket"]
    keys = {row["Key"].rpartition("/")[2] for row in client(moto, "s3").list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == {"bundle.zip", "run.sh", "config.json"}
    described = client(moto, "sagemaker").describe_training_job(TrainingJobName=handle)
    assert described["StoppingCondition"] == {"MaxRuntimeInSeconds": launch.order.seconds}
    seen = launch.status(handle)
    assert seen is not None
    assert seen.state == "succeeded"  # moto ends a job at once
    assert launch.teardown(handle)
    assert "Contents" not in client(moto, "s3").list_objects_v2(Bucket=bucket)


def test_a_customisation_job_is_created_found_and_stopped(moto: str) -> None:
    launch = control(moto, "bedrock_customization", "managed_tuning")
    assert launch.find() is None
    handle = launch.submit().handle
    found = launch.find()
    assert found is not None
    assert found.handle == handle
    launch.cancel(handle)
    assert client(moto, "bedrock").get_model_customization_job(jobIdentifier=handle)["status"] in (
        "Stopped",
        "Stopping",
        "Completed",
    )


def test_the_bootstrap_stack_is_created_with_budget_and_roles(moto: str) -> None:
    text = (FOLDER / "aws" / "kit" / "bootstrap.yaml").read_text(encoding="utf-8")
    given = {
        "RunName": "lotse-run-1",
        "BucketName": "lotse-proof",
        "BudgetEmail": "cost@example.org",
        "BudgetLimit": "50",
    }
    known = yaml.safe_load(text)["Parameters"]
    values = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items() if name in known]
    stacks = client(moto, "cloudformation")
    stacks.create_stack(
        StackName="lotse-base", TemplateBody=text, Parameters=values, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    stack = stacks.describe_stacks(StackName="lotse-base")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    policy = client(moto, "iam").get_role_policy(RoleName="lotse-run-1-run", PolicyName="run")["PolicyDocument"]
    assert "lotse-proof" in json.dumps(policy)
    assert client(moto, "s3").head_bucket(Bucket="lotse-proof")
