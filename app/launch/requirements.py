"""The packages of a kit, from the complete locks in `locks/`: one per group, with the digests of every wheel.

PyTorch stands apart: its build differs by platform and hardware, so it is installed first and by version alone.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from app.launch.platform import Way
from app.launch.spec import LaunchSpec

WITH_TORCH = {"tuning", "encoder"}
SMOKE = {"prompting": ["retrieval", "weights"], "retrieval": ["retrieval", "weights"]}  # packages of the smoke test
NOTHING = "# nothing beyond Python 3.11 or newer\n"
HEAD = "# Complete and with digests; install with: pip install --no-deps --require-hashes -r {name}\n"


def requirement_files(spec: LaunchSpec, ways: list[Way]) -> dict[str, str]:
    """File name -> text. `requirements.txt` can be installed plainly; the others are what the kit's own scripts install."""
    used = groups(spec, ways)
    found = {"requirements.txt": plain(used)}
    if WITH_TORCH & set(used):
        found["requirements-torch.txt"] = _text("torch")
    if used:
        found["requirements-lock.txt"] = _locked("requirements-lock.txt", used)
    if not _trains_here(spec) and spec.pipeline in SMOKE:
        found["requirements-smoke.txt"] = _locked("requirements-smoke.txt", SMOKE[spec.pipeline])
    return found


def groups(spec: LaunchSpec, ways: list[Way]) -> list[str]:
    """The locks that a kit needs, each once."""
    named = [group for way in ways for group in way.packages]
    named += ["postgres"] if spec.pipeline == "retrieval" else []  # STORE_URL may name PostgreSQL
    return list(
        dict.fromkeys("encoder" if spec.pipeline == "encoder" and group == "tuning" else group for group in named)
    )


def smoke_files(spec: LaunchSpec, found: dict[str, str]) -> list[str]:
    """What the smoke test installs, in order: what tunes here, or small models for retrieval and prompting."""
    wanted = ["requirements-torch.txt", "requirements-lock.txt"] if _trains_here(spec) else ["requirements-smoke.txt"]
    return [name for name in wanted if name in found]


def _trains_here(spec: LaunchSpec) -> bool:
    return spec.tunes_text or spec.pipeline == "encoder"


def plain(used: list[str]) -> str:
    """All packages at their exact versions, PyTorch first, without digests: `pip install -r` takes it on any machine."""
    names = ["torch"] if WITH_TORCH & set(used) else []
    lines = [line for group in [*names, *used] for line in blocks(group)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines)) or NOTHING


def _locked(name: str, used: list[str]) -> str:
    found: dict[str, str] = {}
    for group in used:
        found |= blocks(group)
    return HEAD.format(name=name) + "".join(found[line] for line in sorted(found))


@cache
def blocks(group: str) -> dict[str, str]:
    """The lock of a group: requirement with version and marker -> its lines with digests."""
    found: dict[str, str] = {}
    current = ""
    for line in _text(group).splitlines():
        if not line.startswith((" ", "#")):
            current = line.removesuffix("\\").strip()
            found[current] = ""
        if not line.startswith("#"):
            found[current] += f"{line}\n"
    return found


def _text(group: str) -> str:
    return files("app.launch").joinpath("locks", f"{group}.txt").read_text(encoding="utf-8")
