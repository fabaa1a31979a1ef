"""`/how-it-decides`: rules, parameters, evidence, prices, platforms, law and sizes, all from the knowledge base in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.domain.catalogue import PriceBook
from app.domain.knowledge import Knowledge
from app.errors import NotFound
from app.locales import N_
from app.web.rendering import render
from app.web.services import ServicesDep
from app.web.views import pages, sizes

router = APIRouter(include_in_schema=False)
EXAMPLE_CAUSES = {"knowledge": 0.6, "behaviour": 0.3, "format": 0.1}  # of the worked example only
CAUSE_NAMES = {
    "knowledge": N_("knowledge is missing"),
    "behaviour": N_("tone and consistency"),
    "format": N_("wrong format"),
}


@router.get("/how-it-decides")
def overview(request: Request, services: ServicesDep) -> HTMLResponse:
    """The method in words, and the way to each part of the knowledge base."""
    knowledge, book = services.knowledge, services.book(services.today())
    page = pages.OverviewPage(
        sections=_sections(knowledge, book), strengths=pages.STRENGTHS,
        disagreements=[
            pages.DisagreementRow(item, pages.refs(knowledge, item.sources))
            for item in sorted(knowledge.disagreements.values(), key=lambda item: item.order)
        ],
        example=example(knowledge, services.today()), knowledge_hash=knowledge.hash, prices_hash=book.hash, as_of=book.as_of,
    )  # fmt: skip
    return render(request, "pages/how_it_decides.html", page)


@router.get("/how-it-decides/{section}")
def section(request: Request, section: str, services: ServicesDep) -> HTMLResponse:
    """One part of the knowledge base. Raises NotFound."""
    if section not in MAKERS:
        raise NotFound(detail="There is no such part of the knowledge base.", mend="Choose one from the overview.")
    page = MAKERS[section](services.knowledge, services.book(services.today()))
    return render(request, f"pages/{section}.html", page)


def _sections(knowledge: Knowledge, book: PriceBook) -> list[pages.Section]:
    counts = {
        "rules": len(knowledge.rules), "parameters": len(knowledge.parameters), "evidence": len(knowledge.evidence),
        "prices": len(book.prices), "platforms": len(knowledge.platforms), "law": len(knowledge.laws),
        "models": len(knowledge.models) + len(knowledge.gpus), "sizes": sizes.entries(knowledge),
    }  # fmt: skip
    return [pages.Section(name, title, counts[name]) for name, title in pages.SECTIONS.items()]


def example(knowledge: Knowledge, day: date) -> list[pages.ExampleLine]:
    """Mistakes among 100 answers about documents, with the usual values of the parameters in force."""

    def usual(name: str) -> float:
        return knowledge.parameters[name].on(day).mode if name in knowledge.parameters else 0.0

    wrong = 100 * (1 - usual("success.answers"))
    return [
        pages.ExampleLine(
            CAUSE_NAMES[cause], wrong * share, usual(f"effect.retrieval.{cause}"), usual(f"effect.tuning.{cause}")
        )
        for cause, share in EXAMPLE_CAUSES.items()
    ]


def rules_page(knowledge: Knowledge, book: PriceBook) -> pages.RulesPage:
    """All rules by effect, in the order in which the engine uses them."""
    rows = {
        effect: [
            pages.RuleRow(rule, pages.condition_lines(rule.when), pages.refs(knowledge, rule.sources))
            for rule in knowledge.rules.values()
            if rule.effect == effect
        ]
        for effect in pages.EFFECTS
    }
    return pages.RulesPage([(pages.EFFECTS[effect], found) for effect, found in rows.items() if found])


def parameters_page(knowledge: Knowledge, book: PriceBook) -> pages.ParametersPage:
    """All parameters by subject."""
    rows = [
        pages.ParameterRow(
            item, item.on(book.as_of), pages.STRENGTHS[item.strength], pages.refs(knowledge, item.sources)
        )
        for item in knowledge.parameters.values()
    ]
    return pages.ParametersPage(pages.grouped(rows, [row.parameter.id for row in rows], pages.PARAMETER_GROUPS))


def evidence_page(knowledge: Knowledge, book: PriceBook) -> pages.EvidencePage:
    """All sources."""
    return pages.EvidencePage(list(knowledge.evidence.values()), pages.STRENGTHS)


def prices_page(knowledge: Knowledge, book: PriceBook) -> pages.PricesPage:
    """The prices in force today by subject."""
    prices = sorted(book.prices.values(), key=lambda price: price.key)
    return pages.PricesPage(pages.grouped(prices, [price.key for price in prices], pages.PRICE_GROUPS), book.as_of)


def platforms_page(knowledge: Knowledge, book: PriceBook) -> pages.PlatformsPage:
    """The platforms with their records, those in force first."""
    rows = [
        pages.PlatformRow(
            item, sorted(((c, pages.in_force(c, book.as_of)) for c in item.capabilities), key=lambda pair: not pair[1])
        )
        for item in knowledge.platforms.values()
    ]
    return pages.PlatformsPage(rows, book.as_of, pages.METHODS)


def law_page(knowledge: Knowledge, book: PriceBook) -> pages.LawPage:
    """The norms."""
    return pages.LawPage([(law, pages.refs(knowledge, law.evidence)) for law in knowledge.laws.values()])


def models_page(knowledge: Knowledge, book: PriceBook) -> pages.ModelsPage:
    """Models and accelerators."""
    return pages.ModelsPage(list(knowledge.models.values()), list(knowledge.gpus.values()))


def sizes_page(knowledge: Knowledge, book: PriceBook) -> sizes.SizesPage:
    """Constants, classes of software and shapes of models behind sizes and speeds."""
    return sizes.sizes_page(knowledge)


MAKERS: dict[str, Callable[[Knowledge, PriceBook], Any]] = {
    "rules": rules_page,
    "parameters": parameters_page,
    "evidence": evidence_page,
    "prices": prices_page,
    "platforms": platforms_page,
    "law": law_page,
    "models": models_page,
    "sizes": sizes_page,
}
