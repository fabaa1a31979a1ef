"""`/r/{id}/pilot`: what the user has measured. Results of pilots make a new version of the report; costs stand beside the estimate."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.domain.answers import read_answers
from app.domain.core import run
from app.domain.decision import OptionResult
from app.domain.draws import Draws
from app.domain.facts import number
from app.domain.numerals import Unreadable, parse_number
from app.domain.pilot import MOST_CASES, Evidence, PilotResult
from app.domain.pilot_updates import Needed, evidence_of, needed
from app.locales import N_, Formatter, formatter
from app.store.launches import launches_of
from app.store.repository import Measured, Report, assessment_by_token, measured_by, save_measured
from app.web.access import AuthorDep
from app.web.charts.comparison import ranked
from app.web.frozen import Recent, Version, knowledge_for, prices_for
from app.web.rendering import address, render
from app.web.report import freeze_present
from app.web.services import DECIDING, FormDep, LanguageDep, Services, ServicesDep, SessionDep
from app.web.views.pilot import PilotPage, Typed, cost_rows, monthly_lines, result_rows, total_text

router = APIRouter(include_in_schema=False)
NOTE = N_("With the results of a pilot")
NEED_DRAWS = 512
MOST_NEEDS = 4  # options that are looked into: the first ones, and those that were tested
MOST_MONEY = Decimal(10) ** 12
_needs: Recent[dict[str, Needed]] = Recent(64)


@dataclass(frozen=True)
class Desk(Version):
    """One request to the page by the author."""

    session: Session
    services: Services
    texts: Formatter
    chosen: str = ""  # the option whose costs the user asked for

    @property
    def running(self) -> OptionResult:
        """The option whose costs are asked for: the chosen one, else one with costs entered, else the advised one."""
        possible = {option.option: option for option in ranked(self.decision)}
        entered = [name for name, lines in self.measured().costs.items() if lines]
        asked = (self.chosen, *entered, self.decision.recommended.option)
        found = next((name for name in asked if name in possible), None)
        return possible[found] if found else self.decision.option(self.decision.recommended.option)

    def measured(self) -> Measured:
        """What was entered so far."""
        return measured_by(self.session, self.report.assessment)

    def needs(self) -> dict[str, Needed]:
        """What would settle each of the options; worked out once, for a version never changes."""
        return _needs.get(self.report.decision_sha256, self._needs)

    def _needs(self) -> dict[str, Needed]:
        report, decision, evidence = self.report, self.decision, evidence_of(self.decision)
        knowledge, prices = (
            knowledge_for(self.session, self.services, report),
            prices_for(self.session, self.services, report),
        )
        draws = Draws(NEED_DRAWS, report.seed)
        core = run(read_answers(report.answers), knowledge, prices, report.as_of, draws, evidence)
        first = [option.option for option in ranked(decision)]
        asked = dict.fromkeys([*first[:MOST_NEEDS], *(result.option for result in evidence.results)])
        return {name: needed(core, name) for name in asked if name in core.outcomes}

    def page(self, typed: Typed | None = None, errors: dict[str, str] | None = None, saved: bool = False) -> PilotPage:
        """The page with what is stored, or with what was typed wrongly."""
        measured, decision, option = self.measured(), self.decision, self.running
        costs = measured.costs.get(option.option, {})
        typed = typed or Typed.stored(measured.evidence, costs, self.texts)
        task = str(self.report.answers.get("task_type"))
        weight = number(self.services.knowledge, self.report.as_of, "pilot.most_weight", task)
        return PilotPage(
            id=self.access.id, title=str(self.report.answers.get("title") or ""), number=self.report.number,
            advice=self.texts.say(decision.recommended), share=self.texts.percent(decision.recommended.confidence),
            currency=self.texts.currency(decision.currency), key=secrets.token_urlsafe(16),
            rows=result_rows(decision, self.needs(), typed, self.texts), costs=cost_rows(option, costs, typed, self.texts),
            running=option.option, options=[(item.option, self.texts.t(item.label)) for item in ranked(decision)], total=total_text(option, costs, self.texts, decision.currency),
            errors=errors or {}, saved=saved, weight=self.texts.count(weight),
            launched=bool(launches_of(self.session, self.report)),
        )  # fmt: skip


def desk(
    access: AuthorDep,
    session: SessionDep,
    services: ServicesDep,
    language: LanguageDep,
    option: Annotated[str, Query(max_length=40)] = "",
) -> Desk:
    """The author's desk; `option` in the address chooses whose costs are shown."""
    return Desk(access, session, services, formatter(language), option)


DeskDep = Annotated[Desk, Depends(desk)]


@router.get("/r/{id}/pilot", dependencies=[DECIDING])
def show_pilot(request: Request, desk: DeskDep) -> Response:
    """The form with what was entered so far, and what it means."""
    return render(request, "pilot/page.html", desk.page(saved="saved" in request.query_params))


@router.post("/r/{id}/pilot", dependencies=[DECIDING])
def keep_pilot(request: Request, desk: DeskDep, form: FormDep, language: LanguageDep) -> Response:
    """Keeps what was entered; new results make a new version of the report."""
    fields = {name: values[0].strip() for name, values in form.items()}
    measured, errors = read_measured(desk, fields, language)
    if measured is None:
        return render(request, "pilot/page.html", desk.page(Typed(fields), errors), 422)
    report = keep_measured(desk, measured, fields.get("key", "")[:64])
    target = address(language, f"/r/{desk.access.token}~{report.number}/pilot", saved="yes", option=desk.running.option)
    return RedirectResponse(target, 303)


def keep_measured(desk: Desk, measured: Measured, key: str) -> Report:
    """Stores it. The next version where the results are others than those this version was made with, else this version."""
    assessment = assessment_by_token(desk.session, desk.access.token or "")
    save_measured(desk.session, assessment, measured)
    if measured.evidence == evidence_of(desk.decision):
        return desk.report
    return freeze_present(desk.session, desk.services, assessment, key, note=NOTE)


def read_measured(desk: Desk, fields: dict[str, str], language: str) -> tuple[Measured | None, dict[str, str]]:
    """What the form says, on top of what this page does not ask for; None with a sentence for each wrong field."""
    reader = Reader(fields, language, desk.texts)
    asked = [option.option for option in ranked(desk.decision)]
    stored, running = desk.measured(), desk.running
    results = [result for result in stored.evidence.results if result.option not in asked]
    results += [result for name in asked if (result := reader.result(name))]
    lines = {
        line.key: amount
        for line in monthly_lines(running)
        if (amount := reader.money(f"actual-{line.key}")) is not None
    }
    if reader.errors:
        return None, reader.errors
    return Measured(Evidence(results=tuple(results)), {**stored.costs, running.option: lines}), {}


class Reader:
    """Reads numbers from the fields and collects a sentence for each that is wrong."""

    def __init__(self, fields: dict[str, str], language: str, texts: Formatter) -> None:
        self.fields, self.language, self.texts = fields, language, texts
        self.errors: dict[str, str] = {}

    def result(self, option: str) -> PilotResult | None:
        """The result of an option; None where both fields are empty or one is wrong."""
        cases, successes = f"cases-{option}", f"successes-{option}"
        if not self.fields.get(cases) and not self.fields.get(successes):
            return None
        for name in (cases, successes):
            if not self.fields.get(name):
                self.errors[name] = self.texts.t("Enter both: how many cases were tested, and how many came out right.")
        counts = self._count(cases, 1), self._count(successes, 0)
        if counts[0] is None or counts[1] is None:
            return None
        if counts[1] > counts[0]:
            self.errors[successes] = self.texts.t("There cannot be more right results than cases.")
            return None
        given: dict[str, Any] = {"option": option, "cases": counts[0], "successes": counts[1]}
        return PilotResult(**given)

    def _count(self, name: str, least: int) -> int | None:
        says = self.texts.t("Enter a whole number from {low} to {high}.", low=least, high=self.texts.count(MOST_CASES))
        fits = partial(_is_whole, least=least)
        found = self._number(name, fits, says)
        return None if found is None else int(found)

    def money(self, name: str) -> Decimal | None:
        """An amount of money from zero; None where the field is empty or wrong."""
        says = self.texts.t("Enter an amount from zero, or leave the field empty.")
        return self._number(name, lambda given: 0 <= given <= MOST_MONEY, says)

    def _number(self, name: str, fits: Callable[[Decimal], bool], says: str) -> Decimal | None:
        text = self.fields.get(name, "")
        if not text:
            return None
        try:
            given = parse_number(text, self.language)
        except Unreadable as error:
            self.errors[name] = self.texts.say(error.message)
            return None
        if fits(given):
            return given
        self.errors[name] = says
        return None


def _is_whole(given: Decimal, least: int) -> bool:
    return given == given.to_integral_value() and least <= given <= MOST_CASES
