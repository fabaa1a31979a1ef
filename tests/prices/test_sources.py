"""Each price source against a recorded answer of the service, and what happens when it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from app.domain.catalogue import Price
from app.knowledge import load_knowledge
from app.prices import price_book
from app.prices.refresh import Outcome, refresh
from app.prices.snapshots import folder_of, snapshot_on
from app.prices.source import Context, Snapshot, all_sources
from app.prices.web import SourceFailed, SourceSkipped, Web

ANSWERS = Path(__file__).with_name("answers")
KNOWLEDGE = load_knowledge()
DAY = date(2026, 11, 25)
KEY = "a-key-of-the-test"
FILES = {
    "www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml": "eurofxref-daily.xml",
    "raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8/verda/vms.csv": "verda.csv",
    "raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8/nebius/vms.csv": "nebius.csv",
    "raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8/lambda/vms.csv": "lambda.csv",
    "raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json": "genai-prices.json",
    "pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json": "aws-bedrock.json",
}
Answer = Callable[[httpx2.Request], httpx2.Response]


def recorded(request: httpx2.Request) -> httpx2.Response:
    """The recorded answer to a request; 404 where none was recorded."""
    url, query = request.url, dict(request.url.params)
    if url.host == "prices.azure.com":
        page = "2" if "$skip" in query else "1"
        name = "azure-tuned.json" if "Azure OpenAI" in query.get("$filter", "") else f"azure-machines-{page}.json"
    elif url.host == "cloudbilling.googleapis.com":
        assert request.headers["X-Goog-Api-Key"] == KEY
        assert KEY not in str(url)
        name = f"google-{2 if 'pageToken' in query else 1}.json"
    else:
        name = FILES.get(f"{url.host}{url.path}", "")
    return httpx2.Response(200, content=(ANSWERS / name).read_bytes()) if name else httpx2.Response(404)


def context(answer: Answer = recorded, today: date = DAY, key: str | None = KEY, most: int = 10**6) -> Context:
    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return Context(Web(client, most=most), KNOWLEDGE, today, key)


def prices_of(name: str, today: date = DAY) -> dict[str, Price]:
    source = all_sources()[name]
    data = json.loads(json.dumps(source.fetch(context())))
    snapshot = Snapshot(source=name, since=today, checked=today, data=data)
    return {price.key: price for price in source.prices(snapshot, today, KNOWLEDGE)}


def asked(folder: Path, *names: str, answer: Answer = recorded, today: date = DAY) -> dict[str, Outcome]:
    return {outcome.source.name: outcome for outcome in refresh(names, context(answer, today), folder)}


def test_every_source_is_found() -> None:
    assert set(all_sources()) == {"aws", "azure", "chat_models", "exchange_rates", "google", "skypilot"}


def test_exchange_rates_of_the_central_bank() -> None:
    rates = prices_of("exchange_rates")
    assert {key: rate.amount for key, rate in rates.items()} == {
        "fx.usd": Decimal("1.1367"), "fx.gbp": Decimal("0.85986"), "fx.chf": Decimal("0.9409"),
    }  # fmt: skip
    assert rates["fx.usd"].valid_from == date(2026, 9, 24)
    assert rates["fx.usd"].source.checked == "2026-11-25"


def test_market_price_of_a_gpu_is_the_median_of_the_sellers() -> None:
    """H100: Verda 2.29, Nebius 2.95 (23.60 / 8 as well): median 2.62. Both lie in the EU; Nebius sells the H200 in the USA here."""
    prices = prices_of("skypilot")
    assert prices["gpu.H100-SXM.rented"].amount == Decimal("2.62")
    assert prices["gpu.H100-SXM.rented_eu"].amount == Decimal("2.62")
    assert prices["gpu.H200-SXM.rented"].amount == Decimal("3.445")
    assert prices["gpu.H200-SXM.rented_eu"].amount == Decimal("3.39")
    assert prices["gpu.H100-SXM.spot"].amount == Decimal("1.02575").quantize(Decimal("0.0001"))
    assert prices["gpu.V100.rented"].amount == Decimal("0.79")
    assert "gpu.B200.rented" not in prices  # it has a price for interruptible use only
    assert "Nebius, Verda" in prices["gpu.H100-SXM.rented"].source.title


def test_chat_models_keep_the_history_of_the_package() -> None:
    """Made-up steps in the package's own format: 1.00 until 30 November, 0.80 after; 272,000 tokens and more cost twice."""
    source = all_sources()["chat_models"]
    snapshot = Snapshot(source="chat_models", since=DAY, checked=DAY, data=source.fetch(context()))
    days = (date(2026, 11, 30), date(2026, 12, 1))
    found = [{price.key: price.amount for price in source.prices(snapshot, day, KNOWLEDGE)} for day in days]
    assert [prices["llm.gpt-6.1-terra.input"] for prices in found] == [Decimal(1), Decimal("0.8")]
    assert found[0]["llm.gpt-6.1-terra.long_input"] == 2
    assert found[0]["llm.gpt-6.1-terra.long_from"] == 272_000
    assert found[0]["llm.gpt-6.1-terra.batch_output"] == Decimal("2.5")
    assert "llm.gpt-6.1-terra.long_input" not in found[1]


def test_azure_takes_the_cheapest_region_without_windows_and_spot() -> None:
    prices = prices_of("azure")
    assert prices["gpu.A100-80.azure"].amount == Decimal("3.673")
    assert prices["gpu.A100-80.azure_eu"].amount == Decimal("4.775")
    assert prices["gpu.A100-80.azure_eu"].region == "westeurope"
    assert prices["tuning.azure.hosting"].amount == Decimal("1.7")
    assert set(prices) == {"gpu.A100-80.azure", "gpu.A100-80.azure_eu", "tuning.azure.hosting"}


def test_azure_follows_no_page_to_another_host() -> None:
    page = {"Items": [], "NextPageLink": "https://example.org/next"}
    with pytest.raises(SourceFailed, match="another host"):
        all_sources()["azure"].fetch(context(lambda _: httpx2.Response(200, json=page)))


def test_aws_prices_come_in_our_units() -> None:
    prices = prices_of("aws")
    assert {key: price.amount for key, price in prices.items()} == {
        "tuning.aws.nova-2-lite.training": Decimal(2), "tuning.aws.storage": Decimal("1.95"),
    }  # fmt: skip
    assert prices["tuning.aws.nova-2-lite.training"].unit == KNOWLEDGE.prices["tuning.aws.nova-2-lite.training"].unit


def test_google_lists_gpus_on_demand_over_all_pages() -> None:
    prices = prices_of("google")
    assert {key: price.amount for key, price in prices.items()} == {
        "gpu.T4.google": Decimal("0.35"), "gpu.L4.google": Decimal("0.56004"), "gpu.L4.google_eu": Decimal("0.672"),
        "gpu.H200-SXM.google": Decimal("3.25"), "gpu.H200-SXM.google_eu": Decimal("3.25"),
    }  # fmt: skip


def test_google_without_a_key_is_left_out() -> None:
    with pytest.raises(SourceSkipped, match="LOTSE_GOOGLE_API_KEY"):
        all_sources()["google"].fetch(context(key=None))


@pytest.mark.parametrize("name", sorted(all_sources()))
def test_units_are_those_of_the_knowledge_base(name: str) -> None:
    book = price_book(KNOWLEDGE, DAY)
    for key, price in prices_of(name).items():
        known = book.get(key)
        assert known is None or (known.unit, known.currency) == (price.unit, price.currency), key


@pytest.mark.parametrize("name", sorted(all_sources()))
@pytest.mark.parametrize("content", [b"", b"<html>Maintenance</html>", b"{}", b"[]", b'[{"id": 1}]', b"null", b"\xff"])
def test_another_form_of_answer_fails_in_words(name: str, content: bytes, tmp_path: Path) -> None:
    (outcome,) = refresh([name], context(lambda _: httpx2.Response(200, content=content)), tmp_path)
    assert outcome.state == "failed"
    assert outcome.problem
    assert KEY not in outcome.problem
    assert not list(tmp_path.rglob("*.json"))


def unreachable(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectTimeout("too slow", request=request)


def test_a_source_that_fails_keeps_its_last_snapshot(tmp_path: Path) -> None:
    assert {outcome.state for outcome in asked(tmp_path).values()} == {"new"}
    later = asked(tmp_path, answer=unreachable, today=date(2026, 12, 24))
    assert {outcome.state for outcome in later.values()} == {"failed"}
    assert {outcome.last.checked for outcome in later.values() if outcome.last} == {DAY}
    assert len(later) == len(all_sources())


def test_the_same_answer_moves_the_day_of_the_check(tmp_path: Path) -> None:
    asked(tmp_path, "exchange_rates")
    again = asked(tmp_path, "exchange_rates", today=date(2026, 12, 24))["exchange_rates"]
    assert again.state == "same"
    assert again.last
    assert (again.last.since, again.last.checked) == (DAY, date(2026, 12, 24))
    assert len(list(folder_of(tmp_path).rglob("*.json"))) == 1


def test_too_large_an_answer_is_not_read_to_the_end() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 10_000

    with pytest.raises(SourceFailed, match="more than 50000 bytes"):
        context(lambda _: httpx2.Response(200, content=endless()), most=50_000).web.text("https://example.org")


def test_a_refusal_is_a_failure() -> None:
    with pytest.raises(SourceFailed, match=r"example\.org did not answer"):
        context(lambda _: httpx2.Response(500)).web.text("https://example.org")


def test_fetched_prices_hold_from_their_day_on(tmp_path: Path) -> None:
    asked(tmp_path)
    before, after = (price_book(KNOWLEDGE, day, tmp_path) for day in (date(2026, 11, 24), DAY))
    assert before == price_book(KNOWLEDGE, date(2026, 11, 24))
    assert after.prices["gpu.H100-SXM.rented"].amount == Decimal("2.62")
    assert after.fx["USD"] == Decimal("1.1367")
    assert not after.prices["fx.usd"].stale
    assert after.prices["llm.gpt-6.1-terra.input"].source.title == "genai-prices, published data"
    assert (
        after.prices["llm.gpt-6-luna.input"] == price_book(KNOWLEDGE, DAY).prices["llm.gpt-6-luna.input"]
    )  # not in the answer
    assert after.hash != price_book(KNOWLEDGE, DAY).hash


def test_a_newer_knowledge_base_wins_over_an_older_snapshot(tmp_path: Path) -> None:
    asked(tmp_path, "exchange_rates")
    row = KNOWLEDGE.prices["fx.usd"]
    newer = row.model_copy(update={"source": row.source.model_copy(update={"checked": "2026-12-20"})})
    knowledge = KNOWLEDGE.model_copy(update={"prices": KNOWLEDGE.prices | {"fx.usd": newer}, "hash": "newer"})
    assert price_book(knowledge, date(2026, 12, 24), tmp_path).prices["fx.usd"].source.checked == "2026-12-20"
    assert price_book(knowledge, date(2026, 11, 26), tmp_path).prices["fx.usd"].source.checked == "2026-12-20"


def test_a_refresh_is_seen_without_a_restart(tmp_path: Path) -> None:
    first = price_book(KNOWLEDGE, DAY, tmp_path)
    asked(tmp_path, "skypilot")
    second = price_book(KNOWLEDGE, DAY, tmp_path)
    assert first.hash != second.hash
    assert price_book(KNOWLEDGE, DAY, tmp_path) is second


def test_a_damaged_snapshot_is_named(tmp_path: Path) -> None:
    asked(tmp_path, "skypilot")
    (file,) = folder_of(tmp_path).rglob("*.json")
    file.write_text("{")
    with pytest.raises(Exception, match="lotse prices refresh"):
        snapshot_on(folder_of(tmp_path), "skypilot", DAY)
