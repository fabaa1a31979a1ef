"""What tests of the controls share: parts and orders of any way, option and persona, a signing with a canary, and one whole life."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import httpx2

from app.launch.access import Access
from app.launch.control import Control, Order, Parts, Seen, checked_entries, control_class, controls
from app.launch.kit import code_zip, config
from app.launch.platform import platform
from app.locales import formatter
from tests.launch.fakes.cloud import Cloud
from tests.launch.sample import OPTIONS, PERSONAS, full_decision, launch

CANARY = "canary-7c31f9"
LAUNCH = "5af0c3b2d1e4f697"


class CanarySigning:
    """A bearer token that must turn up nowhere but in the header."""

    def auth(self, service: str, region: str) -> httpx2.Auth:
        return httpx2.FunctionAuth(self._sign)

    def _sign(self, request: httpx2.Request) -> httpx2.Request:
        request.headers["Authorization"] = f"Bearer {CANARY}"
        return request


def examples(name: str, way: str) -> dict[str, str]:
    """What a user would enter: the examples of the form."""
    info = controls(name)[way]
    return checked_entries(info, {entry.name: entry.example for entry in info.entries})


@cache
def parts(name: str, way: str, option: str, persona: str = "support", **entries: str) -> Parts:
    """What a definition is made of."""
    place = platform(name)
    spec = launch(place, option, persona, "de", way)
    spec = spec.model_copy(update={"name": f"{spec.name}-{LAUNCH[:4]}"})
    ways = place.ways_of(spec)
    code = code_zip(spec, ways)
    return Parts(
        launch=LAUNCH, name=spec.name, spec=spec, values=place.values(spec), entries={**examples(name, way), **entries},
        config=config(spec, full_decision(), ways, formatter("de")), bundle_url="https://lotse.example.org/launch-templates/x.zip",
        bundle_sha256=sha256(code).hexdigest(), bundle_base64=b64encode(code).decode(), expires=1_800_000_000,
    )  # fmt: skip


def order(made: Parts, way: str, **changes: Any) -> Order:
    """The order of these parts."""
    definition = control_class(made.spec.platform, way).definition(made)
    fields = {
        "launch": made.launch, "name": made.name, "platform": made.spec.platform, "way": way, "region": made.spec.region,
        "entries": made.entries, "definition": json.loads(json.dumps(definition)), "bundle_sha256": made.bundle_sha256,
        "seconds": made.spec.seconds, "expires": made.expires, **changes,
    }  # fmt: skip
    return Order.model_validate(fields)


def control(cloud: Cloud, name: str, way: str, option: str, persona: str = "support", **entries: str) -> Control:
    """A control that speaks to the fake cloud."""
    made = parts(name, way, option, persona, **entries)
    code = b64decode(made.bundle_base64)
    cloud.clients.append(Access(CanarySigning(), cloud.url))
    return control_class(name, way)(order(made, way), cloud.clients[-1], code)


def every(name: str, way: str) -> Iterator[tuple[str, str]]:
    """Every option that offers the way, with every persona."""
    place = platform(name)
    offered = next(item for item in place.info.ways if item.id == way).options
    return ((option, persona) for option in OPTIONS if option in offered for persona in PERSONAS)


def life(cloud: Cloud, made: Control, looks: int = 12) -> list[Seen]:
    """Everything from looking for it to its end, as the runner does it."""
    assert made.find() is None
    seen = [made.submit()]
    found = made.find()
    assert found is not None
    assert found.handle == seen[0].handle
    for _ in range(looks):
        latest = made.status(seen[0].handle)
        assert latest is not None
        seen.append(latest)
        if latest.state in ("succeeded", "failed", "cancelled"):
            break
    return seen


def torn_down(made: Control, handle: str, looks: int = 6) -> bool:
    """Whether everything is gone after some tries; one more does no harm."""
    gone = any(made.teardown(handle) for _ in range(looks))
    return gone and made.teardown(handle)


def shows_no_canary(*things: Any) -> bool:
    """Whether the token is in none of them."""
    return not any(CANARY in str(thing) for thing in things)
