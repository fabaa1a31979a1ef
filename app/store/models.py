"""The tables. Times are UTC; answers and decisions are JSON as published, so that they can be read without this program."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with time zone on every database; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Only moments with a zone are accepted."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always in UTC."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Base(DeclarativeBase):
    """Base of all tables, with names for all constraints so that migrations can change them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, str: Text}


class Assessment(Base):
    """The answers of one case. `version` counts changes; `changed` holds for each key the version that last changed it."""

    __tablename__ = "assessment"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    answers: Mapped[dict[str, Any]]
    changed: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column()
    expected: Mapped[str | None] = mapped_column(String(40))  # the option the user expected before the result
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    reports: Mapped[list[Report]] = relationship(
        back_populates="assessment", cascade="all, delete", passive_deletes=True, order_by="Report.number"
    )

    __mapper_args__ = {"version_id_col": version}


class Snapshot(Base):
    """The knowledge or the prices a report was made with: compressed JSON, kept once per content."""

    __tablename__ = "snapshot"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Report(Base):
    """A frozen version: never changed, only deleted with its assessment. `decision_json` are the published bytes."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    answers: Mapped[dict[str, Any]]
    as_of: Mapped[date]
    seed: Mapped[int]
    draws: Mapped[int]
    knowledge_hash: Mapped[str] = mapped_column(String(64), index=True)
    prices_hash: Mapped[str] = mapped_column(String(64), index=True)
    engine_version: Mapped[str] = mapped_column(String(40))
    decision_json: Mapped[str] = mapped_column(deferred=True)  # large, and seldom needed once a page is made
    decision_sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str]
    created_at: Mapped[datetime]
    assessment: Mapped[Assessment] = relationship(back_populates="reports")
    links: Mapped[list[ShareLink]] = relationship(
        back_populates="report", cascade="all, delete", passive_deletes=True, order_by="ShareLink.id"
    )


class IdempotencyKey(Base):
    """A form that was taken: the same key again gives the same result and no second effect."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("assessment_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    body_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ShareLink(Base):
    """A link to one report for people without the author's address. Ends by date or by being revoked."""

    __tablename__ = "share_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str]
    password_hash: Mapped[str | None]
    allow_download: Mapped[bool]
    count_opens: Mapped[bool]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opens: Mapped[int]
    last_opened_at: Mapped[datetime | None]
    wrong_passwords: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    report: Mapped[Report] = relationship(back_populates="links")

    def works(self, now: datetime) -> bool:
        """Neither expired nor revoked."""
        return self.revoked_at is None and now < self.expires_at


class Viewing(Base):
    """A browser that opened a share link; its cookie holds the token. Ends after some hours, or with the link."""

    __tablename__ = "viewing"

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("share_link.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    link: Mapped[ShareLink] = relationship()


class Deletion(Base):
    """An assessment that its author deleted: its random number only, so that no backup brings it back."""

    __tablename__ = "deletion"

    public_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    deleted_at: Mapped[datetime] = mapped_column(index=True)


class PilotRecord(Base):
    """What the user has measured: results of pilots by option, and monthly costs by line of the option that runs."""

    __tablename__ = "pilot"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), unique=True)
    results: Mapped[dict[str, Any]]  # option -> {"cases", "successes"}
    costs: Mapped[dict[str, Any]]  # option -> {key of a cost line: amount a month as decimal text}
    updated_at: Mapped[datetime]


class Launch(Base):
    """One launch on a platform, from approval to teardown. `order` is what was approved, to the byte; credentials are nowhere."""

    __tablename__ = "launch"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # the value of the tag on the platform
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    option: Mapped[str] = mapped_column(String(40))
    platform: Mapped[str] = mapped_column(String(40))
    way: Mapped[str] = mapped_column(String(40))
    spec: Mapped[dict[str, Any]]
    order: Mapped[str]  # JSON text
    order_sha256: Mapped[str] = mapped_column(String(64))
    mode: Mapped[str] = mapped_column(String(20))  # how it signs in: federated, ambient or token
    sign_in: Mapped[dict[str, Any]]  # what names the role to take on; never a secret
    money: Mapped[dict[str, Any]]  # estimate, worst case and limit, in the currency of the report
    simulated: Mapped[bool]
    needs_approval: Mapped[bool]
    approved_by: Mapped[str | None]
    approval_hash: Mapped[str | None] = mapped_column(String(64))  # of the token in the address for the second person
    state: Mapped[str] = mapped_column(String(20), index=True)
    wish: Mapped[str] = mapped_column(String(20))  # what the user wants now: run, cancel, remove
    handle: Mapped[str | None]
    said: Mapped[str]  # the platform's own word for the state
    result: Mapped[str]
    trouble: Mapped[str]  # kind and short code of what last went wrong; empty when the last call went well
    attempts: Mapped[int]  # calls in a row that went wrong, or looks after a lost answer
    cost: Mapped[str | None]  # what the platform says it cost, as decimal text
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]  # when the platform last answered
    next_at: Mapped[datetime] = mapped_column(index=True)
    lease: Mapped[str | None] = mapped_column(String(64))  # the process that works on it
    lease_until: Mapped[datetime | None]
    events: Mapped[list[LaunchEvent]] = relationship(
        back_populates="launch", cascade="all, delete", passive_deletes=True, order_by="LaunchEvent.id"
    )
    report: Mapped[Report] = relationship()


class LaunchEvent(Base):
    """A state that a launch entered, or something that went wrong; append only."""

    __tablename__ = "launch_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(ForeignKey("launch.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str]  # the platform's word or short code
    launch: Mapped[Launch] = relationship(back_populates="events")


class Approver(Base):
    """Somebody who may approve launches above the limit; of the code only a slow hash."""

    __tablename__ = "approver"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    code_hash: Mapped[str]
    created_at: Mapped[datetime]


class Orphan(Base):
    """Something on a platform with our tag that no launch here accounts for, as the daily search found it."""

    __tablename__ = "orphan"
    __table_args__ = (UniqueConstraint("platform", "handle"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(String(40))
    handle: Mapped[str] = mapped_column(String(400))
    launch: Mapped[str] = mapped_column(String(80))  # the value of its tag
    kind: Mapped[str] = mapped_column(String(80))
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class RateCounter(Base):
    """How often something happened within a window. The key holds no address, only a keyed hash of it."""

    __tablename__ = "rate_counter"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
