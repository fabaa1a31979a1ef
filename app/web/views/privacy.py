"""What each table holds, in plain words. A test holds the list against the tables that exist."""

from __future__ import annotations

from dataclasses import dataclass

from app.locales import N_


@dataclass(frozen=True)
class StoredTable:
    """A table, what it holds and when that is deleted. `days` names the setting that fills {days}."""

    table: str
    holds: str
    deleted: str
    days: str = ""


_DRAFT = N_("{days} days after the last change, if no report was made; at once when you delete the assessment.")
_REPORT = N_("{days} days after the last change; at once when you delete the assessment.")
TABLES = [
    StoredTable("assessment", N_("Your answers, the language, times; of your address only a fingerprint (SHA-256)."), _DRAFT, "draft_days"),
    StoredTable("report", N_("The frozen versions of a report with the answers they were made from."), _REPORT, "report_days"),
    StoredTable("snapshot", N_("Rules and prices a report was made with; nothing about you."), N_("When the last report that needs them is deleted.")),
    StoredTable("share_link", N_("Label, expiry and number of openings of a shared link; of link and password only fingerprints."), _REPORT, "report_days"),
    StoredTable("viewing", N_("That a browser opened a shared link; of its cookie only a fingerprint."), N_("After some hours, or with the link.")),
    StoredTable("idempotency_key", N_("Random numbers of forms that were taken, so that nothing is done twice."), _REPORT, "report_days"),
    StoredTable("rate_counter", N_("How often an address asked for something; of the address only a keyed fingerprint."), N_("When the period of the limit has passed.")),
]  # fmt: skip
