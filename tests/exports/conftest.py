"""A frozen report with hostile texts, without database and engine; and the knowledge base."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from app.domain.decision import Decision
from app.domain.knowledge import Knowledge
from app.knowledge import load_knowledge
from app.store.repository import Report
from tests.web.sample import decision as sample_decision

HOSTILE_TITLE = '=1+1 #read("/etc/passwd") *x* $a$ 漢 \U0001f600 <svg onload=x>'
CREATED = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def decision() -> Decision:
    return Decision.from_json(json.loads(sample_decision().as_json()))  # as reports are always read


@pytest.fixture
def report(decision: Decision) -> Report:
    text = decision.as_json()
    answers = {
        "task_type": "support_chat", "title": HOSTILE_TITLE, "organisation": "Bäcker & Söhne", "examples": 40,
        "requests_per_month": 8000.0, "knowledge_change": "weekly",
    }  # fmt: skip
    return Report(
        public_id="x8Kd93jf0aLq2mZp7vBn1s", number=2, answers=answers, as_of=date(2026, 11, 24), seed=0, draws=4096,
        knowledge_hash=decision.knowledge_hash, prices_hash=decision.prices_hash, engine_version="0.1.0",
        decision_json=text, decision_sha256=hashlib.sha256(text.encode()).hexdigest(), note="", created_at=CREATED,
    )  # fmt: skip
