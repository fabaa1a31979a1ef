"""What a page costs its reader: bytes, third parties, cookies, storage."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.conftest import LiveServer
from tests.e2e.places import LONG_LISTS, PUBLIC, open_example, private_pages

MOST_BYTES = 60_000


def weigh(open_context: Any, address: str) -> tuple[int, set[str]]:
    """Bytes over the wire of a page without cache, and every host asked."""
    context = open_context()
    page: Page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(address, wait_until="networkidle")
    context.close()
    return int(sum(sizes)), hosts


def test_every_page_is_light_and_asks_nobody_else(open_context: Any, live_server: LiveServer) -> None:
    case = open_example(open_context(), "de")
    heavy = []
    for address in PUBLIC + LONG_LISTS + private_pages(case, live_server.services.knowledge):
        size, hosts = weigh(open_context, address if address.startswith("/api") else f"/de{address}")
        assert hosts == {live_server.url.split("//")[1]}
        if size > MOST_BYTES:
            heavy.append(f"{address.replace(case.token, '…')}: {size}")
    assert not heavy, "\n".join(heavy)


def test_nothing_is_stored_in_the_browser_of_an_author(open_context: Any) -> None:
    context = open_context()
    case = open_example(context, "de")
    page = context.new_page()
    for address in ("/de/", f"/de/a/{case.token}/check", case.report, f"{case.report}/what-if"):
        page.goto(address)
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert context.cookies() == []
