"""What each table holds, in plain words. A test holds the list against the tables that exist."""

from __future__ import annotations

from dataclasses import dataclass

from app.locales import N_
from app.store.repository import DELETION_DAYS, ENDED_LINK_DAYS, KEY_DAYS
from app.store.retention import ORPHAN_DAYS


@dataclass(frozen=True)
class StoredTable:
    """A table, what it holds and when that is deleted. {days} is a setting, by its name, or a fixed number."""

    table: str
    holds: str
    deleted: str
    days: str | int = ""


_DRAFT = N_("{days} days after the last change, if no report was made; at once when you delete the assessment.")
_REPORT = N_("{days} days after the last change; at once when you delete the assessment.")
TABLES = [
    StoredTable("assessment", N_("Your answers, the language, times; of your address only a fingerprint (SHA-256)."), _DRAFT, "draft_days"),
    StoredTable("report", N_("The frozen versions of a report with the answers they were made from."), _REPORT, "report_days"),
    StoredTable("pilot", N_("Results of your pilots and monthly costs, as far as you entered them."), _REPORT, "report_days"),
    StoredTable("launch", N_("Launches started here: what you approved, the platform's answers, costs and how it signs in; never credentials. Of the second person's link only a fingerprint."), N_("With the report; not while something may still stand on the platform.")),
    StoredTable("launch_event", N_("When a launch entered which state, with the platform's short word."), N_("With the report; not while something may still stand on the platform.")),
    StoredTable("approver", N_("Names of people who may approve launches, and slow fingerprints (Argon2id) of their codes."), N_("When the operator removes the person.")),
    StoredTable("orphan", N_("Things found on platforms that carry our tag and belong to no launch: platform, name and tag."), N_("{days} days after they were seen last."), ORPHAN_DAYS),
    StoredTable("snapshot", N_("Rules and prices a report was made with; nothing about you."), N_("When the last report that needs them is deleted.")),
    StoredTable("share_link", N_("Label, expiry, number of openings and of wrong passwords of a shared link; of link and password only fingerprints."), N_("{days} days after it ended; at once when you delete the assessment."), ENDED_LINK_DAYS),
    StoredTable("viewing", N_("That a browser opened a shared link; of its cookie only a fingerprint."), N_("After some hours, or with the link.")),
    StoredTable("idempotency_key", N_("Random numbers of forms that were taken, so that nothing is done twice."), N_("After {days} days."), KEY_DAYS),
    StoredTable("deletion", N_("The random number of an assessment that you deleted, so that no backup brings it back; nothing about you."), N_("After {days} days."), DELETION_DAYS),
    StoredTable("rate_counter", N_("How often an address asked for something; of the address only a keyed fingerprint."), N_("When the period of the limit has passed.")),
]  # fmt: skip
