"""A scenario: the report's answers and parameters with what the address changes, strictly read in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from app.domain.answers import Answers, read_answers
from app.domain.entry import READERS, UNKNOWN, Manner, fields_of
from app.domain.knowledge import Knowledge, Parameter, ParameterValue, Question
from app.domain.numerals import Unreadable, clean
from app.errors import InputError
from app.locales import Formatter

CURRENCY = "EUR"  # of answers that name none
PARAMETER = "p."  # what parameters are called in the address: p.<id>
LEFT_OUT = ("text", "country", "shares", "group")


@dataclass(frozen=True)
class Scenario:
    """What is asked: `values` hold every field's value, `changes` only those that differ from the base."""

    base: dict[str, Any]
    values: dict[str, Any]
    typed: dict[str, list[str]]
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, Any]:
        """Field name -> new value (None for "don't know")."""
        return {name: value for name, value in self.values.items() if value != self.base.get(name)}

    @property
    def answer_changes(self) -> dict[str, Any]:
        """Only the answers among them."""
        return {name: value for name, value in self.changes.items() if not name.startswith(PARAMETER)}

    @property
    def query(self) -> dict[str, list[str]]:
        """The shortest address of the scenario: what was typed in changed or wrong fields."""
        return {name: self.typed[name] for name in self.typed if name in self.changes or name in self.problems}


def questions(knowledge: Knowledge) -> Iterator[Question]:
    """Everything that can be changed: the fields of all questions in their order, but free text, country and shares."""
    for question in sorted(knowledge.questions.values(), key=lambda item: item.order):
        yield from (item for item in fields_of(question) if item.kind not in LEFT_OUT)


def parameter_questions(knowledge: Knowledge) -> list[Question]:
    """Editable parameters as number fields."""
    return [_as_question(item) for item in knowledge.parameters.values() if item.editable]


def _as_question(item: Parameter) -> Question:
    share = item.unit.startswith("share")
    return Question(
        id=f"{PARAMETER}{item.id}", kind="share" if share else "number", text=item.label, unit=item.unit,
        minimum=0, maximum=100 if share else 1e12, optional=False,
    )  # fmt: skip


def read_scenario(
    knowledge: Knowledge, base: Mapping[str, Any], query: Mapping[str, Sequence[str]], formatter: Formatter
) -> Scenario:
    """Reads every named field; a field the address does not name keeps the value of the report."""
    manner = Manner(formatter.language, base.get("currency") or CURRENCY, formatter.t)
    fields = {item.id: item for item in (*questions(knowledge), *parameter_questions(knowledge))}
    typed = {name: list(query[name]) for name in fields if name in query}
    scenario = Scenario({name: base.get(name) for name in fields}, {name: base.get(name) for name in fields}, typed)
    for name, texts in typed.items():
        try:
            scenario.values[name] = _read(fields[name], texts, manner)
        except Unreadable as error:
            scenario.problems[name] = formatter.say(error.message)
    return scenario


def _read(item: Question, texts: Sequence[str], manner: Manner) -> Any:
    given = [text for text in texts if clean(text)]
    if item.optional and given in ([], [UNKNOWN]):
        return None
    value = READERS[item.kind](item, {item.id: given}, manner)
    return int(value) if isinstance(value, float) and value.is_integer() and item.kind != "share" else value


def base_values(answers: Mapping[str, Any], knowledge: Knowledge, as_of: Any) -> dict[str, Any]:
    """The report's answers, and its editable parameters by their middle value."""
    parameters = {
        f"{PARAMETER}{item.id}": item.on(as_of).mode for item in knowledge.parameters.values() if item.editable
    }
    return {**answers, **parameters, "currency": answers.get("currency") or CURRENCY}


def scenario_answers(answers: Mapping[str, Any], scenario: Scenario, formatter: Formatter) -> Answers | None:
    """The answers of the scenario; None, with the problems noted at their fields, when together they are not allowed."""
    merged = {**answers, **scenario.answer_changes}
    try:
        return read_answers({name: value for name, value in merged.items() if value is not None or name == "task_type"})
    except InputError as error:
        scenario.problems.update(
            {str(problem["key"]).split(".")[0]: str(problem["says"]) for problem in error.problems}
        )
        return None


def scenario_knowledge(knowledge: Knowledge, scenario: Scenario) -> Knowledge:
    """The knowledge with the changed parameters as exact values; its hash tells it apart."""
    changed = {
        name.removeprefix(PARAMETER): value for name, value in scenario.changes.items() if name.startswith(PARAMETER)
    }
    if not changed:
        return knowledge
    parameters = {
        **knowledge.parameters,
        **{name: _fixed(knowledge.parameters[name], value) for name, value in changed.items()},
    }
    digest = sha256(f"{knowledge.hash}{sorted(changed.items())}".encode()).hexdigest()
    return knowledge.model_copy(update={"parameters": parameters, "hash": digest})


def _fixed(parameter: Parameter, value: float) -> Parameter:
    exact = ParameterValue(valid_from=parameter.values[0].valid_from, low=value, mode=value, high=value)
    return parameter.model_copy(update={"values": [exact]})
