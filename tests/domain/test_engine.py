"""What always holds for a decision, whatever the answers."""

from __future__ import annotations

import random
import types
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.answers import Answers, read_answers
from app.domain.costs import option_costs
from app.domain.decision import Decision
from app.domain.draws import Draws
from app.domain.inputs import prepare
from app.domain.quality import assess, success, wilson
from app.domain.strict_json import parse
from app.domain.values import FAMILY, HOSTINGS
from app.knowledge import load_knowledge
from tests.domain.engine import DAY, core_of, decided, prices

TASKS = sorted(get_args(Answers.model_fields["task_type"].annotation))
NUMBERS: dict[str, tuple[float, ...]] = {
    "prompting_success_rate": (0, 0.5, 0.93, 1), "prompting_test_cases": (0, 10, 400), "target_success_rate": (0, 0.8, 1),
    "knowledge_pages": (0, 100, 5_000_000), "multi_document_share": (0, 0.5, 1), "examples": (0, 30, 800, 10**7),
    "example_error_rate": (0, 0.1, 0.5, 1), "example_duplicate_rate": (0, 0.3, 1), "requests_per_month": (0, 1, 20_000.0, 1e9),
    "input_tokens": (0, 800.0, 150_000.0), "output_tokens": (0, 5.0, 4000.0), "shared_prefix_tokens": (0, 3000.0),
    "batchable_share": (0, 0.4, 1), "peak_factor": (1, 5.0, 1000.0), "team_fte": (0, 0.5, 12.0), "deadline_weeks": (0, 3.0, 30.0),
    "budget_once": (0, 40_000.0, 1e7), "budget_monthly": (0, 900.0, 1e6), "horizon_months": (6, 36, 84),
    "minutes_saved_per_request": (0, 4.0, 600.0), "hourly_cost": (0, 55.0), "cost_per_error": (0, 20.0, 1e6), "lock_in_tolerance": (1, 3, 5),
}  # fmt: skip
INTEGERS = ("prompting_test_cases", "knowledge_pages", "examples", "horizon_months", "lock_in_tolerance")


def choices(kind: Any) -> list[Any]:
    """Every value of a literal or boolean, however it is wrapped."""
    if kind is bool:
        return [True, False]
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    inner = [part for part in get_args(kind) if part is not types.NoneType]
    return [item for part in inner for item in choices(part)]


def random_answers(dice: random.Random) -> dict[str, Any]:
    """Some of the answers at random, as a user could give them."""
    given: dict[str, Any] = {"task_type": dice.choice(TASKS)}
    for key, field in Answers.model_fields.items():
        if key in given or dice.random() < 0.55 or key in ("title", "organisation", "failure_causes"):
            continue
        if key in NUMBERS:
            chosen = dice.choice(NUMBERS[key])
            given[key] = int(chosen) if key in INTEGERS else float(chosen)
        elif key == "country":
            given[key] = dice.choice(["DE", "US", "CH", "EU"])
        elif key in ("data_classes", "platforms"):
            given[key] = dice.sample(choices(field.annotation), dice.randint(0, 3))
        else:
            given[key] = dice.choice(choices(field.annotation))
    if dice.random() < 0.3:
        given["failure_causes"] = dice.choice([{"knowledge": 1.0}, {"behaviour": 0.6, "format": 0.4}])
    return given


@pytest.mark.parametrize("start", range(0, 100, 20))
def test_any_answers_give_a_whole_decision(start: int) -> None:
    for number in range(start, start + 20):
        answers = random_answers(random.Random(number))
        decision = decided(answers, draws=64)
        text = decision.as_json()
        assert Decision.from_json(parse(text)).as_json() == text
        assert "NaN" not in text
        assert "Infinity" not in text
        check(decision, answers)


def check(decision: Decision, answers: dict[str, Any]) -> None:
    """Whole, ordered, and without a breach of what was demanded."""
    assert len(decision.options) == len(FAMILY)
    ranks = [item.rank for item in decision.options if item.feasible]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(item.exclusions for item in decision.options if not item.feasible)
    assert all(item.exclusions for option in decision.options for item in option.hostings if not item.feasible)
    assert sum(item.probability_best for item in decision.options) == pytest.approx(1 if ranks else 0, abs=0.001)
    assert decision.recommended.says
    if ranks and decision.options[0].feasible:
        assert decision.recommended.option == decision.options[0].option
    assert decision.recommended.hosting in allowed(answers)


def allowed(answers: dict[str, Any]) -> set[str]:
    """Hostings that keep a stated residency."""
    inside = {hosting for hosting in HOSTINGS if hosting.endswith("_eu") or hosting == "on_premises"}
    return {
        "eu": inside, "germany": inside - {"api_eu"}, "own_cloud": set(HOSTINGS) - {"api_global", "api_eu"}, "on_premises": {"on_premises"},
    }.get(answers.get("residency", ""), set(HOSTINGS))  # fmt: skip


def test_the_same_inputs_give_the_same_bytes() -> None:
    answers = {"task_type": "support_chat", "knowledge_size": "large", "examples": 400, "country": "DE"}
    assert decided(answers, "full").as_json() == decided(answers, "full").as_json()
    assert decided(answers, seed=1).as_json() != decided(answers).as_json()


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(TASKS), st.sampled_from(["none", "small", "large"]), st.floats(1, 1e7), st.floats(1.05, 50),
    st.sampled_from(["prompting", "rag", "managed_tuning", "lora_open_weights", "tuned_encoder"]),
)  # fmt: skip
def test_more_volume_never_lowers_the_total_cost(
    task: str, size: str, volume: float, factor: float, option: str
) -> None:
    """On average; the kind of machine is chosen for all draws together, so that a single draw may gain by the change of it."""
    costs = [_total(task, size, option, requests) for requests in (volume, volume * factor)]
    assert np.mean(costs[1]) >= np.mean(costs[0]) * 0.99


def _total(task: str, size: str, option: str, requests: float) -> Any:
    answers = read_answers(
        {"task_type": task, "knowledge_size": size, "requests_per_month": requests, "examples": 2000, "minutes_saved_per_request": 2.0}
    )  # fmt: skip
    knowledge = load_knowledge()
    situation = prepare(answers, knowledge, prices(), DAY, Draws(32, 0))
    hosting = "rented_gpu_eu" if option == "lora_open_weights" else "cloud_tenant_eu"
    from app.domain.base_model import choose

    choice = choose(situation, option, hosting)
    assert choice is not None
    return option_costs(situation, option, hosting, choice.model).total


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["personal", "special_category", "professional_secret", "social_data", "classified"]),
)
def test_one_more_class_of_data_never_makes_an_excluded_place_possible(number: int, more: str) -> None:
    answers = random_answers(random.Random(number))
    answers = {key: item for key, item in answers.items() if key not in ("budget_once", "budget_monthly")}
    answers["data_classes"] = answers.get("data_classes", ["internal"])
    stricter = {**answers, "data_classes": sorted({*answers["data_classes"], more})}
    assert _possible(stricter) <= _possible(answers)


def _possible(answers: dict[str, Any]) -> set[tuple[str, str]]:
    core = core_of(answers, draws=32)
    return {(name, place.hosting) for name, places in core.places.items() for place in places if not place.exclusions}


@pytest.mark.parametrize(
    "answers",
    [
        {"task_type": "classification", "examples": 40, "repetitiveness": "high", "tone_consistency": "high"},
        {"task_type": "document_qa", "knowledge_size": "small", "requests_per_month": 2000.0},
        {"task_type": "style_writing", "examples": 3000, "prompting_tried": "partial", "repetitiveness": "high"},
    ],
)
def test_every_tipping_point_applied_flips_the_advice(answers: dict[str, Any]) -> None:
    decision = decided(answers, "full", draws=512)
    assert decision.tipping_points
    for point in decision.tipping_points:
        changed = decided({**answers, point.key: point.to}, draws=512)
        assert changed.recommended.option == point.new_option, point.says
        assert changed.recommended.family != decision.recommended.family, point.says


@pytest.mark.parametrize("task", ["classification", "extraction", "style_writing", "translation"])
def test_more_examples_never_lower_the_success_of_tuning(task: str) -> None:
    rates = []
    for examples in (10, 100, 1000, 10_000, 100_000):
        answers = read_answers({"task_type": task, "examples": examples, "example_quality": "high"})
        situation = prepare(answers, load_knowledge(), prices(), DAY, Draws(128, 0))
        rates.append(success(situation, assess(situation), "lora_open_weights", "medium").mean())
    assert rates == sorted(rates)
    assert rates[-1] > rates[0]


def test_a_measured_rate_with_more_cases_is_narrower() -> None:
    def width(cases: int) -> float:
        answers = read_answers({"task_type": "extraction", "prompting_success_rate": 0.8, "prompting_test_cases": cases})  # fmt: skip
        situation = prepare(answers, load_knowledge(), prices(), DAY, Draws(1024, 0))
        error = assess(situation).error
        return float(np.quantile(error, 0.9) - np.quantile(error, 0.1))

    assert width(400) < width(50) < width(5)


def test_the_interval_of_wilson_is_that_of_the_textbook() -> None:
    """80 of 100: 0.711 to 0.867 (Wilson 1927, as tabulated)."""
    assert wilson(0.8, 100) == pytest.approx((0.711, 0.867), abs=0.001)


def test_tuning_at_openai_is_closed_to_newcomers() -> None:
    decision = decided({"task_type": "classification", "examples": 5000, "platforms": ["openai"]})
    places = {item.hosting: item for item in decision.option("managed_tuning").hostings}
    assert not places["api_eu"].feasible
    assert not places["api_global"].feasible
    assert places["api_global"].exclusions[0].sources


def test_nothing_affordable_is_not_ready_and_still_says_what_to_do() -> None:
    decision = decided({"task_type": "document_qa", "budget_once": 1.0})
    assert decision.status == "not_ready"
    assert decision.next_steps
    assert decision.recommended.says


@pytest.mark.parametrize(
    "answers",
    [
        {"task_type": "classification", "examples": 40, "repetitiveness": "high", "tone_consistency": "high"},
        {"task_type": "extraction", "examples": 200, "repetitiveness": "high", "prompting_tried": "insufficient"},
    ],
)
def test_a_slightly_smaller_change_does_not_flip(answers: dict[str, Any]) -> None:
    decision = decided(answers, "full", draws=512)
    point = next(point for point in decision.tipping_points if point.key == "examples")
    nearly = round(point.to - 0.1 * (point.to - point.from_))
    assert decided({**answers, "examples": nearly}, draws=512).recommended.family == decision.recommended.family
