"""Static files under an address that changes with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.errors import NotFound

FOLDER = Path(__file__).parents[2] / "static"
KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}
CHECK_AGAIN = {"Cache-Control": "no-cache"}
router = APIRouter(include_in_schema=False)
mimetypes.add_type("font/woff2", ".woff2")


@cache
def files() -> dict[str, Path]:
    """Every file that may be served, by its path below the folder; nothing outside can be named."""
    return {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}


@cache
def version() -> str:
    """One hash over the content of all files: relative links between them keep working."""
    digest = hashlib.sha256()
    for name, path in sorted(files().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """The address of a file. Raises KeyError for a file that does not exist, so that a wrong name fails in the tests."""
    if name not in files():
        raise KeyError(f"no static file {name}")
    return f"/static/{version()}/{name}"


@router.get("/static/{stamp}/{name:path}")
def static_file(stamp: str, name: str) -> FileResponse:
    """One file; kept for ever when the stamp is the current one."""
    path = files().get(name)
    if path is None:
        raise NotFound("There is no file {name}.", name=name)
    return FileResponse(path, headers=KEEP if stamp == version() else CHECK_AGAIN)
