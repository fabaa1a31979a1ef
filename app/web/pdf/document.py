"""What the PDF shows: the view of the report page, its charts for paper, and the words around them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.locales import N_, Formatter
from app.store.repository import Report
from app.web.charts import SPECS, drawing
from app.web.pdf.glyphs import printable
from app.web.views.cost_matrix import cost_matrix
from app.web.views.report import Frame, ReportPage, report_page

REGIONS = {"de": "DE", "en": "GB"}
WORDS = {
    "option": N_("Option"), "one_off": N_("One-off"), "monthly": N_("Per month"), "success": N_("Success rate"),
    "net": N_("Net benefit"), "weeks": N_("Time to value"), "data_protection": N_("Data protection"),
    "main_risk": N_("Main risk"), "excluded": N_("Excluded"), "options": N_("The options side by side"),
    "drivers": N_("What it depends on most"), "no_drivers": N_("No uncertain number moves the advice noticeably."),
    "tipping": N_("What would change the advice"), "no_tipping": N_("No change of a single answer tips the advice."),
    "break_even": N_("Break-even"), "next_steps": N_("The next three steps"), "costs": N_("Costs line by line"),
    "no_break_even": N_("Within the range looked at, no two options cost the same."),
    "line": N_("Line"), "when": N_("When"), "quantity": N_("Quantity"), "unit_price": N_("Unit price"), "low": N_("low"),
    "middle": N_("middle"), "high": N_("high"), "price_unknown": N_("Price unknown, so not in the sums:"),
    "sum_note": N_("Each line varies by itself; the range of a sum is therefore narrower than the sum of the ranges."),
    "not_counted": N_("Not counted"), "certainty": N_("How sure this is"), "runner_up": N_("Runner-up"),
    "next_question": N_("The open question that would settle most"),
    "all_tipping": N_("Everything that would change the advice"),
    "excluded_all": N_("Excluded options and hostings"), "why": N_("Why"), "because": N_("Because you answered"),
    "duties_and_risks": N_("Duties and risks"), "duties": N_("Duties"), "risks": N_("Risks"),
    "not_advice": N_("Not legal advice: norms with their source and the day they were checked."), "norm": N_("Norm"),
    "duty": N_("Duty"), "applies_from": N_("Applies from"), "risk": N_("Risk"), "severity": N_("Severity"),
    "mitigation": N_("What to do about it"), "cases": N_("Similar published cases"),
    "cases_note": N_("Precedents for comparison; they have no vote in the advice."),
    "organisation": N_("Organisation"), "task": N_("Task"), "chosen": N_("Chosen"), "outcome": N_("Outcome"),
    "same": N_("as advised here"), "other": N_("other than advised here"),
    "pilot": N_("Test plan: check before you spend"), "own_results": N_("Your own results"), "baseline": N_("Baseline"), "metric": N_("Metric"),
    "test_cases": N_("Test cases"), "experiment": N_("Cheapest experiment"), "stop_rule": N_("Stop rule"),
    "monitoring": N_("Monitoring in operation"), "roadmap": N_("Roadmap"), "week": N_("Week"), "step": N_("Step"),
    "who": N_("Who"), "rules": N_("Rule, answer, effect"), "rule": N_("Rule"), "your_answer": N_("Your answer"),
    "effect": N_("Effect"), "other_costs": N_("Costs of the next option"), "assumptions": N_("Assumptions"),
    "all_costs": N_("Cost lines of all options"), "hosting": N_("Hosting"),
    "all_costs_note": N_("Middle estimates. Ranges, quantities and unit prices are on the report page and in the spreadsheet (XLSX)."),
    "assumptions_note": N_("Numbers the calculation used. What is called an assumption has no source; test it first."),
    "assumption": N_("Quantity"), "range": N_("range"), "basis": N_("Basis"), "answers": N_("Your answers"),
    "question": N_("Question"), "answer": N_("Answer"), "sources": N_("Sources"), "checked": N_("checked on {day}"),
    "plain": N_("This file does not meet the standards for accessible and archivable PDF, because a text holds something they do not allow. The report page is accessible."),
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A report ready to be typeset: its content, and the moment it was made, which is also the date of the file."""

    content: dict[str, Any]
    created: datetime


def document_of(report: Report, decision: Decision, knowledge: Knowledge, formatter: Formatter) -> Document:
    """The document of a frozen version. It depends on nothing that may change later, so that it always comes out the same."""
    frame = Frame(
        base="", number=report.number, public_id=report.public_id, created=report.created_at.date(),
        answers=report.answers, author=False, may_download=False, newest=report.number,
    )  # fmt: skip
    page = report_page(decision, frame, knowledge, formatter)
    content = _content(page, decision, formatter)
    return Document(printable(content), report.created_at)


def _content(page: ReportPage, decision: Decision, formatter: Formatter) -> dict[str, Any]:
    words = {key: formatter.t(text) for key, text in WORDS.items()}
    words["total"] = formatter.t("Over {months}", months=page.horizon)
    shown = asdict(replace(page, figures={}))
    del shown["frame"]
    return {
        "language": formatter.language,
        "region": REGIONS.get(formatter.language, "GB"),
        "title": " – ".join(dict.fromkeys((page.title, formatter.t("Report")))),
        "author": "Lotse",
        "words": words,
        "page": shown,
        "charts": _charts(decision, formatter),
        "cost_matrix": asdict(cost_matrix(page.details.costs)),
        "footer": "  ·  ".join(f"{item.name} {item.value}" for item in page.version[:4]),
        "page_of": formatter.t("Page {page} of {pages}"),
        "plain": "",
    }


def _charts(decision: Decision, formatter: Formatter) -> dict[str, Any]:
    specs = {key: maker(decision, formatter) for key, maker in SPECS.items()}
    return {
        key: {
            "title": spec.title,
            "alt": f"{spec.title}. {spec.description}",
            "svg": drawing(spec, "print", "wide"),
            "table": asdict(spec.table),
        }
        for key, spec in specs.items()
        if spec
    }
