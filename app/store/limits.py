"""The rate limits of this installation, counted in the database."""

from __future__ import annotations

from time import time

from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from app.errors import SettingError
from app.settings import Settings
from app.store.counters import DatabaseStorage
from app.store.db import Database
from app.store.tokens import pseudonym

SHARE_TRIES = "5/15 minutes"


class Limits:
    """The limits of this installation by name: create, pdf, launch, password."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.secret = settings.secret_key
        self.limiter = FixedWindowRateLimiter(DatabaseStorage(database))
        self.items = {
            "create": _read("LOTSE_RATE_LIMIT_CREATE", settings.rate_limit_create),
            "pdf": _read("LOTSE_RATE_LIMIT_PDF", settings.rate_limit_pdf),
            "launch": _read("LOTSE_RATE_LIMIT_LAUNCH", settings.rate_limit_launch),
            "password": _read("", SHARE_TRIES),
        }

    def hit(self, name: str, subject: str) -> int:
        """Counts one event of a subject (an address, a link). The seconds to wait when the limit is reached, else 0."""
        item, key = self.items[name], pseudonym(self.secret, f"{name}:{subject}")
        if self.limiter.hit(item, key):
            return 0
        return max(1, round(self.limiter.get_window_stats(item, key).reset_time - time()))

    def forget(self, name: str, subject: str) -> None:
        """Starts the count of a subject anew."""
        self.limiter.clear(self.items[name], pseudonym(self.secret, f"{name}:{subject}"))

    def probe(self) -> bool:
        """Writes to the database and says whether it did."""
        return self.limiter.storage.incr("probe", 60) > 0


def _read(variable: str, text: str) -> RateLimitItem:
    try:
        return parse(text)
    except ValueError:
        raise SettingError(
            detail="{variable} is not a rate: {value}.",
            mend='Write it like "60/hour" or "5/15 minutes".',
            variable=variable,
            value=text,
        ) from None
