"""A tuning job at an OpenAI-compatible service: `python -m pipeline.tuning_job submit|status|cancel|delete`.

The job's id is kept in out/job.json, so that a second `submit` never starts a second job.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .model import bearer
from .setup import ROOT, SetupError, load_config, optional, report, required

STATE = ROOT / "out" / "job.json"
DEFINITION = ROOT / "job" / "tuning.json"


def client() -> Any:
    """The vendor's client with a short-lived token or the key of the environment."""
    from openai import OpenAI  # noqa: PLC0415

    address = required("MODEL_URL", "address of the service, ending in /v1")
    return OpenAI(base_url=address, api_key=bearer(load_config()))


def submit(service: Any) -> dict[str, Any]:
    """Uploads both files and creates the job, unless one of this kit's name exists already."""
    definition = json.loads(DEFINITION.read_text(encoding="utf-8"))
    suffix = definition["suffix"]
    known = [job for job in service.fine_tuning.jobs.list(limit=100) if _suffix(job) == suffix]
    if known:
        return _remember(known[0])
    for field, name in (("training_file", "train"), ("validation_file", "validation")):
        with (ROOT / "out" / f"{name}.jsonl").open("rb") as data:
            definition[field] = service.files.create(file=data, purpose="fine-tune").id
    extra = {"extra_body": {"trainingType": definition.pop("trainingType")}} if "trainingType" in definition else {}
    return _remember(service.fine_tuning.jobs.create(**definition, **extra))


def delete(service: Any, job: Any) -> dict[str, Any]:
    """Deletes the tuned model and the uploaded files. A deployment is removed by teardown.sh first."""
    gone = []
    if job.fine_tuned_model:
        service.models.delete(job.fine_tuned_model)
        gone.append(job.fine_tuned_model)
    for name in (job.training_file, job.validation_file):
        if name:
            service.files.delete(name)
            gone.append(name)
    return {"deleted": gone}


def _suffix(job: Any) -> str:
    return str(getattr(job, "suffix", None) or (job.user_provided_suffix or ""))


def _remember(job: Any) -> dict[str, Any]:
    result = {"id": job.id, "status": job.status, "model": job.fine_tuned_model}
    report(STATE.name, result)
    return result


def current(service: Any) -> Any:
    """The job this kit started. Raises SetupError when none was."""
    known = json.loads(STATE.read_text(encoding="utf-8"))["id"] if STATE.is_file() else optional("JOB_ID")
    if not known:
        raise SetupError("No job was started from this folder; run ./run.sh first, or set JOB_ID.")
    return service.fine_tuning.jobs.retrieve(known)


def main(arguments: list[str]) -> None:
    """The command line of the job."""
    service = client()
    match arguments:
        case ["submit"]:
            result = submit(service)
        case ["status"]:
            result = _remember(current(service))
        case ["cancel"]:
            result = _remember(service.fine_tuning.jobs.cancel(current(service).id))
        case ["delete"]:
            result = delete(service, current(service))
        case _:
            raise SetupError("Usage: python -m pipeline.tuning_job submit | status | cancel | delete")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as error:
        sys.exit(str(error))
