"""AWS as its service models in botocore describe it: SageMaker, Bedrock, S3 by path, Service Quotas, tagging, logs.

Pages hold one row, so that nobody gets by without paging. Error codes: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
and, for an unknown training job, https://github.com/aws/aws-sdk/issues/165.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.session import get_session
from botocore.validate import ParamValidator

from tests.launch.fakes.cloud import Call, Cloud, Job, Reply

STATUS = {
    "queued": "InProgress", "running": "InProgress", "succeeded": "Completed", "failed": "Failed", "cancelling": "Stopping",
    "cancelled": "Stopped",
}  # fmt: skip
DETAIL = {"queued": "LaunchingMLInstances", "running": "Training"}
ACCOUNT = "123456789012"
SERVICES = {
    "SageMaker": "sagemaker", "Logs_20140328": "logs", "ServiceQuotasV20190624": "service-quotas",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
}  # fmt: skip
QUOTAS = [("ml.p5.48xlarge for endpoint usage", 0.0), ("ml.g5.2xlarge for training job usage", 0.0), ("ml.g6.2xlarge for training job usage", 2.0)]  # fmt: skip


def answer(cloud: Cloud, call: Call) -> Reply | None:
    """By target, by Bedrock's addresses, else as S3."""
    target = call.headers.get("x-amz-target", "")
    if not call.headers.get("authorization"):
        return _error("MissingAuthenticationTokenException", 403)
    if target:
        return _operation(cloud, call, *target.split("."))
    if call.path.startswith("/model-customization-jobs") or call.path == "/listTagsForResource":
        return _bedrock(cloud, call)
    return _bucket(cloud, call)


def _error(code: str, status: int = 400) -> Reply:
    return Reply({"__type": code, "message": "words of the platform"}, status)


@cache
def _model(service: str) -> Any:
    return get_session().get_service_model(service)


def _invalid(service: str, name: str, body: Any) -> bool:
    """Types, unknown and missing fields, as the real one refuses them."""
    shape = _model(service).operation_model(name).input_shape
    return not isinstance(body, dict) or ParamValidator().validate(body, shape).has_errors()


def _operation(cloud: Cloud, call: Call, prefix: str, name: str) -> Reply:
    service, body = SERVICES[prefix], call.body
    if call.headers.get("content-type") != "application/x-amz-json-1.1" or _invalid(service, name, body):
        return _error("ValidationException")
    return OPERATIONS[name](cloud, body)


def _create(cloud: Cloud, body: dict[str, Any]) -> Reply:
    known = _model("sagemaker").shape_for("TrainingInstanceType").enum
    machine = body.get("ResourceConfig", {}).get("InstanceType")
    texts = body.get("AlgorithmSpecification", {}).get("ContainerArguments", [])
    values = [*body.get("Environment", {}).values()]
    wrong = not re.fullmatch("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", body["TrainingJobName"])
    wrong = wrong or any(len(text) > 256 for text in texts) or any(len(text) > 512 for text in values)
    wrong = wrong or ("ServerlessJobConfig" not in body and machine not in known)
    if wrong:
        return _error("ValidationException")
    if cloud.named("sagemaker", body["TrainingJobName"]):
        return _error("ResourceInUse")
    tags = {tag["Key"]: tag["Value"] for tag in body.get("Tags", [])}
    job = cloud.add("sagemaker", body["TrainingJobName"], body, tags)
    return Reply({"TrainingJobArn": _arn(job)})


def _arn(job: Job) -> str:
    if job.kind == "bedrock":
        return f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:model-customization-job/{job.id}"
    return f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:training-job/{job.name}"


def _describe(cloud: Cloud, body: dict[str, Any]) -> Reply:
    found = cloud.named("sagemaker", body["TrainingJobName"])
    if not found:
        return _error("ValidationException")
    job = cloud.look(found[0])
    row = {
        "TrainingJobName": job.name, "TrainingJobArn": _arn(job), "TrainingJobStatus": STATUS[job.state],
        "SecondaryStatus": DETAIL.get(job.state, STATUS[job.state]), "CreationTime": job.created,
    }  # fmt: skip
    row |= {"TrainingStartTime": job.started} if job.started else {}
    row |= {"TrainingEndTime": job.ended} if job.ended else {}
    if job.state == "succeeded":
        row["ModelArtifacts"] = {
            "S3ModelArtifacts": f"{job.body['OutputDataConfig']['S3OutputPath']}{job.name}/output/model.tar.gz"
        }
    return Reply(row)


def _stop(cloud: Cloud, body: dict[str, Any]) -> Reply:
    found = cloud.named("sagemaker", body["TrainingJobName"])
    if not found or found[0].state not in ("queued", "running"):
        return _error("ValidationException")
    cloud.cancel(found[0])
    return Reply("")


def _page(rows: list[Any], token: str, size: int = 1) -> tuple[list[Any], dict[str, str]]:
    start = int(token or 0)
    more = start + size < len(rows)
    return rows[start : start + size], {"token": str(start + size)} if more else {}


def _list(cloud: Cloud, body: dict[str, Any]) -> Reply:
    jobs = [
        job
        for job in cloud.jobs.values()
        if job.kind == "sagemaker" and STATUS[job.state] == body.get("StatusEquals", STATUS[job.state])
    ]
    rows, more = _page(jobs, body.get("NextToken", ""))
    found = [
        {"TrainingJobName": job.name, "TrainingJobArn": _arn(job), "TrainingJobStatus": STATUS[job.state]}
        for job in rows
    ]
    return Reply({"TrainingJobSummaries": found, **({"NextToken": more["token"]} if more else {})})


def _resources(cloud: Cloud, body: dict[str, Any]) -> Reply:
    key = body["TagFilters"][0]["Key"]
    jobs = [job for job in cloud.jobs.values() if job.kind == "sagemaker" and key in job.tags]  # also ended ones
    rows, more = _page(jobs, body.get("PaginationToken", ""))
    found = [
        {"ResourceARN": _arn(job), "Tags": [{"Key": name, "Value": value} for name, value in job.tags.items()]}
        for job in rows
    ]
    return Reply({"ResourceTagMappingList": found, "PaginationToken": more.get("token", "")})


def _quotas(cloud: Cloud, body: dict[str, Any]) -> Reply:
    rows, more = _page(QUOTAS, body.get("NextToken", ""))
    found = [{"QuotaName": name, "Value": value, "ServiceCode": body["ServiceCode"]} for name, value in rows]
    return Reply({"Quotas": found, **({"NextToken": more["token"]} if more else {})})


def _streams(cloud: Cloud, body: dict[str, Any]) -> Reply:
    name = body["logStreamNamePrefix"].rstrip("/")
    if not any(job.started for job in cloud.named("sagemaker", name)):
        return _error("ResourceNotFoundException")
    return Reply({"logStreams": [{"logStreamName": f"{name}/algo-1-1"}]})


def _events(cloud: Cloud, body: dict[str, Any]) -> Reply:
    return Reply({"events": [{"timestamp": 1, "message": f"step 1 of {body['logStreamName']}"}]})


OPERATIONS = {
    "CreateTrainingJob": _create, "DescribeTrainingJob": _describe, "StopTrainingJob": _stop, "ListTrainingJobs": _list,
    "GetResources": _resources, "ListServiceQuotas": _quotas, "DescribeLogStreams": _streams, "GetLogEvents": _events,
}  # fmt: skip


def _bedrock(cloud: Cloud, call: Call) -> Reply:
    jobs = [job for job in cloud.jobs.values() if job.kind == "bedrock"]
    match [call.method, *call.path.strip("/").split("/")]:
        case ["POST", "model-customization-jobs"]:
            return _customise(cloud, call.body)
        case ["GET", "model-customization-jobs"]:
            kept = [job for job in jobs if STATUS[job.state] == call.one("statusEquals", STATUS[job.state])]
            rows, more = _page(kept, call.one("nextToken"))
            found = [{"jobName": job.name, "jobArn": _arn(job), "status": STATUS[job.state]} for job in rows]
            return Reply({"modelCustomizationJobSummaries": found, **({"nextToken": more["token"]} if more else {})})
        case ["GET", "model-customization-jobs", name]:
            found = [job for job in jobs if job.name == name]
            return Reply(_customisation(cloud.look(found[0]))) if found else _error("ResourceNotFoundException", 404)
        case ["POST", "model-customization-jobs", name, "stop"]:
            found = [job for job in jobs if job.name == name and job.state in ("queued", "running")]
            if found:
                cloud.cancel(found[0])
            return Reply({}) if found else _error("ConflictException")
        case ["POST", "listTagsForResource"]:
            tags = next(job.tags for job in jobs if _arn(job) == call.body["resourceARN"])
            return Reply({"tags": [{"key": name, "value": value} for name, value in tags.items()]})
    return _error("ResourceNotFoundException", 404)


def _customise(cloud: Cloud, body: Any) -> Reply:
    if _invalid("bedrock", "CreateModelCustomizationJob", body):
        return _error("ValidationException")
    known = cloud.named("bedrock", body["jobName"])
    if known and known[0].body != body:
        return _error("ConflictException")
    tags = {tag["key"]: tag["value"] for tag in body.get("jobTags", [])}
    job = known[0] if known else cloud.add("bedrock", body["jobName"], body, tags)
    return Reply({"jobArn": _arn(job)}, 201)


def _customisation(job: Job) -> dict[str, Any]:
    row = {"jobName": job.name, "jobArn": _arn(job), "status": STATUS[job.state], "creationTime": "2026-11-28T10:00:00.123Z"}  # fmt: skip
    row |= {"endTime": "2026-11-28T11:00:00Z"} if job.ended else {}
    row |= {"outputModelArn": f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model/x/{job.id}"} if job.state == "succeeded" else {}  # fmt: skip
    return row


def _bucket(cloud: Cloud, call: Call) -> Reply | None:
    bucket, _, key = call.path.lstrip("/").partition("/")
    thing = f"s3://{bucket}/{key}"
    if call.method == "PUT" and key:
        cloud.things[thing] = {"raw": call.raw}
        return Reply("")
    if call.method == "DELETE" and key:
        cloud.things.pop(thing, None)
        return Reply("", 204)
    if call.method == "GET" and call.one("list-type") == "2":
        names = [name for name in cloud.things if name.startswith(f"s3://{bucket}/{call.one('prefix')}")]
        rows = "".join(f"<Contents><Key>{urlsplit(name).path[1:]}</Key></Contents>" for name in names)
        return Reply(
            f"<ListBucketResult><KeyCount>{len(names)}</KeyCount>{rows}</ListBucketResult>",
            headers={"Content-Type": "application/xml"},
        )
    return None
