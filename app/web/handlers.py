"""Errors become answers: a designed page, one block of it for htmx, or JSON under `/api`. One file for all of them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.errors import AppError, Forbidden, InputError, NotFound, TooLarge, Unavailable
from app.store.db import is_transient
from app.web.rendering import FOLDER, render
from app.web.views.errors import ErrorPage

logger = structlog.get_logger("lotse")
RETRY_SECONDS = 5
ROOT = Path(__file__).parents[1]


class NotAllowed(AppError):
    """This address does not take this method."""

    code, status, title = "method_not_allowed", 405, "This is not possible here"


class BadRequest(AppError):
    """The request cannot be read."""

    code, status, title = "bad_request", 400, "This request cannot be read"


class TooSlow(AppError):
    """The request did not arrive in time."""

    code, status, title = "too_slow", 408, "This took too long"


class Incident(AppError):
    """An error that nobody foresaw; the log has it under the same id."""

    code, status, title = "internal", 500, "Something went wrong"


def register(app: FastAPI) -> None:
    """Connects the handlers with the program."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_error)


def error_response(request: Request, error: AppError) -> Response:
    """The answer to an error in the form that the client expects."""
    headers = _headers(error)
    if request.scope["path"].startswith("/api/"):
        return JSONResponse({"error": error.as_json()}, error.status, headers)
    page = ErrorPage(
        status=error.status, title=error.title, detail=error.detail, mend=error.mend, values=error.values,
        problems=getattr(error, "problems", []), incident=incident_id(request),
    )  # fmt: skip
    shown = _without_capability(request)
    if request.headers.get("hx-request"):
        return render(shown, "errors/base.html", page, error.status, block="main", headers=headers)
    return render(shown, _template(error.status), page, error.status, headers=headers)


def _without_capability(request: Request) -> Request:
    """Error pages are passed on in screenshots and mails: their links do not repeat the address, which may hold a token."""
    return Request({**request.scope, "path": "/", "query_string": b""})


def incident_id(request: Request) -> str:
    """The id of the request, as it stands in the log."""
    return str(getattr(request.state, "request_id", ""))


def _template(status: int) -> str:
    own = f"errors/{status}.html"
    return own if (FOLDER / own).is_file() else "errors/404.html"


def _headers(error: AppError) -> dict[str, str]:
    if error.status not in (429, 503):
        return {}
    return {"Retry-After": str(int(error.values.get("retry_after", RETRY_SECONDS)))}


def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return error_response(request, error)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if all(item["loc"][0] == "path" for item in error.errors()):
        return error_response(request, _KNOWN[404]())
    return error_response(request, InputError([_problem(item) for item in error.errors()]))


def _problem(item: dict[str, Any]) -> dict[str, Any]:
    where: Sequence[Any] = item["loc"][1:] or item["loc"]
    key, allowed = ".".join(str(part) for part in where), str(item["msg"])
    return {"key": key, "value": None, "allowed": allowed, "says": f"{key}: {allowed}"}


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    make = _KNOWN.get(error.status_code, _unforeseen_status)
    response = error_response(request, make())
    response.headers.update(error.headers or {})
    return response


_KNOWN: dict[int, Callable[[], AppError]] = {
    400: lambda: BadRequest(detail="The form or the address is damaged.", mend="Reload the page and try again."),
    403: lambda: Forbidden(detail="You have no right to open this page.", mend="Ask for the right link."),
    404: lambda: NotFound(detail="There is no page at this address.", mend="Check the address, or start anew."),
    405: lambda: NotAllowed(detail="This address does not take such a request.", mend="Go back and use the buttons."),
    413: lambda: TooLarge(detail="More was sent than this page takes.", mend="Shorten it and send it again."),
}


def too_slow() -> AppError:
    """A request that does not come to its end."""
    return TooSlow(detail="What you sent did not arrive completely.", mend="Check your connection and send it again.")


def _unforeseen_status() -> AppError:
    return BadRequest(detail="The request cannot be answered.", mend="Go back and try again.")


def _database_error(request: Request, error: Exception) -> Response:
    if is_transient(error):
        raise error  # the middleware tries the whole request again
    return unavailable(request, error)


def unavailable(request: Request, error: Exception) -> Response:
    """The database does not answer: what was confirmed is stored, what was just sent is not."""
    logger.error("database", kind=type(error).__name__, request_id=incident_id(request), frames=frames(error))
    text = Unavailable(
        detail="The database does not answer right now. All answers that were confirmed before are saved.",
        mend="Please reload in a minute.",
    )
    return error_response(request, text)


def incident(request: Request, error: Exception) -> Response:
    """Last resort: logs where it happened and answers with the id under which it stands in the log."""
    logger.error("incident", kind=type(error).__name__, request_id=incident_id(request), frames=frames(error))
    text = Incident(
        detail="This is our mistake, not yours. What you entered before is saved.",
        mend="Please try again; if it stays, tell the operator the number below.",
    )
    try:
        return error_response(request, text)
    except Exception:  # noqa: BLE001 -- even the error page is broken
        return PlainTextResponse(f"{text.says} {incident_id(request)}", text.status)


def frames(error: BaseException) -> list[str]:
    """Where in our own code an error happened, and the last place; without its message, which may hold answers or tokens."""
    stack = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in stack[:-1] if Path(frame.filename).is_relative_to(ROOT)]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in [*own[-8:], *stack[-1:]]]
