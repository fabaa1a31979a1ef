"""Launch pages of a report, launch kits, and the public templates that portals of platforms fetch."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.domain.answers import read_answers
from app.errors import NotFound
from app.launch.control import control_class
from app.launch.kit import code_zip, config, kit_files, kit_zip
from app.launch.launching import PlatformRow, feasible_option, platform_row, usable
from app.launch.planning import Advice, Choice
from app.launch.platform import platform
from app.launch.platforms.aws.adapter import TEMPLATE
from app.launch.template_address import packed, unpacked
from app.locales import N_, formatter
from app.runs.ordering import startable
from app.web.access import AuthorDep
from app.web.frozen import decision_of
from app.web.rendering import render
from app.web.services import LanguageDep, Services, ServicesDep
from app.web.views.launch import Here, OffPage, launch_page, platform_page

router = APIRouter(include_in_schema=False)
Option = Annotated[str, Query(max_length=40)]
Name = Annotated[str, Path(max_length=40)]
OPEN = {"Access-Control-Allow-Origin": "*", "X-Robots-Tag": "noindex", "Cache-Control": "public, max-age=3600"}


@dataclass(frozen=True)
class Asked:
    """What a launch page is asked for: the report with its advice, and the choice within it."""

    base: str  # address of the report without language
    advice: Advice
    choice: Choice


def asked(
    access: AuthorDep, services: ServicesDep, language: LanguageDep, option: Option = "", way: Option = ""
) -> Asked:
    """For the author alone; the recommended option unless another is named. Raises NotFound."""
    report = access.report
    advice = Advice(decision_of(report), read_answers(report.answers), services.knowledge)
    choice = Choice(feasible_option(advice, option), language, services.today(), way)
    return Asked(f"/r/{access.id}", advice, choice)


AskedDep = Annotated[Asked, Depends(asked)]


@router.get("/r/{id}/launch")
def overview(request: Request, ask: AskedDep) -> HTMLResponse:
    """Every platform for an option."""
    return render(request, "launch/overview.html", launch_page(ask.base, ask.advice, ask.choice))


@router.get("/r/{id}/launch/{name}")
def details(request: Request, ask: AskedDep, services: ServicesDep, name: Name) -> HTMLResponse:
    """One platform: steps, link, values, definition, commands, kit; or why it is off."""
    row = platform_row(platform(name), ask.advice, ask.choice)
    if row.spec is None or row.standing == "off":
        option = ask.advice.decision.option(ask.choice.option)
        return render(request, "launch/off.html", OffPage(ask.base, row, option))
    files = kit_files(row.platform, row.spec, ask.advice.decision)
    page = platform_page(ask.base, row, ask.advice, services.settings.template_base_url, files, _here(services, row))
    return render(request, "launch/platform.html", page)


def _here(services: Services, row: PlatformRow) -> Here:
    """Whether this installation can start the first way of a platform, or why not."""
    info = startable(row.platform, row.ways[0].way) if row.ways else None
    if info is None:
        return Here(N_("Off: Lotse has no interface to this way of the platform. Take the kit."))
    name, way = row.platform.id, row.ways[0].way.id
    return Here(services.desk.why_off(name, info, control_class(name, way)), services.desk.simulated(name, info))


@router.get("/r/{id}/launch/{name}/kit.zip")
def kit(ask: AskedDep, name: Name) -> Response:
    """The kit as a file. Raises Conflict when the platform is closed for this option."""
    row = platform_row(platform(name), ask.advice, ask.choice)
    spec = usable(row)
    data = kit_zip(spec.name, kit_files(row.platform, spec, ask.advice.decision))
    headers = {"Content-Disposition": f'attachment; filename="{spec.name}-{spec.platform}.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@router.get("/launch-templates/aws/bootstrap.yaml")
def bootstrap() -> Response:
    """The stack that AWS jobs need, to be put into the S3 bucket named in LOTSE_TEMPLATE_BASE_URL."""
    path = platform("aws").folder / "kit" / TEMPLATE
    return Response(path.read_text(encoding="utf-8"), media_type="application/yaml", headers=OPEN)


@router.get("/launch-templates/{name}/{launch}.json")
@router.get("/launch-templates/{name}/{launch}.ipynb")
def template(services: ServicesDep, name: Name, launch: Annotated[str, Path(max_length=2000)]) -> Response:
    """The template of a launch, made from its address alone."""
    base, spec = services.settings.template_base_url, unpacked(launch)
    if not base or spec.platform != name:
        raise NotFound(detail="There is no such template.", mend="Open the launch page of the report again.")
    place = platform(name)
    ways = place.ways_of(spec)
    code_url = f"{base.rstrip('/')}/{name}/{packed(spec)}.zip"
    settings = config(spec, None, ways, formatter(spec.language))
    text = place.template(spec, settings, code_url, sha256(code_zip(spec, ways)).hexdigest())
    if text is None:
        raise NotFound(detail="There is no such template.", mend="Open the launch page of the report again.")
    return Response(text, media_type="application/json", headers=OPEN)


@router.get("/launch-templates/{name}/{launch}.zip")
def code(name: Name, launch: Annotated[str, Path(max_length=2000)]) -> Response:
    """The pipeline code that a template fetches; the same for every launch of its kind."""
    spec = unpacked(launch)
    return Response(code_zip(spec, platform(name).ways_of(spec)), media_type="application/zip", headers=OPEN)
