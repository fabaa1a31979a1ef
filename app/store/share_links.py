"""Share links of a report: made, listed, opened, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.store.access import ended_link
from app.store.assessments import utc_now
from app.store.models import Report, ShareLink, Viewing
from app.store.tokens import new_token, token_hash

LONGEST_DAYS = 365
VIEWING_HOURS = 8


@dataclass(frozen=True)
class LinkTerms:
    """What a new link allows, and for how many days. `password_hash` is an Argon2id hash, None for no password."""

    label: str = ""
    days: int = 30
    password_hash: str | None = None
    allow_download: bool = True
    count_opens: bool = True

    def __post_init__(self) -> None:
        """A link always ends."""
        assert 1 <= self.days <= LONGEST_DAYS


def create_share_link(session: Session, report: Report, terms: LinkTerms, token: str) -> ShareLink:
    """A new link; its token is not kept. With a token that exists already: that link, unchanged."""
    session.refresh(report.assessment, with_for_update=True)
    if existing := session.scalar(select(ShareLink).where(ShareLink.token_hash == token_hash(token))):
        return existing
    now = utc_now()
    link = ShareLink(
        report_id=report.id, token_hash=token_hash(token), label=terms.label, password_hash=terms.password_hash,
        allow_download=terms.allow_download, count_opens=terms.count_opens,
        expires_at=now + timedelta(days=terms.days), opens=0, created_at=now,
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link


def share_links(session: Session, report: Report) -> list[ShareLink]:
    """All links of a report, newest first."""
    return list(
        session.scalars(select(ShareLink).where(ShareLink.report_id == report.id).order_by(ShareLink.id.desc()))
    )


def share_link_by_token(session: Session, token: str, now: datetime | None = None) -> ShareLink:
    """The link behind an address. Raises NotFound, or Gone when it has expired or was revoked."""
    link = session.scalar(select(ShareLink).where(ShareLink.token_hash == token_hash(token)))
    if link is None:
        raise NotFound(detail="There is no such link.", mend="Check that you copied all of it.")
    if not link.works(now or utc_now()):
        raise ended_link()
    return link


def open_share_link(session: Session, link: ShareLink, now: datetime | None = None) -> str:
    """Lets a browser view the report for some hours; the token for its cookie. Counts the opening if the link says so."""
    now = now or utc_now()
    session.refresh(link, with_for_update=True)
    token = new_token()
    expires = min(now + timedelta(hours=VIEWING_HOURS), link.expires_at)
    session.add(Viewing(link_id=link.id, token_hash=token_hash(token), expires_at=expires))
    if link.count_opens:
        link.opens, link.last_opened_at = link.opens + 1, now
    session.flush()
    return token


def note_wrong_password(session: Session, link_id: int, now: datetime | None = None) -> None:
    """Counts a wrong password, for the author to see."""
    session.execute(
        update(ShareLink)
        .where(ShareLink.id == link_id)
        .values(wrong_passwords=ShareLink.wrong_passwords + 1, last_wrong_at=now or utc_now())
    )


def revoke_share_link(session: Session, report: Report, link_id: int) -> None:
    """Ends a link at once, for those too who have it open. Raises NotFound."""
    link = session.scalar(
        select(ShareLink).where(ShareLink.id == link_id, ShareLink.report_id == report.id).with_for_update()
    )
    if link is None:
        raise NotFound(detail="There is no such link.", mend="Reload the page; it may have been deleted.")
    link.revoked_at = link.revoked_at or utc_now()
    session.flush()
