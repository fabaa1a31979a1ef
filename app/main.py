"""The web application: settings, knowledge, database, routers, layers. Nobody imports it but the commands and the server."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from types import FrameType

import structlog
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

import app.web
from app.errors import SettingError
from app.knowledge import load_knowledge
from app.runs.desk import Rules, SignInDesk
from app.runs.orphans import search
from app.runs.runner import Runner
from app.settings import Settings, load_settings
from app.store.backup import delete_old_backups
from app.store.db import Database, explained, make_folder
from app.store.limits import Limits
from app.store.migrate import migrate
from app.store.repository import clean, utc_now
from app.web import handlers, logs
from app.web.language import Language
from app.web.middleware import Guarded, Observed
from app.web.security import SameOrigin, SecurityHeaders
from app.web.services import Services

FIRST_CLEANUP_SECONDS, CLEANUP_SECONDS = 60, 24 * 3600
# Tried first, for every route before the right one takes time; files before reports: `{id}` would take `{id}.pdf` too.
MOST_ASKED = ("static", "exports", "report")
UNCOMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf", "application/vnd.*")
logger = structlog.get_logger("lotse")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, ready to serve: database migrated, knowledge loaded. Raises SettingError and KnowledgeError."""
    settings = settings or load_settings()
    check_production(settings)
    logs.set_up(settings.log_level)
    application = FastAPI(
        title="Lotse", version="1", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None,
        lifespan=_lifespan, middleware=_layers(settings),
    )  # fmt: skip
    application.state.services = make_services(settings)
    handlers.register(application)
    for router in find_routers():
        application.include_router(router)
    return application


def make_services(settings: Settings) -> Services:
    """Opens and migrates the database and loads the knowledge."""
    make_folder(settings.data_dir)
    database = Database(settings.database)
    with explained(database):
        migrate(database, backups=settings.backups)
    desk = SignInDesk(launch_rules(settings))
    runner = Runner(database, desk, utc_now)
    services = Services(settings, load_knowledge(), database, Limits(settings, database), desk, runner)
    services.book(services.today())  # a mistake in the file of own prices stops the start, not the first visitor
    return services


def launch_rules(settings: Settings) -> Rules:
    """What the operator allows launches from the server."""
    return Rules(
        here=settings.launch_here, public_url=settings.public_url, endpoints=settings.endpoints,
        ambient=frozenset(name.strip() for name in settings.launch_ambient.split(",") if name.strip()),
        data_dir=settings.data_dir, template_base=settings.template_base_url, simulated=settings.launch_simulated,
    )  # fmt: skip


def check_production(settings: Settings) -> None:
    """An open installation needs an imprint. Raises SettingError."""
    for name in ("imprint_name", "imprint_address", "imprint_email"):
        if settings.production and not getattr(settings, name):
            raise SettingError(
                detail="LOTSE_{name} is missing.",
                mend="An installation in production needs an imprint; set it in the environment or in .env.",
                name=name.upper(),
            )


def find_routers() -> Iterator[APIRouter]:
    """The `router` of each module and package below `app.web`: those asked most, then the others in order of names."""
    others = [item.name for item in iter_modules(app.web.__path__) if item.name not in MOST_ASKED]
    for name in (*MOST_ASKED, *others):
        router = getattr(import_module(f"app.web.{name}"), "router", None)
        if isinstance(router, APIRouter):
            yield router


def _layers(settings: Settings) -> list[Middleware]:
    # From outside to inside.
    return [
        Middleware(Observed),
        Middleware(Language, default=settings.default_language),
        Middleware(SecurityHeaders, production=settings.production),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=UNCOMPRESSED),
        Middleware(SameOrigin, public_url=settings.public_url),
        Middleware(Guarded),
    ]


@asynccontextmanager
async def _lifespan(application: FastAPI) -> AsyncIterator[None]:
    services: Services = application.state.services
    _not_ready_on_stop(services)
    cleaning = asyncio.create_task(_clean_daily(services))
    services.runner.start()  # also where nothing new may be started: what runs is stopped at its caps all the same
    yield
    services.stopping = True
    await asyncio.to_thread(services.runner.stop)
    cleaning.cancel()
    with suppress(asyncio.CancelledError):
        await cleaning
    services.database.close()


def _not_ready_on_stop(services: Services) -> None:
    """`/readyz` says no as soon as the process is asked to stop; the server then finishes what it began."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        services.stopping = True
        if callable(before):
            before(number, frame)

    if callable(before):
        signal.signal(signal.SIGTERM, stop)


async def _clean_daily(services: Services) -> None:
    delay = FIRST_CLEANUP_SECONDS
    while True:
        try:
            await asyncio.sleep(delay)
            delay = CLEANUP_SECONDS
            async with services.writing.taken():
                days = services.settings.draft_days, services.settings.report_days
                deleted = await asyncio.to_thread(clean, services.database, utc_now(), *days)
            await asyncio.to_thread(delete_old_backups, services.settings.backups, utc_now())
            await asyncio.to_thread(search, services.database, services.desk, utc_now())
            logger.info("cleanup", drafts=deleted.drafts, reported=deleted.reported)
        except Exception as error:  # noqa: BLE001 -- tomorrow is another day
            logger.error("cleanup", kind=type(error).__name__)
