"""What requests share: settings, knowledge, prices, the database; and the dependencies through which endpoints get them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.domain.catalogue import PriceBook
from app.domain.knowledge import Knowledge
from app.errors import InputError, Unavailable
from app.prices import price_book
from app.runs.desk import SignInDesk
from app.runs.runner import Runner
from app.settings import Settings
from app.store.db import WAIT_SECONDS, Database
from app.store.limits import Limits
from app.web.language import language_of

Result = TypeVar("Result")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
MOST_FIELDS = 60
LONGEST_FIELD = 2000
LONGEST_SECRET = 8192  # pasted tokens of some platforms are longer than any answer
# For a turn at what keeps a processor busy: longer than for a page, shorter than proxies wait.
BUSY_SECONDS = 50


class Slots:
    """As many requests may hold a session as there are connections; the others wait here without using a thread."""

    def __init__(self, count: int, patience: float = WAIT_SECONDS) -> None:
        self._free, self._patience = asyncio.Semaphore(count), patience

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for a slot and holds it. Raises Unavailable when none gets free in time."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(
                detail="Too many people are working here right now.", mend="Please try again in a minute."
            ) from None


@dataclass
class Services:
    """Everything an endpoint may use. One per process; holds nothing that another process would need to know."""

    settings: Settings
    knowledge: Knowledge
    database: Database
    limits: Limits
    desk: SignInDesk
    runner: Runner
    stopping: bool = False
    reading: Slots = field(init=False)
    writing: Slots = field(init=False)
    deciding: Slots = field(init=False)
    typesetting: Slots = field(init=False)
    committing: CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        """Sizes the queues."""
        self.reading, self.writing = Slots(self.database.readers), Slots(self.database.writers)
        cores = os.cpu_count() or 1
        self.deciding, self.typesetting = Slots(cores, BUSY_SECONDS), Slots(cores, BUSY_SECONDS)
        self.committing = CapacityLimiter(self.database.readers + self.database.writers)

    def book(self, as_of: date) -> PriceBook:
        """The prices in force on a day."""
        return price_book(self.knowledge, as_of, self.settings.data_dir, self.settings.own_prices)

    def today(self) -> date:
        """The present day (UTC)."""
        return datetime.now(UTC).date()

    async def run(self, work: Callable[[Session], Result], write: bool = False) -> Result:
        """Runs `work` with a session of its own, for the few endpoints that must do more than one step."""
        async with (self.writing if write else self.reading).taken():
            return await run_in_threadpool(self._run, work, write)

    def _run(self, work: Callable[[Session], Result], write: bool) -> Result:
        with self.database.session(write) as session:
            return work(session)

    @asynccontextmanager
    async def session(self, write: bool) -> AsyncIterator[Session]:
        """One session, committed once at the end, rolled back on an error."""
        async with (self.writing if write else self.reading).taken():
            session = self.database.new_session(write)
            try:
                yield session
                # Not among the endpoints: they may all be waiting for what this one is about to release.
                await to_thread.run_sync(session.commit, limiter=self.committing)
            finally:
                session.close()


def services_of(request: Request) -> Services:
    """The services of the running program."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    return services_of(request)  # asynchronous, for each synchronous dependency takes a turn in a thread


ServicesDep = Annotated[Services, Depends(_services)]


async def _turn(services: ServicesDep) -> AsyncIterator[None]:
    async with services.deciding.taken():
        yield


# For endpoints that keep a processor busy: as many at a time as there are cores. The others wait without a session and
# without a thread, so that pages are served meanwhile.
DECIDING = Depends(_turn, scope="function")


async def _language(request: Request) -> str:
    return language_of(request)


async def _session(request: Request, services: ServicesDep) -> AsyncIterator[Session]:
    async with services.session(write=request.method not in SAFE_METHODS) as session:
        yield session


# scope="function": committed before the answer is sent, so that nothing is confirmed that is not stored.
# GET and HEAD get a session that cannot write.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
LanguageDep = Annotated[str, Depends(_language)]


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a posted form: name -> values. Refuses files, more than 60 fields and values over 2,000 characters."""
    return await _fields(request, LONGEST_FIELD)


async def read_secret_form(request: Request) -> dict[str, list[str]]:
    """The same for forms into which credentials are pasted: values up to 8,192 characters."""
    return await _fields(request, LONGEST_SECRET)


async def _fields(request: Request, longest: int) -> dict[str, list[str]]:
    form: FormData = await request.form(max_fields=MOST_FIELDS, max_files=0)
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str) or len(value) > longest:
            raise InputError(
                [],
                detail="A field holds a file or more than {limit} characters.",
                mend="Shorten it and send it again.",
                limit=longest,
            )
        fields.setdefault(name, []).append(value)
    return fields


FormDep = Annotated[dict[str, list[str]], Depends(read_form)]
SecretFormDep = Annotated[dict[str, list[str]], Depends(read_secret_form)]
