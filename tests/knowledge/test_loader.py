"""The loader refuses what is doubtful and names file, key and mend; what it reads survives being stored."""

from datetime import date
from pathlib import Path

import pytest

from app.domain.knowledge import Knowledge
from app.errors import KnowledgeError
from app.knowledge import load_knowledge, read_knowledge
from app.knowledge.yaml_files import read_yaml

EVIDENCE = "id: E1\ntitle: A study\nchecked: 2026-11-23\ngrade: V\nstrength: CS\n"
PARAMETER = (
    "id: some.share\nlabel: Some share\nunit: share\ngrade: A\nstrength: A\nsources: [E1]\n"
    "values:\n- {valid_from: 2026-01-01, low: 0.1, mode: 0.2, high: 0.3}\n"
)
PRICE = (
    "key: disk\nlabel: Disk\nunit: GB-month\ncurrency: USD\nvalues:\n"
    "- {valid_from: 2026-01-01, amount: '0.10'}\nsource: E1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small sound knowledge base."""
    write(tmp_path, "evidence/E1", EVIDENCE)
    write(tmp_path, "parameters/some.share", PARAMETER)
    write(tmp_path, "prices/disk", PRICE)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    path = root / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def refusal(root: Path) -> str:
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge(root)
    return caught.value.says


def test_missing_folders_are_empty(folder: Path) -> None:
    knowledge = read_knowledge(folder)
    assert knowledge.rules == {}
    assert knowledge.parameters["some.share"].values[0].mode == 0.2


def test_sources_named_by_id_are_written_out(folder: Path) -> None:
    source = read_knowledge(folder).prices["disk"].source
    assert (source.id, source.title, source.checked) == ("E1", "A study", "2026-11-23")


def test_doubled_key_names_file_key_and_line(folder: Path) -> None:
    write(folder, "evidence/E1", EVIDENCE + "title: Another\n")
    says = refusal(folder)
    assert "evidence/E1.yaml" in says
    assert "line 6" in says
    assert "'title'" in says


def test_doubled_key_inside_a_mapping_is_refused(folder: Path) -> None:
    write(folder, "prices/disk", PRICE.replace("amount: '0.10'", "amount: '0.10', amount: '0.20'"))
    assert "'amount' is written twice" in refusal(folder)


def test_unknown_key_is_named(folder: Path) -> None:
    write(folder, "evidence/E1", EVIDENCE + "colour: blue\n")
    says = refusal(folder)
    assert "evidence/E1.yaml: colour" in says
    assert "Remove the key" in says


def test_file_name_has_to_be_the_id(folder: Path) -> None:
    write(folder, "evidence/E2", EVIDENCE)
    assert "'E1', but the file name says 'E2'" in refusal(folder)


def test_same_file_name_twice_is_refused(folder: Path) -> None:
    write(folder, "evidence/more/E1", EVIDENCE)
    assert "two files of this name" in refusal(folder)


def test_dead_reference_is_named(folder: Path) -> None:
    write(folder, "parameters/some.share", PARAMETER.replace("[E1]", "[E9]"))
    says = refusal(folder)
    assert "parameters/some.share.yaml" in says
    assert "'E9'" in says


def test_dead_source_of_a_price_is_named(folder: Path) -> None:
    write(folder, "prices/disk", PRICE.replace("source: E1", "source: E9"))
    assert "prices/disk.yaml: the source 'E9' does not exist" in refusal(folder)


def test_range_out_of_order_is_refused(folder: Path) -> None:
    write(folder, "parameters/some.share", PARAMETER.replace("low: 0.1", "low: 0.25"))
    assert "low, mode, high are 0.25, 0.2, 0.3" in refusal(folder)


def test_dated_values_have_to_be_in_order(folder: Path) -> None:
    write(folder, "prices/disk", PRICE.replace("values:\n", "values:\n- {valid_from: 2026-02-01, amount: '0.20'}\n"))
    assert "oldest first" in refusal(folder)


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "NO", "Yes", "y", "1:30", "0x1F", "010", "1_000"])
def test_only_plain_values_have_a_type(tmp_path: Path, word: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"key: {word}\n")
    assert read_yaml(path, "a.yaml") == {"key": word}


def test_typed_values(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: true\nb: 12\nc: 0.1\nd: 2026-11-23\ne: null\nf:\ng: -1.5e3\n")
    expected = {"a": True, "b": 12, "c": 0.1, "d": date(2026, 11, 23), "e": None, "f": None, "g": -1500.0}
    assert read_yaml(path, "a.yaml") == expected


def test_number_that_cannot_be_kept_exactly_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 0.12345678901234567\n")
    with pytest.raises(KnowledgeError, match="more than 15 digits"):
        read_yaml(path, "a.yaml")


def test_impossible_date_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 2026-02-30\n")
    with pytest.raises(KnowledgeError, match="line 1"):
        read_yaml(path, "a.yaml")


def test_own_knowledge_base_is_sound_and_survives_storing() -> None:
    knowledge = load_knowledge()
    assert len(knowledge.hash) == 64
    assert Knowledge.model_validate_json(knowledge.model_dump_json(by_alias=True)) == knowledge


def test_hash_follows_the_content(folder: Path) -> None:
    before = read_knowledge(folder).hash
    assert read_knowledge(folder).hash == before
    write(folder, "parameters/some.share", PARAMETER.replace("mode: 0.2", "mode: 0.21"))
    assert read_knowledge(folder).hash != before


def test_every_parameter_says_what_it_rests_on() -> None:
    """An assumption is called one; everything else names a source or says how it was derived."""
    for name, parameter in load_knowledge().parameters.items():
        assert parameter.unit, name
        assert parameter.label, name


def test_platform_dates_decide_who_may_tune() -> None:
    records = load_knowledge().platforms["openai"].capabilities
    open_records = [item for item in records if item.method == "sft" and item.who == "everyone"]
    assert [item.closes for item in open_records] == [date(2026, 5, 7)]
    existing = [item for item in records if item.method == "sft" and item.who == "existing_customers"]
    assert [item.closes for item in existing] == [date(2027, 1, 6)]
