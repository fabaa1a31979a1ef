"""What if: change answers and parameters and see the whole result move; the address holds the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.domain.answers import KEYS
from app.domain.catalogue import PriceBook
from app.domain.decide import Depth, decide
from app.domain.decision import Decision
from app.domain.knowledge import Knowledge, Question
from app.domain.pilot_updates import evidence_of
from app.locales import N_, Formatter, formatter
from app.store.repository import (
    assessment_by_token,
    freeze_report,
    save_answers,
)
from app.web.access import AuthorDep
from app.web.frozen import Version, knowledge_for, prices_for
from app.web.rendering import address, render
from app.web.scenario import (
    PARAMETER,
    Scenario,
    base_values,
    parameter_questions,
    questions,
    read_scenario,
    scenario_answers,
    scenario_knowledge,
)
from app.web.services import DECIDING, FormDep, LanguageDep, ServicesDep, SessionDep
from app.web.views.names import Names
from app.web.views.what_if import Changed, Field, FieldMaker, Outcome, WhatIfPage, outcome

router = APIRouter(include_in_schema=False)
ALWAYS_DECISIVE = ("requests_per_month", "examples", "knowledge_change", "residency")
KEPT_NOTE = N_("Kept from a what-if")
SIGNS = {"de": (",", "."), "en": (".", ",")}  # of decimals and of groups, for the step buttons


@dataclass(frozen=True)
class Basis(Version):
    """What a scenario is compared with: the report, and the knowledge and prices it was made with."""

    knowledge: Knowledge
    prices: PriceBook
    formatter: Formatter

    @property
    def names(self) -> Names:
        """Words for ids."""
        return Names(self.knowledge, self.formatter)

    def read(self, query: Mapping[str, list[str]]) -> Scenario:
        """The scenario of an address or a form."""
        base = base_values(self.report.answers, self.knowledge, self.report.as_of)
        return read_scenario(self.knowledge, base, query, self.formatter)

    def decide(self, scenario: Scenario, depth: Depth) -> tuple[Decision, Knowledge] | None:
        """The decision of the scenario and the knowledge it rests on; None where its answers are not allowed."""
        answers = scenario_answers(self.report.answers, scenario, self.formatter)
        if answers is None or scenario.problems:
            return None
        if not scenario.changes:
            return self.decision, self.knowledge
        knowledge = scenario_knowledge(self.knowledge, scenario)
        report = self.report
        evidence = evidence_of(self.decision)
        made = decide(answers, knowledge, self.prices, report.as_of, report.seed, report.draws, depth, evidence)
        return made, knowledge


def basis(access: AuthorDep, session: SessionDep, services: ServicesDep, language: LanguageDep) -> Basis:
    """The same rules and prices on both sides, so that only the scenario makes a difference."""
    report = access.report
    knowledge, prices = knowledge_for(session, services, report), prices_for(session, services, report)
    return Basis(access, knowledge, prices, formatter(language))


BasisDep = Annotated[Basis, Depends(basis)]


@router.get("/r/{id}/what-if", dependencies=[DECIDING])
def show_what_if(request: Request, basis: BasisDep, language: LanguageDep) -> Response:
    """The page, or with htmx only its result. Fields that equal the report are dropped from the address."""
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    scenario = basis.read(query)
    found = basis.decide(scenario, "core")
    own = address(language, f"/r/{basis.access.id}/what-if")
    short = f"{own}?{urlencode(scenario.query, doseq=True)}" if scenario.query else own
    partial = request.headers.get("HX-Request") == "true"
    if found and not partial and set(query) != set(scenario.query):
        return RedirectResponse(short, 303)
    view = _view(basis, scenario, found[0] if found else None)
    status = 200 if found else 422
    if partial:
        return render(request, "what_if/fragment.html", view, status, headers={"HX-Replace-Url": short})
    return render(request, "what_if/page.html", view, status)


@router.post("/r/{id}/what-if", dependencies=[DECIDING])
def keep_scenario(
    request: Request, basis: BasisDep, session: SessionDep, language: LanguageDep, form: FormDep
) -> Response:
    """Keeps the scenario as the next version: its answers become the assessment's."""
    scenario = basis.read(form)
    found = basis.decide(scenario, "full")
    if found is None:
        return render(request, "what_if/page.html", _view(basis, scenario, None), 422)
    decision, knowledge = found
    key, token = form.get("key", [""])[0], basis.access.token or ""
    assessment = assessment_by_token(session, token)
    save_answers(
        session,
        assessment,
        _to_save(basis, scenario),
        assessment.version,
        f"{key}-answers" if key else "",
    )
    report = freeze_report(session, assessment, decision, knowledge, basis.prices, note=KEPT_NOTE, key=key)
    return RedirectResponse(address(language, f"/r/{token}~{report.number}"), 303)


def _to_save(basis: Basis, scenario: Scenario) -> dict[str, Any]:
    """Every answer as the scenario has it, None for those it does not have: the same form always says the same."""
    wanted = {**basis.report.answers, **scenario.answer_changes}
    return {name: wanted.get(name) for name in KEYS}


def _view(basis: Basis, scenario: Scenario, after: Decision | None) -> WhatIfPage:
    maker = FieldMaker(
        basis.names, scenario.base, scenario.values, scenario.typed, scenario.problems, basis.decision.currency
    )
    fields = {item.id: maker.make(item, basis.names.key(item.id)) for item in questions(basis.knowledge)}
    parameters = [maker.make(item, basis.formatter.t(item.text)) for item in _parameters(basis, scenario)]
    every = {**fields, **{item.name: item for item in parameters}}
    decisive = [name for name in _decisive(basis.decision) if name in every]
    return WhatIfPage(
        base=f"/r/{basis.access.id}",
        number=basis.report.number,
        decisive=tuple(every[name] for name in decisive),
        others=tuple(item for name, item in fields.items() if name not in decisive),
        parameters=tuple(item for item in parameters if item.name not in decisive),
        outcome=_outcome(basis, scenario, every, after) if after else None,
        problems=tuple(
            (every[name].id, f"{every[name].label}: {says}")
            for name, says in scenario.problems.items()
            if name in every
        ),
        kept=tuple((name, text) for name, texts in scenario.query.items() for text in texts),
        key=_form_key(basis, scenario),
        decimal_sign=SIGNS[basis.formatter.language][0],
        group_sign=SIGNS[basis.formatter.language][1],
    )


def _parameters(basis: Basis, scenario: Scenario) -> list[Question]:
    """The editable parameters that this report's calculation used, and those the scenario names."""
    used = {f"{PARAMETER}{item.key}" for item in basis.decision.assumptions if not item.from_answer}
    return [item for item in parameter_questions(basis.knowledge) if item.id in used or item.id in scenario.typed]


def _decisive(decision: Decision) -> list[str]:
    """What the advice depends on most comes first."""
    keys = [point.key for point in decision.tipping_points] + [driver.key for driver in decision.drivers]
    asked = [decision.next_question.key] if decision.next_question else []
    # The range assumed for a missing answer is called prior.<answer>, with the case it holds for behind it.
    answers = [key.removeprefix("prior.").split(".")[0] for key in (*keys, *asked)]
    parameters = [f"{PARAMETER}{key}" for key in keys]
    return list(dict.fromkeys([*answers, *ALWAYS_DECISIVE, *parameters]))


def _outcome(basis: Basis, scenario: Scenario, every: Mapping[str, Field], after: Decision) -> Outcome:
    changed = tuple(Changed(every[name].label, every[name].base, _now(every[name])) for name in scenario.changes)
    return outcome(basis.decision, after, changed, basis.names)


def _now(item: Field) -> str:
    if item.kind == "number":
        return f"{item.text} {item.unit}".strip() if item.text else "–"
    return ", ".join(choice.label for choice in item.choices if choice.chosen)


def _form_key(basis: Basis, scenario: Scenario) -> str:
    """The same scenario kept twice from the same newest version is one version."""
    return sha256(
        f"what-if {basis.report.public_id} {basis.access.newest} {sorted(scenario.query.items())}".encode()
    ).hexdigest()[:32]
