"""All queries under one name; nothing else in the program speaks to the tables."""

from app.store.access import ReportAccess, Rights, report_for, rights_of
from app.store.assessments import (
    Saved,
    assessment_by_token,
    create_assessment,
    save_answers,
    set_expected,
    utc_now,
)
from app.store.deletions import DELETION_DAYS, delete_assessment
from app.store.models import Assessment, Report, ShareLink
from app.store.pilots import Measured, measured_by, save_measured
from app.store.reports import (
    freeze_report,
    knowledge_of,
    newest_number,
    prices_of,
    report_by_number,
    report_of_form,
    reports_of,
)
from app.store.retention import ENDED_LINK_DAYS, KEY_DAYS, Deleted, clean, delete_expired
from app.store.share_links import (
    LONGEST_DAYS,
    VIEWING_HOURS,
    LinkTerms,
    create_share_link,
    note_wrong_password,
    open_share_link,
    revoke_share_link,
    share_link_by_token,
    share_links,
)

__all__ = [
    "DELETION_DAYS", "ENDED_LINK_DAYS", "KEY_DAYS", "LONGEST_DAYS", "VIEWING_HOURS", "Assessment", "Deleted", "LinkTerms", "Measured", "Report", "ReportAccess", "Rights", "Saved", "ShareLink",
    "assessment_by_token", "clean", "create_assessment", "create_share_link", "delete_assessment", "delete_expired",
    "freeze_report", "knowledge_of", "measured_by", "newest_number", "note_wrong_password", "open_share_link", "prices_of", "report_by_number", "report_for", "report_of_form", "reports_of",
    "revoke_share_link", "rights_of", "save_answers", "save_measured", "set_expected", "share_link_by_token", "share_links", "utc_now",
]  # fmt: skip
