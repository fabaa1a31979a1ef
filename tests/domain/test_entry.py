"""What people enter on a page becomes typed answers, or a problem that says how to mend it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import read_answers
from app.domain.entry import Manner, fields_of, read_form
from app.knowledge import load_knowledge

QUESTIONS = load_knowledge().questions
GERMAN = {"tokens": "Token", "requests": "Anfragen", "pages": "Seiten", "minutes": "Minuten"}


def manner(language: str, currency: str = "EUR") -> Manner:
    units = (lambda unit: GERMAN.get(unit, unit)) if language == "de" else str
    return Manner(language, currency, units, frozenset({"DE", "EU"}))


def read(page: str, language: str = "de", currency: str = "EUR", **form: Any) -> dict[str, Any]:
    entry = read_form(QUESTIONS[page], _listed(form), manner(language, currency))
    assert not entry.problems, entry.problems
    return entry.changes


def refused(page: str, language: str = "de", currency: str = "EUR", **form: Any) -> dict[str, str]:
    entry = read_form(QUESTIONS[page], _listed(form), manner(language, currency))
    assert entry.problems and not entry.changes
    return {problem.field: problem.message.says for problem in entry.problems}


def _listed(form: dict[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in form.items()}


def test_numbers_with_units_percent_and_currency() -> None:
    assert read("volume", requests_per_month="6.000 Anfragen", input_tokens="800 Token")["requests_per_month"] == 6000
    assert read("volume", "en", requests_per_month="6,000 requests", input_tokens="800 tokens")["input_tokens"] == 800
    assert read("target_success_rate", target_success_rate="85 %") == {"target_success_rate": 0.85}
    assert read("target_success_rate", target_success_rate="0,5 %") == {"target_success_rate": 0.005}
    assert read("benefit", hourly_cost="€ 48,50")["hourly_cost"] == 48.5
    assert read("benefit", "en", "CHF", hourly_cost="1’200 CHF")["hourly_cost"] == 1200


def test_shares_below_one_are_ambiguous_without_the_sign() -> None:
    assert "0,85 % or 85 %" in refused("target_success_rate", target_success_rate="0,85")["target_success_rate"]
    assert "0.85 % or 85 %" in refused("target_success_rate", "en", target_success_rate="0.85")["target_success_rate"]
    assert read("target_success_rate", target_success_rate="1") == {"target_success_rate": 0.01}


def test_limits_and_whole_numbers() -> None:
    assert "smallest possible value is 0" in refused("examples", examples="-1")["examples"]
    assert (
        "largest possible value is 100"
        in refused("target_success_rate", target_success_rate="101")["target_success_rate"]
    )
    assert "smallest possible value is 6" in refused("team", horizon_months="3")["horizon_months"]
    assert "not a whole number. Do you mean 2?" in refused("examples", examples="1,5")["examples"]
    assert "at most 120" in refused("sector", title="x" * 121)["title"]


def test_another_currency_is_not_converted_silently() -> None:
    assert "in EUR" in refused("benefit", hourly_cost="$ 50")["hourly_cost"]
    assert "in CHF" in refused("benefit", "en", "CHF", hourly_cost="50 €")["hourly_cost"]


def test_causes_make_a_hundred_percent() -> None:
    names = ("knowledge", "format", "behaviour", "reasoning")
    form = {f"failure_causes.{name}": text for name, text in zip(names, ("50", "20 %", "", "30"), strict=True)}
    assert read("failure_causes", **form) == {
        "failure_causes": {"knowledge": 0.5, "format": 0.2, "behaviour": 0.0, "reasoning": 0.3}
    }
    assert (
        "add up to 70%"
        in refused("failure_causes", **{**form, "failure_causes.reasoning": ""})["failure_causes.knowledge"]
    )
    assert "failure_causes.format" in refused("failure_causes", **{**form, "failure_causes.format": "viel"})


def test_not_knowing() -> None:
    assert read("volume", unknown="yes") == {"requests_per_month": None, "input_tokens": None, "output_tokens": None}
    assert read("residency", residency="unknown") == {"residency": None}
    assert read("data_classes", data_classes=["unknown"]) == {"data_classes": None}
    assert "keep only one" in refused("volume", unknown="yes", input_tokens="5")["input_tokens"]
    assert "cannot be combined" in refused("data_classes", data_classes=["internal", "unknown"])["data_classes"]
    assert "not among the answers" in refused("task_type", task_type="unknown")["task_type"]


def test_choices() -> None:
    assert read("data_classes", data_classes=["personal", "internal", "personal"]) == {
        "data_classes": ["internal", "personal"]
    }
    documents = read("documents", citations="unknown", document_rights="yes", knowledge_change="")
    assert documents["document_rights"] is True and documents["knowledge_change"] is None
    assert read("platforms", platforms=["aws"], lock_in_tolerance="4") == {"platforms": ["aws"], "lock_in_tolerance": 4}
    assert read("sector", sector="none", country="DE") == {
        "sector": "none", "country": "DE", "organisation": None, "title": None,
    }  # fmt: skip
    assert "not among the answers" in refused("sector", sector="none", country="QQ")["country"]
    assert set(refused("character")) == {"repetitiveness", "tone_consistency", "terminology"}


@pytest.mark.parametrize("language", ["de", "en"])
@given(data=st.data())
def test_whatever_is_sent_becomes_valid_answers_or_problems(language: str, data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(sorted(QUESTIONS.values(), key=lambda item: item.id)))
    pieces = st.one_of(
        st.text(max_size=20), st.sampled_from(["5", "1.5", "50 %", "yes", "no", "high", "none", "DE", "unknown", "1"])
    )
    names = [
        name
        for item in fields_of(question)
        for name in ([item.id, *(f"{item.id}.{choice.value}" for choice in item.choices)])
    ]
    form = data.draw(st.dictionaries(st.sampled_from([*names, "unknown"]), st.lists(pieces, min_size=1, max_size=3)))
    entry = read_form(question, form, manner(language))
    assert bool(entry.problems) != bool(entry.changes)
    read_answers({"task_type": "other", **{key: value for key, value in entry.changes.items() if value is not None}})
