"""One family of errors: each has a code, an HTTP status, a title and what the user can do.

Texts are English gettext ids with {names}; the edge translates them (`app.locales`).
"""

from typing import Any, ClassVar


class AppError(Exception):
    """An error a user may see. `detail` says what happened, `mend` what to do; `values` fill both texts."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, mend: str = "", **values: Any) -> None:
        self.detail, self.mend, self.values = detail, mend, values
        super().__init__(self.says)

    @property
    def says(self) -> str:
        """The whole message in English."""
        return f"{self.detail} {self.mend}".strip().format(**self.values)

    def as_json(self) -> dict[str, Any]:
        """The form used by the API and the command line."""
        return {"code": self.code, "message": self.says, **({"values": self.values} if self.values else {})}


class NotFound(AppError):
    """There is no such page or record, or it is not yours."""

    code, status, title = "not_found", 404, "This page does not exist"


class Gone(AppError):
    """It existed, and has expired or was revoked."""

    code, status, title = "gone", 410, "This link no longer works"


class Forbidden(AppError):
    """The request came from another site or lacks the right."""

    code, status, title = "forbidden", 403, "This is not allowed"


class Conflict(AppError):
    """Somebody changed the same thing in the meantime."""

    code, status, title = "conflict", 409, "This was changed in the meantime"


class TooLarge(AppError):
    """The request body is larger than allowed."""

    code, status, title = "too_large", 413, "This is too large"


class TooMany(AppError):
    """A rate limit was reached. `values["retry_after"]` holds the seconds to wait."""

    code, status, title = "too_many_requests", 429, "Too many requests"


class Unavailable(AppError):
    """The database or another part does not answer right now."""

    code, status, title = "unavailable", 503, "Please try again in a minute"


class SettingError(AppError):
    """A setting is missing or invalid; the program does not start."""

    code, status, title = "setting", 500, "A setting is missing or invalid"


class KnowledgeError(AppError):
    """A file of the knowledge base is wrong; the text names file and key."""

    code, status, title = "knowledge", 500, "The knowledge base has an error"


class InputError(AppError):
    """Something a user gave is wrong. `problems` lists each field with value and what is allowed."""

    code, status, title = "invalid_input", 422, "Please check what you entered"

    def __init__(self, problems: list[dict[str, Any]], detail: str = "", mend: str = "", **values: Any) -> None:
        self.problems = problems
        summary = detail or "; ".join(
            str(problem["says"]).replace("{", "{{").replace("}", "}}") for problem in problems
        )
        super().__init__(summary, mend, **values)

    def as_json(self) -> dict[str, Any]:
        """Adds the list of problems."""
        return {**super().as_json(), "problems": self.problems}
