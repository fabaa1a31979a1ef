"""Is an answer borne out by its passages: a proxy by words, held against cases judged by people."""

from __future__ import annotations

import pytest

from app.launch.pipeline.faithfulness import faithfulness, judge, sentences
from app.launch.pipeline.passages import Hit

BACKUP = "Backups are taken every six hours and kept for 35 days. They are stored in Frankfurt."
LEAVE = "Leave is approved by the team lead. Leave left over expires on 31 March of the next year."
URLAUB = "Sie haben 30 Urlaubstage im Jahr."
MOBIL = (
    "Mobiles Arbeiten ist an bis zu drei Tagen in der Woche möglich. Aus dem Ausland ist es nur nach Freigabe erlaubt."
)
CANTEEN = "The canteen is open from 11:30 to 14:00. On Fridays there is fish."


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("Backups are taken every six hours.", BACKUP),
        ("Backups are taken every 6 hours and kept for 35 days.", BACKUP),
        ("Backups are kept for 35 days [1].", BACKUP),
        ("The document states that backups are stored in Frankfurt.", BACKUP),
        ("The team lead is the one who approves leave.", LEAVE),
        ("Sie haben 30 Tage Urlaub im Jahr.", URLAUB),
        ("Mobiles Arbeiten ist an bis zu 3 Tagen möglich.", MOBIL),
        ("The canteen is open from 11:30 to 14:00.", CANTEEN),
    ],
)
def test_what_stands_there_is_supported(answer: str, source: str) -> None:
    assert faithfulness(answer, [Hit("a", "Title", source)]) == 1


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("Backups are taken every 35 days.", BACKUP),  # said by a real small model
        ("Backups are kept for 53 days.", BACKUP),
        ("Backups are not stored in Frankfurt.", BACKUP),
        ("Backups are stored in Frankfurt, not in the UK.", BACKUP),  # said by a real small model
        ("Backups are stored in London.", BACKUP),
        ("Leave is approved by the board.", LEAVE),
        ("Sie haben 28 Urlaubstage im Jahr.", URLAUB),
        ("Mobiles Arbeiten ist an bis zu fünf Tagen möglich.", MOBIL),
        ("Mobiles Arbeiten ist aus dem Ausland nicht erlaubt.", MOBIL),
        ("The canteen is open from 11:00 to 14:00.", CANTEEN),
        ("The capital of France is Paris.", BACKUP),
    ],
)
def test_what_does_not_stand_there_is_found(answer: str, source: str) -> None:
    assert faithfulness(answer, [Hit("a", "Title", source)]) == 0


@pytest.mark.xfail(strict=True, reason="known limit: a measure by words does not see who does what to whom")
def test_exchanged_roles_are_not_seen() -> None:
    assert faithfulness("Parents are informed by pupils.", [Hit("a", "", "Pupils are informed by parents.")]) == 0


def test_a_share_of_sentences_and_their_passages() -> None:
    hits = [Hit("l", "Leave", LEAVE), Hit("b", "Backups", BACKUP)]
    answer = (
        "Leave is approved by the team lead. [1] Backups are taken every 35 days [2]. Backups are kept for 35 days."
    )
    assert [item.source for item in judge(answer, hits)] == [1, 0, 2]
    assert faithfulness(answer, hits) == pytest.approx(2 / 3)
    assert faithfulness("", hits) == 1


def test_a_sentence_is_held_against_what_it_cites() -> None:
    hits = [Hit("l", "Leave", LEAVE), Hit("b", "Backups", BACKUP)]
    assert faithfulness("Backups are kept for 35 days [1].", hits) == 0
    assert faithfulness("Backups are kept for 35 days [2].", hits) == 1


def test_sentences_keep_dates_and_citations() -> None:
    assert sentences("Am 3. März. [1] Dann nicht! [2]") == ["Am 3. März [1].", "Dann nicht [2]!"]
    assert sentences("[1]\n\n ...") == []
