"""A launch as an address: what a public template needs, packed into its name, without title, costs or anything of a report."""

from __future__ import annotations

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from pydantic import ValidationError

from app.errors import NotFound
from app.launch.spec import LaunchSpec

LONGEST = 4096  # bytes of an unpacked launch


def public(spec: LaunchSpec) -> LaunchSpec:
    """The same launch under a neutral name and without figures of the report."""
    name = f"lotse-{spec.name.rsplit('-', 1)[-1]}"
    hidden = {"name": name, "cost": None, "cost_cap": None, "decision": "0" * 12, "test_cases": 0}
    return spec.model_copy(update=hidden)


def packed(spec: LaunchSpec) -> str:
    """The public launch as URL-safe text."""
    text = public(spec).model_dump_json(exclude_defaults=True)
    return urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> LaunchSpec:
    """The launch in an address. Raises NotFound for anything that `packed` did not write."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return LaunchSpec.model_validate_json(zlib.decompressobj().decompress(data, LONGEST))
    except (binascii.Error, zlib.error, ValidationError, ValueError) as error:
        raise NotFound(detail="There is no such template.", mend="Open the launch page of the report again.") from error


def address(spec: LaunchSpec, base: str, suffix: str) -> str:
    """The public address of the template of a launch."""
    return f"{base.rstrip('/')}/{spec.platform}/{packed(spec)}{suffix}"
