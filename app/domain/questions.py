"""Which questions are open for these answers, which comes next, which answers count, and where in the questionnaire one stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.conditions import holds
from app.domain.knowledge import Question

Given = Mapping[str, Any]  # the stored answers: key -> value; a missing key is unknown or not asked yet


@dataclass(frozen=True)
class Progress:
    """Question `number` of at most `total`."""

    number: int
    total: int


@dataclass(frozen=True)
class Course:
    """One walk through the questionnaire: all questions, the stored answers, and for each key seen the version that last set it.

    A key that was seen and has no answer means "don't know".
    """

    questions: tuple[Question, ...]
    answers: dict[str, Any]
    seen: Mapping[str, int]

    @classmethod
    def of(cls, questions: Iterable[Question], given: Given, seen: Mapping[str, int]) -> Course:
        """The course for stored answers; only answers that count are used."""
        ordered = in_order(questions)
        return cls(tuple(ordered), counted(ordered, given), seen)

    def shown(self) -> list[Question]:
        """All questions that make sense for these answers, most decisive first."""
        return [question for question in self.questions if is_shown(question, self.answers)]

    def is_seen(self, question: Question) -> bool:
        """Whether the question was answered, be it with "don't know"."""
        return any(key in self.seen for key in question.keys)

    def open(self, short: bool = False) -> list[Question]:
        """The questions not answered yet, those of the short path first."""
        waiting = [question for question in self.shown() if not self.is_seen(question)]
        return [question for question in waiting if question.short_path or not short]

    def next(self, valuable: str | None = None) -> Question | None:
        """The next open question: the short path in its order, then the one that feeds the most valuable key, then by order."""
        waiting = self.open(short=True) or self.open()
        if waiting and not waiting[0].short_path and valuable:
            return next((question for question in waiting if valuable in question.keys), waiting[0])
        return waiting[0] if waiting else None

    def walked(self) -> list[Question]:
        """The answered questions in the order of the walk: the short path, then as they were answered."""
        done = [question for question in self.shown() if self.is_seen(question)]
        return sorted(done, key=self._moment)

    def _moment(self, question: Question) -> tuple[int, int]:
        if question.short_path:
            return (0, question.order)
        return (max((self.seen.get(key, 0) for key in question.keys), default=0), question.order)

    def before(self, question: Question) -> Question | None:
        """The question one step back, None on the first."""
        place = self._place(question)
        return self.walked()[place - 1] if place else None

    def progress(self, question: Question) -> Progress:
        """Where this question stands. On the short path the total is that of the short path."""
        total = sum(item.short_path for item in self.shown()) if question.short_path else len(self.shown())
        return Progress(self._place(question) + 1, total)

    def _place(self, question: Question) -> int:
        """How many questions were answered before. A new one of the short path stands after those of lower order."""
        walked = self.walked()
        if question in walked:
            return walked.index(question)
        return (
            sum(item.short_path and item.order < question.order for item in walked)
            if question.short_path
            else len(walked)
        )

    def short_path_done(self) -> bool:
        """Whether a first report can be made."""
        return not self.open(short=True)


def in_order(questions: Iterable[Question]) -> list[Question]:
    """Most decisive first."""
    return sorted(questions, key=lambda question: (question.order, question.id))


def is_shown(question: Question, answers: Given) -> bool:
    """Whether the question makes sense for these answers."""
    return question.shown_when is None or holds(question.shown_when, answers)


def counted(questions: Iterable[Question], given: Given) -> dict[str, Any]:
    """The answers that count: those of questions that are still asked. Answers of an abandoned branch are kept elsewhere, not here.

    Conditions look only at questions of lower order, so one pass is enough.
    """
    answers = {key: item for key, item in given.items() if item is not None}
    for question in in_order(questions):
        if not is_shown(question, answers):
            answers = {key: item for key, item in answers.items() if key not in question.keys}
    return answers


def abandoned(questions: Iterable[Question], given: Given) -> list[Question]:
    """Questions that were answered and are no longer asked: their answers are kept but do not count."""
    ordered = in_order(questions)
    counts = counted(ordered, given)
    return [
        question for question in ordered
        if not is_shown(question, counts) and any(given.get(key) is not None for key in question.keys)
    ]  # fmt: skip


def newly_open(questions: Iterable[Question], before: Given, after: Given, seen: Mapping[str, int]) -> list[Question]:
    """Questions that a change of answers brought up."""
    ordered = in_order(questions)
    old = {question.id for question in Course.of(ordered, before, seen).shown()}
    return [question for question in Course.of(ordered, after, seen).open() if question.id not in old]
