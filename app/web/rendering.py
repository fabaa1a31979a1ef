"""Templates: one strict, autoescaping environment per language, and `render` to answer with a page or one block of it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from markupsafe import Markup, escape

from app.locales import LANGUAGES, Formatter, formatter
from app.locales.catalogue import NAMES, translate, translate_plural
from app.web import static

FOLDER = Path(__file__).parents[2] / "templates"
PRIVATE = ("/a/", "/r/", "/s/", "/approve/")
FILTERS = (
    "say", "t", "number", "count", "money", "money_exact", "money_range", "percent", "percent_range",
    "tokens", "hours", "weeks", "weeks_range", "months", "date", "moment", "currency",
)  # fmt: skip


def render(
    request: Request,
    template: str,
    view: Any,
    status: int = 200,
    *,
    block: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Answers with a template, or with one block of it (htmx); `view` is `page` inside."""
    language = language_of(request)
    context = {"page": view, "path": path_of(request), "query": request.url.query, "origin": origin_of(request)}
    return HTMLResponse(render_text(language, template, context, block), status, dict(headers or {}))


def render_text(language: str, template: str, context: Mapping[str, Any], block: str | None = None) -> str:
    """The page as text, without a request."""
    jinja = environment(language)
    if block:
        return render_block(jinja, template, block, **context)
    return jinja.get_template(template).render(**context)


def packed(text: str) -> bytes:
    """A text that is sent often, compressed once."""
    return gzip.compress(text.encode(), mtime=0)


def packed_response(request: Request, body: bytes) -> HTMLResponse:
    """A packed page; unpacked for the rare client that cannot do it itself."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return HTMLResponse(body, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
    return HTMLResponse(gzip.decompress(body))


def language_of(request: Request) -> str:
    """The language the middleware found for this request."""
    return str(getattr(request.state, "language", LANGUAGES[0]))


def path_of(request: Request) -> str:
    """The path without the language prefix, which its layer took off."""
    return str(request.scope["path"])


def origin_of(request: Request) -> str:
    """The address under which people reach this installation, for absolute links in the head of a page."""
    settings = getattr(getattr(request.app.state, "services", None), "settings", None)
    return str(getattr(settings, "public_url", None) or request.base_url).rstrip("/")


@cache
def environment(language: str) -> Environment:
    """The environment of a language; globals and filters are bound to it, so imported macros have them too."""
    jinja = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    texts = formatter(language)
    jinja.newstyle_gettext = True  # type: ignore[attr-defined]
    jinja.filters.update({name: getattr(texts, name) for name in FILTERS})
    jinja.globals.update(_globals(language, texts))
    return jinja


def _globals(language: str, texts: Formatter) -> dict[str, Any]:
    return {
        "language": language,
        "languages": [(code, NAMES[code]) for code in LANGUAGES],
        "url": lambda path, **query: address(language, path, **query),
        "url_in": address,
        "static": static.address,
        "is_private": lambda path: path.startswith(PRIVATE),
        "_": lambda text, **values: _escaped(translate(language, text), values),
        "gettext": lambda text, **values: _trusted(translate(language, text), values),
        "ngettext": lambda one, many, n, **values: _trusted(
            translate_plural(language, one, many, n), {"num": texts.count(n), "n": texts.count(n), **values}
        ),
    }


def address(language: str, path: str, **query: Any) -> str:
    """An address of this site in a language, with its query."""
    pairs = "&".join(f"{quote(name)}={quote(str(item))}" for name, item in query.items() if item is not None)
    return f"/{language}{path}{'?' + pairs if pairs else ''}"


def _escaped(text: str, values: dict[str, Any]) -> Markup:
    safe = escape(text)
    return safe.format(**values) if values else safe


def _trusted(text: str, values: dict[str, Any]) -> Markup:
    """Texts of templates may hold mark-up; the values in them are escaped. Both {name} and %(name)s are filled."""
    safe = Markup(text)  # noqa: S704 (the text comes from our own templates and translations)
    if "%(" in text or "%%" in text:
        return safe % values
    return safe.format(**values) if values else safe
