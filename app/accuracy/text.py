"""The scorecard as text: for the terminal, and as Markdown for `docs/accuracy.md`."""

from __future__ import annotations

from collections.abc import Iterator

from app.accuracy.agreement import CLASSES
from app.accuracy.measurements import HeldOut, held_out
from app.accuracy.scorecard import Agreement, Quantity, Scorecard

HEAD = """# Accuracy

Made by `lotse accuracy --write` from the published figures in `app/accuracy/data/`; do not edit. The page `/accuracy` shows the same.
A test recomputes every figure and fails when one is worse than here.

Day of rules and prices: {as_of} · engine {engine_version} · knowledge {hash}

**fold** = the larger of predicted/published and published/predicted: 1.20 is wrong by a fifth in either direction.
**Coverage** = share of the measurements inside the stated 10-90 band; 75 to 85 % is right.

The rules and constants were made with these figures in sight, so what is shown here is how well they fit, not how well they
foretell. For the advice the row "weights learned from others" shows what remains when each case is judged with
weights learned from other organisations only; which rules there are was still decided with the cases in sight.
"""
SIZE_COLUMNS = ("quantity", "rows", "refused", "sources", "fold, median of sources", "fold, pooled", "fold p90, pooled", "coverage")  # fmt: skip
SOURCE_COLUMNS = ("source", "rows", "fold median", "fold p90", "coverage", "verified by MLCommons")
HELD_OUT = """### With constants fitted without the measurement's own source, model or GPU

From `bench/sizing.py`, which fits them anew; not recomputed by `lotse accuracy`. This is what to expect of a source, model or GPU
that Lotse has not seen.
"""
HELD_OUT_COLUMNS = ("quantity", "fitted without its", "fold, median of sources", "fold p90, pooled", "coverage")
ADVICE_COLUMNS = ("way to decide", "equal", "acceptable", "kappa", "equal, sure cases", "equal, obvious choice failed")


def markdown(card: Scorecard) -> str:
    """The document, whole."""
    head = HEAD.format(as_of=card.as_of, engine_version=card.engine_version, hash=card.knowledge_hash[:12])
    parts = [head, "## Sizes and speeds\n", _table(SIZE_COLUMNS, [_size_row(item) for item in card.quantities])]
    parts += [HELD_OUT, _table(HELD_OUT_COLUMNS, [_held_out_row(item) for item in held_out()])]
    for item in card.quantities:
        parts += [f"### {item.name.capitalize()}, by source ({item.unit})\n", _table(SOURCE_COLUMNS, list(_source_rows(item)))]  # fmt: skip
    parts += ["## Advice\n", _table(ADVICE_COLUMNS, [_advice_row(item) for item in card.agreements])]
    parts += [_engine(card), "### Published against advised\n", confusion_table(card.agreements[0])]
    parts += ["### Misses\n", _misses(card)]
    return "\n".join(parts)


def plain(card: Scorecard) -> str:
    """A few lines for the terminal."""
    lines = [f"Rules and prices of {card.as_of}, knowledge {card.knowledge_hash[:12]}", ""]
    for item in card.quantities:
        lines.append(
            f"{item.name:9} n {item.rows:4}  refused {item.refused}  fold {item.fold_median_of_sources:.2f} (median of {len(item.sources)} sources)"
            f"  pooled {item.pooled_median:.2f} / p90 {item.pooled_p90:.2f}  coverage {item.coverage:.0%}"
        )
    lines.append("")
    lines += [
        f"{item.label:36} equal {item.exact:.0%}  acceptable {item.acceptable:.0%}  kappa {item.kappa:.2f}"
        for item in card.agreements
    ]
    return "\n".join([*lines, "", _engine(card)])


def confusion_table(item: Agreement) -> str:
    """Rows: published; columns: given."""
    counts = {(left, right): count for left, right, count in item.confusion}
    rows = [(left, *(str(counts.get((left, right), "")) for right in CLASSES)) for left in CLASSES]
    return _table(("published", *CLASSES), rows)


def _engine(card: Scorecard) -> str:
    engine = card.engine
    return (
        f"Calibration error {engine.calibration_error:.3f} · the published way among the first two in {engine.top_two:.0%} · "
        f"place of data respected in {engine.residency[0]} of {engine.residency[1]} · {len(engine.misses)} misses\n"
    )


def _size_row(item: Quantity) -> tuple[str, ...]:
    return (
        item.name, str(item.rows), str(item.refused), str(len(item.sources)), f"{item.fold_median_of_sources:.2f}",
        f"{item.pooled_median:.2f}", f"{item.pooled_p90:.2f}", f"{item.coverage:.0%}",
    )  # fmt: skip


def _held_out_row(item: HeldOut) -> tuple[str, ...]:
    folds = (f"{item.fold_median_of_sources:.2f}", f"{item.pooled_p90:.2f}")
    return (item.quantity, item.without, *folds, f"{item.coverage:.0%}")


def _source_rows(item: Quantity) -> Iterator[tuple[str, ...]]:
    for source in item.sources:
        verified = "" if "mlcommons" not in source.url else "yes" if source.verified else "not verified"
        yield (
            f"<{source.url}>", str(source.rows), f"{source.fold_median:.2f}", f"{source.fold_p90:.2f}",
            f"{source.coverage:.0%}", verified,
        )  # fmt: skip


def _advice_row(item: Agreement) -> tuple[str, ...]:
    shares = (item.exact, item.acceptable)
    return (
        item.label, *(f"{share:.0%}" for share in shares), f"{item.kappa:.2f}",
        f"{item.exact_high_confidence:.0%}", f"{item.exact_obvious_failed:.0%}",
    )  # fmt: skip


def _misses(card: Scorecard) -> str:
    rows: list[tuple[str, ...]] = []
    for miss in card.engine.misses:
        why = " ".join(message.says for message in (*miss.why, *miss.against))
        verdict = "acceptable" if miss.acceptable else "wrong"
        rows.append((miss.case, miss.published, miss.advised, verdict, f"{miss.confidence:.0%}", why))
    return _table(("case", "published", "advised", "verdict", "confidence", "the engine's reasons"), rows)


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
