"""Rate limits: `dependencies=[rate_limit("create")]` on a route. Counted in the database before the endpoint gets its session."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from app.errors import TooMany
from app.web.services import Services, services_of


async def enforce(services: Services, name: str, *subjects: str) -> None:
    """Counts an event for each subject. Raises TooMany with the seconds to wait."""
    async with services.writing.taken():
        waits = [await run_in_threadpool(services.limits.hit, name, subject) for subject in subjects]
    if wait := max(waits):
        raise TooMany(
            detail="This was done too often in a short time.",
            mend="Please wait {minutes} min and try again.",
            minutes=-(-wait // 60),
            retry_after=wait,
        )


async def forgive(services: Services, name: str, *subjects: str) -> None:
    """Forgets what was counted, because it turned out to be right."""
    async with services.writing.taken():
        for subject in subjects:
            await run_in_threadpool(services.limits.forget, name, subject)


def client_address(request: Request) -> str:
    """The address of the client; behind a trusted proxy the one that it states."""
    return request.client.host if request.client else "unknown"


def rate_limit(name: str) -> Any:
    """The dependency that enforces a limit per client address."""

    async def limited(request: Request) -> None:
        await enforce(services_of(request), name, client_address(request))

    return Depends(limited)
