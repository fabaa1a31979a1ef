"""Views of the questionnaire. All texts arrive in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ChoiceView:
    """One row to choose."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class FieldView:
    """One field of a form: `look` is rows, boxes, list, number or text. `value` is what was typed, `selected` what was chosen."""

    name: str
    look: str
    label: str
    hint: str = ""
    unit: str = ""
    decimal: bool = True
    optional: bool = False
    empty: str = ""  # the first, empty entry of a list
    choices: list[ChoiceView] = field(default_factory=list)
    value: str = ""
    selected: list[str] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True)
class ProblemView:
    """An entry of the error summary; leads to the field with that id."""

    id: str
    says: str


@dataclass(frozen=True)
class RuledOutView:
    """Options or places of operation that the answers so far exclude for the same reason."""

    names: list[str]
    reason: str


@dataclass(frozen=True)
class QuestionPage:
    """One question or one tight group. `origin` says where the visitor came from: "", "check" or "more"."""

    token: str
    id: str
    text: str
    why: str
    help: str
    fields: list[FieldView]
    key: str
    version: int
    back: str
    origin: str = ""
    number: int | None = None
    total: int | None = None
    unknown_box: str = ""  # the label of the last box, none if empty
    unknown_ticked: bool = False
    problems: list[ProblemView] = field(default_factory=list)
    ruled_out: list[RuledOutView] = field(default_factory=list)
    can_check: bool = False

    @property
    def single(self) -> bool:
        """Whether the only field carries the question itself as its label."""
        return len(self.fields) == 1


@dataclass(frozen=True)
class ConflictRow:
    """One answer that two windows changed."""

    key: str
    label: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class ConflictPage:
    """Both versions side by side; `sent` are the fields of the form that came too late."""

    token: str
    id: str
    text: str
    rows: list[ConflictRow]
    sent: list[tuple[str, str]]
    key: str
    version: int
    origin: str


@dataclass(frozen=True)
class AnswerRow:
    """One answered question on the check page, in words and units."""

    id: str
    name: str
    text: str
    answers: list[str]


@dataclass(frozen=True)
class AnswerGroup:
    """Rows under one heading."""

    title: str
    rows: list[AnswerRow]


@dataclass(frozen=True)
class OpenRow:
    """A question that is not answered yet."""

    id: str
    text: str
    why: str


@dataclass(frozen=True)
class ContradictionRow:
    """Answers that do not go together, and the questions to look at again."""

    says: str
    questions: list[OpenRow]


@dataclass(frozen=True)
class VersionRow:
    """A report that was made before."""

    number: int
    day: str


@dataclass(frozen=True)
class CheckPage:
    """All answers before the report. `suggested` is the open question most worth answering."""

    token: str
    key: str
    back: str
    groups: list[AnswerGroup]
    open: list[OpenRow]
    not_counted: list[AnswerRow]
    ready: bool
    suggested: OpenRow | None = None
    contradictions: list[ContradictionRow] = field(default_factory=list)
    versions: list[VersionRow] = field(default_factory=list)
    days_kept: int = 30


@dataclass(frozen=True)
class ExpectedPage:
    """The visitor's own judgement before the result."""

    token: str
    key: str
    choices: list[ChoiceView]
    selected: str | None = None
    error: str = ""


@dataclass(frozen=True)
class SavePage:
    """The address at which the assessment goes on."""

    token: str
    link: str
    title: str
    days_kept: int


@dataclass(frozen=True)
class DeletePage:
    """The question before deleting."""

    token: str
    title: str
    reports: int
