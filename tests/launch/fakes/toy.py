"""The simplest platform that can go wrong: it takes a name twice, and what it made costs until it is removed in two looks."""

from __future__ import annotations

from tests.launch.fakes.cloud import Call, Cloud, Reply


def answer(cloud: Cloud, call: Call) -> Reply | None:  # noqa: PLR0911 -- one line an address
    """POST and GET /toy/jobs, GET and DELETE /toy/jobs/{id}, POST /toy/jobs/{id}/cancel, GET /toy/free."""
    if not call.path.startswith("/toy/"):
        return None
    if call.headers.get("authorization") != "Bearer toy-canary":
        return Reply({"error": {"code": "Unauthorized"}}, 401)
    match [call.method, *call.path.split("/")[2:]]:
        case ["GET", "free"]:
            return Reply({"free": cloud.things.get("free", {"count": 8})["count"]})
        case ["POST", "jobs"]:
            job = cloud.add("toy", call.body["name"], call.body, {"lotse-launch": call.body["tag"]})
            cloud.things[f"machine {job.id}"] = {"launch": call.body["tag"]}
            return Reply({"id": job.id, "state": job.state})
        case ["GET", "jobs"]:
            wanted = call.one("name")
            return Reply(
                [
                    {"id": job.id, "state": job.state, "tag": job.tags["lotse-launch"]}
                    for job in cloud.jobs.values()
                    if not wanted or job.name == wanted
                ]
            )
        case ["GET", "jobs", number] if number in cloud.jobs:
            return Reply(
                {
                    "id": number,
                    "state": cloud.look(cloud.jobs[number]).state,
                    "standing": f"machine {number}" in cloud.things,
                }
            )
        case ["POST", "jobs", number, "cancel"] if number in cloud.jobs:
            cloud.cancel(cloud.jobs[number])
            return Reply({})
        case ["DELETE", "jobs", number] if number in cloud.jobs:
            thing = cloud.things.get(f"machine {number}")
            if thing and thing.get("deleting"):
                del cloud.things[f"machine {number}"]
            elif thing:
                thing["deleting"] = True
            return Reply({})
    return Reply({"error": {"code": "NotFound"}}, 404)
