"""The shell scripts of a kit: variables checked first, each command as quoted words, nothing concatenated."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from app.launch.platform import Variable, Way
from app.launch.render import command
from app.locales import N_, Formatter

SCRIPTS = {
    "run.sh": N_("Starts it. Costs money from here on, within the caps named in README.md."),
    "status.sh": N_("Shows how far it is."),
    "cancel.sh": N_("Stops it at once."),
    "teardown.sh": N_("Removes what costs money, and can be repeated until nothing is left."),
}
SECOND = N_(
    "Then with a model: installs packages into .venv-smoke, the first time from the network, and does on the processor what the "
    "kit does later, without cost; ./smoke.sh quick leaves it out."
)
LOCKED = "--no-deps --require-hashes "
PIP = {"requirements-torch.txt": "", "requirements-lock.txt": LOCKED, "requirements-smoke.txt": LOCKED}
HEADS = {"run.sh": "run", "status.sh": "status", "cancel.sh": "cancel", "teardown.sh": "teardown"}


def scripts(ways: list[Way], values: Mapping[str, Any], texts: Formatter, smoke: list[str]) -> dict[str, str]:
    """All scripts of a kit; with several stages the first argument names one. `smoke`: files of packages it installs."""
    return {name: _script(name, ways, values, texts) for name in SCRIPTS} | {"smoke.sh": _smoke(texts, smoke)}


def commands(way: Way, action: str, values: Mapping[str, Any]) -> list[str]:
    """The command lines of an action, as text to read or copy."""
    return [command(words, values) for words in getattr(way, action)]


def _script(name: str, ways: list[Way], values: Mapping[str, Any], texts: Formatter) -> str:
    cases = "\n".join(_case(way, HEADS[name], values, texts) for way in ways)
    stages = " | ".join(way.stage for way in ways)
    usage = shlex.quote(f"{name}: {stages}")
    return (
        f"{_head(texts.t(SCRIPTS[name]))}\n"
        f'stage="${{1:-{ways[0].stage}}}"\n'
        f"case \"$stage\" in\n{cases}\n*)\n  printf '%s\\n' {usage} >&2\n  exit 2\n  ;;\nesac\n"
    )


def _head(comment: str) -> str:
    return (
        f'#!/bin/sh\n# {comment}\nset -eu\ncd "$(dirname "$0")"\nfail() {{\n  printf \'%s\\n\' "$1" >&2\n  exit 2\n}}'
    )


def _case(way: Way, action: str, values: Mapping[str, Any], texts: Formatter) -> str:
    wanted = commands(way, action, values)
    used = [item for item in way.variables if action == "run" or any(f"${{{item.name}}}" in line for line in wanted)]
    if action == "teardown":  # goes on after a failure, so that it can be repeated until nothing is left
        wanted = [*(f"{line} || failed=1" for line in wanted), 'exit "${failed:-0}"']
    lines = [*(_tool(tool, texts) for tool in way.tools), *(_check(item, texts) for item in used), *wanted]
    return "\n".join([f"{way.stage})", *(f"  {line}" for line in lines or [":"]), "  ;;"])


def _tool(name: str, texts: Formatter) -> str:
    says = texts.t("The program {name} is needed; install it first.", name=name)
    return f"command -v {shlex.quote(name)} >/dev/null || fail {shlex.quote(says)}"


def _check(item: Variable, texts: Formatter) -> str:
    says = texts.t("Set the environment variable {name}: {meaning}", name=item.name, meaning=texts.t(item.help))
    return f'[ -n "${{{item.name}:-}}" ] || fail {shlex.quote(says)}'


def _smoke(texts: Formatter, packages: list[str]) -> str:
    first = texts.t("Proves on this machine, without model, network or cost, that data, search and scoring work.")
    with_model = f"# {texts.t(SECOND)}\n{_environment(packages)}" if packages else "python3 -m pipeline.smoke\n"
    quick = '[ "${1:-}" = quick ] && exit 0'
    return f"{_head(first)}\npython3 -m pipeline.evaluate --rehearse\n{quick}\n{with_model}"


def _environment(packages: list[str]) -> str:
    """Makes .venv-smoke once; SMOKE_VENV names an environment that has the packages already."""
    lines = "\n".join(
        f'    "$folder/bin/python" -m pip install --quiet {PIP[name]}--requirement {name}' for name in packages
    )
    return (
        'folder="${SMOKE_VENV:-.venv-smoke}"\n'
        'if [ -z "${SMOKE_VENV:-}" ] && [ ! -e "$folder/ready" ]; then\n'
        f'    python3 -m venv "$folder"\n{lines}\n    touch "$folder/ready"\nfi\n"$folder/bin/python" -m pipeline.smoke\n'
    )
