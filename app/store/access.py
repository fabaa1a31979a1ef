"""Who may read a report: the author by the token in the address, a viewer by the cookie that a share link gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.errors import Gone, NotFound
from app.store.assessments import utc_now
from app.store.models import Assessment, Report, ShareLink, Viewing
from app.store.tokens import token_hash

# Asked for every page of a report, so each is one query, built once.
_Version = aliased(Report)
_NEWEST = select(func.max(_Version.number)).where(_Version.assessment_id == Assessment.id).scalar_subquery()
_VERSION = (Report.id, Report.number, Report.public_id, Report.decision_sha256)
_OF_AUTHOR = (
    select(*_VERSION, _NEWEST.label("newest"), Assessment.expected)
    .join(Report.assessment)
    .where(Assessment.token_hash == bindparam("hash"), Report.number == bindparam("number"))
)
_OF_VIEWER = (
    select(
        *_VERSION, ShareLink.allow_download, ShareLink.revoked_at,
        ShareLink.expires_at.label("link_ends"), Viewing.expires_at.label("viewing_ends"),
    )
    .join_from(Viewing, Viewing.link)
    .join(ShareLink.report)
    .where(Viewing.token_hash == bindparam("hash"))
)  # fmt: skip


@dataclass(frozen=True)
class Rights:
    """Which version of which report somebody asks for, and what he may do with it.

    `token` is the author's; `newest` the number of the newest version and `expected` the option expected before the
    result, both for the author only: a viewer learns of no other version.
    """

    key: int
    number: int
    public_id: str
    decision_sha256: str
    newest: int
    may_download: bool
    token: str | None = None
    expected: str | None = None

    @property
    def author(self) -> bool:
        """Whether this is the author."""
        return self.token is not None

    @property
    def id(self) -> str:
        """The id in the address `/r/{id}` of this visitor."""
        return f"{self.token}~{self.number}" if self.author else self.public_id


@dataclass(frozen=True)
class ReportAccess(Rights):
    """The same with the report itself."""

    report: Report = None  # type: ignore[assignment]  # always given; only its place among the fields asks for a default


def report_for(
    session: Session, report_id: str, viewer_cookie: str | None, now: datetime | None = None
) -> ReportAccess:
    """The report at `/r/{id}` for who asks. Raises NotFound and Gone like `rights_of`."""
    rights = rights_of(session, report_id, viewer_cookie, now)
    report = session.get(Report, rights.key)
    if report is None:
        raise no_report()
    return ReportAccess(**asdict(rights), report=report)


def rights_of(
    connection: Connection | Session, report_id: str, viewer_cookie: str | None, now: datetime | None = None
) -> Rights:
    """Who asks for `/r/{id}`: the author by `{token}~{number}`, or a viewer by public id and cookie.

    Raises NotFound, and Gone when the viewer's link has expired or was revoked.
    """
    token, _, number = report_id.partition("~")
    if not number:
        return _viewer(connection, report_id, viewer_cookie, now or utc_now())
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise no_report()
    found = connection.execute(_OF_AUTHOR, {"hash": token_hash(token), "number": int(number)}).one_or_none()
    if found is None:
        raise no_report()
    return _rights(found, token, found.newest, True, found.expected)


def _viewer(connection: Connection | Session, public_id: str, cookie: str | None, now: datetime) -> Rights:
    found = connection.execute(_OF_VIEWER, {"hash": token_hash(cookie)}).one_or_none() if cookie else None
    if found is None or found.public_id != public_id:
        raise no_report()
    if found.revoked_at is not None or now >= found.link_ends:
        raise ended_link()
    if now >= found.viewing_ends:
        raise Gone(detail="You opened this report some hours ago.", mend="Open it again with the link you were sent.")
    return _rights(found, None, found.number, found.allow_download)


def _rights(
    found: Row[*tuple[Any, ...]], token: str | None, newest: int, may_download: bool, expected: str | None = None
) -> Rights:
    return Rights(
        key=found.id, number=found.number, public_id=found.public_id, decision_sha256=found.decision_sha256,
        token=token, newest=newest, may_download=may_download, expected=expected,
    )  # fmt: skip


def no_report() -> NotFound:
    """Nothing there, or nothing for this visitor: he cannot tell which."""
    return NotFound(
        detail="There is no report at this address, or you need the link that was sent to you to open it.",
        mend="Open the link you were sent once more, or ask for a new one.",
    )


def ended_link() -> Gone:
    """A link that was good once."""
    return Gone(detail="This link has expired or was revoked.", mend="Ask the person who sent it to you for a new one.")
