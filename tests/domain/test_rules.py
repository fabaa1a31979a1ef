"""Every rule by its own examples, and what holds for all of them."""

from __future__ import annotations

import pytest

from app.domain.answers import read_answers
from app.domain.conditions import facts_of, holds
from app.domain.facts import FACTS, facts_for
from app.domain.knowledge import Rule
from app.domain.rules import fire, in_force, names_in, sources_of
from app.knowledge import load_knowledge
from tests.domain.engine import DAY

RULES = list(load_knowledge().rules.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_for_its_examples_only(rule: Rule) -> None:
    assert any(example.fires for example in rule.examples), "an example with which it fires is missing"
    for example in rule.examples:
        facts = facts_for(read_answers(example.answers), load_knowledge(), example.as_of or DAY)
        assert holds(rule.when, facts) is example.fires, example.answers


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_speaks_of_facts_that_exist_and_cites_its_sources(rule: Rule) -> None:
    known = {*FACTS, *type(read_answers({"task_type": "other"})).model_fields}
    assert set(facts_of(rule.when)) <= known
    assert set(names_in(rule.says)) <= known
    assert sources_of(rule, load_knowledge())
    assert (rule.weight is not None) == (rule.effect in ("favours", "discourages"))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.weight], ids=lambda rule: rule.id)
def test_the_sign_of_a_weight_is_that_of_its_effect(rule: Rule) -> None:
    mode = load_knowledge().parameters[rule.weight or ""].on(DAY).mode
    assert (mode > 0) == (rule.effect == "favours")


def test_a_fired_rule_names_the_answers_behind_it() -> None:
    facts = facts_for(read_answers({"task_type": "document_qa", "examples": 20}), load_knowledge(), DAY)
    fired = {item.rule.id: item for item in fire(in_force(load_knowledge(), DAY), facts)}
    assert fired["below_minimum"].answers[0] == "examples"


def test_excluding_rules_look_at_privacy_only_by_inclusion() -> None:
    """So one more class of data can only exclude more."""
    for rule in RULES:
        if rule.effect == "excludes":
            negated = rule.when.not_
            assert negated is None or not {"data_classes", "personal_data"} & set(facts_of(negated)), rule.id
