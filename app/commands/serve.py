"""`lotse serve`: the web application on one address, in one or several processes."""

from __future__ import annotations

import signal
import socket
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from app.errors import SettingError
from app.settings import share_metrics

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from app.settings import Settings

GRACE_SECONDS = 20


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Number of processes.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the web application."""
    from app.main import create_app  # noqa: PLC0415 -- the other commands start without the web
    from app.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    with closing(_listen(host, port)) as listener:
        application = create_app(settings)  # in the parent too, so that every mistake is said before anything starts
        _say_address(host, listener)
        if workers == 1:
            _serve_here(application, settings, listener)
        else:
            application.state.services.database.close()
            _serve_in_processes(settings, listener, workers)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise SettingError(
            detail="Cannot listen on {host}:{port}: {reason}.",
            mend="Stop what runs there, or choose another port with --port.",
            host=host, port=port, reason=(error.strerror or "unknown").lower(),
        ) from None  # fmt: skip
    return listener


def _say_address(host: str, listener: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Lotse runs at http://{shown}:{listener.getsockname()[1]}/ (stop it with Ctrl+C)")


def _serve_here(application: FastAPI, settings: Settings, listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415

    # The server stops in order on SIGTERM, and then raises it once more: that second one would look like a crash.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(_configuration(application, settings, workers=1)).run(sockets=[listener])


def _serve_in_processes(settings: Settings, listener: socket.socket, workers: int) -> None:
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    listener.set_inheritable(True)
    with TemporaryDirectory(prefix="lotse-metrics-") as folder:
        share_metrics(folder)
        Multiprocess(_configuration("app.main:create_app", settings, workers), sockets=[listener]).run()


def _configuration(application: FastAPI | str, settings: Settings, workers: int) -> uvicorn.Config:
    import uvicorn  # noqa: PLC0415

    return uvicorn.Config(
        application,
        factory=isinstance(application, str),
        workers=workers,
        lifespan="on",
        access_log=False,  # it would hold paths, and paths hold tokens
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )
