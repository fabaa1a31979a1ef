"""For operators and load balancers: is the process alive, is it ready, what has it done."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import Unavailable
from app.store.migrate import at_head
from app.web.metrics import latest
from app.web.services import Services, ServicesDep

LEAST_FREE_DISK = 0.05
router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def live() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("alive\n")


@router.get("/readyz")
async def ready(services: ServicesDep) -> JSONResponse:
    """Whether requests should be sent here: 200, or 503 with what is missing."""
    checks = await readiness(services)
    return JSONResponse({"ready": all(checks.values()), "checks": checks}, 200 if all(checks.values()) else 503)


@router.get("/metrics")
def metrics() -> Response:
    """Counters in the format of Prometheus."""
    return Response(latest(), media_type=CONTENT_TYPE_LATEST)


async def readiness(services: Services) -> dict[str, bool]:
    """Each check by name."""
    if services.stopping:
        return {"running": False}
    return {
        "running": True,
        "database": await _writes(services),
        "migrations": await run_in_threadpool(_holds, lambda: at_head(services.database)),
        "prices": await run_in_threadpool(_holds, lambda: bool(services.book(services.today()).prices)),
        "disk": await run_in_threadpool(_holds, lambda: free_disk(services) >= LEAST_FREE_DISK),
    }


async def _writes(services: Services) -> bool:
    try:
        async with services.writing.taken():
            return await run_in_threadpool(_holds, services.limits.probe)
    except Unavailable:
        return False


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 -- whatever fails, the answer is "not ready"
        return False


def free_disk(services: Services) -> float:
    """The free share of the disk with the data folder."""
    usage = shutil.disk_usage(services.settings.data_dir)
    return usage.free / usage.total
