"""`lotse kit`: answers in, a launch kit on disk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.launch.planning import Advice

FOLDER = Path(__file__).parents[1] / "launch" / "platforms"
PLATFORMS = sorted(path.parent.name for path in FOLDER.glob("*/platform.yaml"))  # without loading them


@click.command("kit")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--platform", "name", type=click.Choice(PLATFORMS), required=True, help="Where to launch.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write; new or empty."
)
@click.option("--option", default="", help="Option to launch; the recommended one if not given.")
@click.option("--way", default="", help="Way on the platform, where there are several; the first if not given.")
@click.option(
    "--lang", type=click.Choice(["de", "en"]), default="en", show_default=True, help="Language of the README."
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of prices and rules; today if not given.")
def command(file: IO[bytes], name: str, out: Path, option: str, way: str, lang: str, as_of: datetime | None) -> None:  # noqa: PLR0913, PLR0917
    """Decide for the answers in FILE (or standard input) and write a launch kit to a folder."""
    # Loaded here, so that help and wrong options answer at once.
    from app.launch.kit import kit_files  # noqa: PLC0415
    from app.launch.launching import require_open  # noqa: PLC0415
    from app.launch.planning import Choice  # noqa: PLC0415
    from app.launch.platform import platform  # noqa: PLC0415

    day = as_of.date() if as_of else datetime.now(UTC).date()
    advice = _advice(file.read(), day)
    choice = Choice(option or advice.decision.recommended.option, lang, day, way)
    spec = require_open(platform(name), advice, choice)
    written = write_kit(out, kit_files(platform(name), spec, advice.decision))
    click.echo(f"{spec.name}: {written} files in {out}; read README.md first, then run ./smoke.sh.")


def _advice(text: bytes, day: date) -> Advice:
    from app.commands.decide import bundles  # noqa: PLC0415
    from app.domain.answers import read_answers  # noqa: PLC0415
    from app.domain.decide import decide  # noqa: PLC0415
    from app.domain.strict_json import parse  # noqa: PLC0415
    from app.launch.planning import Advice  # noqa: PLC0415

    answers = read_answers(parse(text))
    knowledge, prices = bundles(day)
    return Advice(decide(answers, knowledge, prices, day), answers, knowledge)


def write_kit(folder: Path, content: dict[str, str]) -> int:
    """Writes the files; scripts are executable. Raises InputError when the folder holds something already."""
    from app.errors import InputError  # noqa: PLC0415

    if folder.exists() and any(folder.iterdir()):
        raise InputError(
            [], detail="The folder {folder} is not empty.", mend="Name a new one with --out.", folder=str(folder)
        )
    for path, text in content.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        target.chmod(0o755 if path.endswith(".sh") else 0o644)
    return len(content)
