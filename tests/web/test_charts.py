"""Charts: well-formed, accessible, safe under the strict policy, and true to their tables."""

from __future__ import annotations

import re
from itertools import product
from xml.etree import ElementTree

import pytest

from app.domain.decision import Decision
from app.locales import formatter
from app.web import charts
from app.web.charts.comparison import ranked
from app.web.charts.quantities import quantity
from app.web.charts.scales import money_axis, step
from app.web.charts.spec import BarChart, CurveChart, TornadoChart
from app.web.charts.svg import PRINT, WIDTHS, simplify, spread, text_width, wrap
from tests.web.sample import decision

SVG = "{http://www.w3.org/2000/svg}"
EVERY = list(product(charts.SPECS, ("de", "en"), ("page", "print"), ("wide", "narrow")))


def drawn(key: str, language: str, theme: str, width: str, of: Decision | None = None) -> ElementTree.Element:
    chart = charts.SPECS[key](of or decision(), formatter(language))
    assert chart is not None
    return ElementTree.fromstring(charts.drawing(chart, theme, width))  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "language", "theme", "width"), EVERY)
def test_every_chart_is_well_formed_named_and_free_of_styles(key: str, language: str, theme: str, width: str) -> None:
    image = drawn(key, language, theme, width)
    ids = {element.get("id"): element for element in image.iter() if element.get("id")}
    assert image.get("role") == "img"
    for name in image.attrib["aria-labelledby"].split():
        assert ids[name].text
    assert not [
        element for element in image.iter() if element.get("style") or element.tag in (f"{SVG}style", f"{SVG}script")
    ]


@pytest.mark.parametrize(("key", "language", "theme", "width"), EVERY)
def test_all_text_stays_inside_the_frame(key: str, language: str, theme: str, width: str) -> None:
    image = drawn(key, language, theme, width)
    size, box = float(image.attrib["font-size"]), WIDTHS[width]  # type: ignore[index]
    for element in image.iter(f"{SVG}text"):
        wide = text_width(element.text or "", size)
        anchor = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
        left = float(element.attrib["x"]) - anchor * wide
        assert left >= -3, (element.text, left)
        assert left + wide <= box + 3, (element.text, left + wide)


def test_both_layouts_on_one_page_have_different_ids() -> None:
    figures = charts.figures(decision(), formatter("de")).values()
    ids = re.findall(r' id="([^"]+)"', "".join(figure.wide + figure.narrow for figure in figures))
    assert len(ids) == len(set(ids)) == 4 * len(charts.SPECS)


def test_page_charts_take_colours_from_the_style_sheet_and_print_charts_bring_theirs() -> None:
    assert "fill=" not in charts.options_cost(decision(), formatter("de"))
    printed = charts.options_cost(decision(), formatter("de"), theme="print")
    assert 'fill="#17507f"' in printed
    assert 'class="c-' not in printed


def test_bars_are_as_long_as_their_amounts_and_the_advice_stands_out() -> None:
    image = drawn("cost", "de", "page", "wide")
    bars = list(image.iter(f"{SVG}rect"))
    totals = [float(option.cost.total.p50) for option in decision().options if option.cost]
    lengths = [float(bar.attrib["width"]) for bar in bars]
    assert [bar.attrib["class"] for bar in bars] == ["c-bar-accent", "c-bar-grey", "c-bar-grey", "c-bar-grey"]
    for length, total in zip(lengths, totals, strict=True):
        assert length / lengths[0] == pytest.approx(total / totals[0], rel=0.01)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_table_says_what_the_bars_show(language: str) -> None:
    chart = charts.SPECS["cost"](decision(), formatter(language))
    assert isinstance(chart, BarChart)
    for bar, row in zip(chart.bars, chart.table.rows, strict=True):
        assert (bar.label, bar.text) == (row[0], row[2])
    texts = [element.text for element in drawn("cost", language, "page", "wide").iter(f"{SVG}text")]
    assert all(bar.text in texts for bar in chart.bars)


def test_money_axes_start_at_zero_and_ticks_are_round() -> None:
    for high in (0, 0.4, 7, 12_345, 48_000, 3_210_000):
        axis = money_axis(formatter("de"), "Kosten", 0, high, "EUR")
        assert axis.low == 0
        assert axis.high >= high
        assert 2 <= len(axis.ticks) <= 8
    assert [step(span) for span in (10, 48_000, 3)] == [2, 10_000, 1]


def test_the_tornado_reaches_from_the_lead_at_low_to_the_lead_at_high() -> None:
    chart = charts.SPECS["drivers"](decision(), formatter("en"))
    assert isinstance(chart, TornadoChart)
    assert [(swing.at_low, swing.at_high) for swing in chart.swings] == [
        (-9_000, 61_000),
        (4_000, 48_000),
        (31_000, 18_000),
    ]
    assert chart.axis.low <= -9_000 < 61_000 <= chart.axis.high
    assert "Requests per month alone can tip the advice" in chart.title


def test_curves_show_the_advice_and_the_next_best_with_their_bands() -> None:
    chart = charts.SPECS["cumulative"](decision(), formatter("en"))
    assert isinstance(chart, CurveChart)
    assert [line.emphasis for line in chart.lines] == [True, False, False, False]
    for line in chart.lines:
        assert all(low <= middle <= high for low, middle, high in zip(line.low, line.middle, line.high, strict=True))
    assert [row[0] for row in chart.table.rows] == ["0", "6", "12", "18", "24", "30", "36"]


def test_what_users_wrote_is_escaped() -> None:
    base = decision()
    hostile = base.options[0].model_copy(update={"label": '<script>alert("1")</script>&'})
    changed = base.model_copy(update={"options": [hostile, *base.options[1:]]})
    for key in ("cost", "cumulative", "probability"):
        image = drawn(key, "en", "page", "wide", changed)
        assert not list(image.iter(f"{SVG}script"))


def test_a_decision_without_costs_has_no_charts_but_does_not_fail() -> None:
    base = decision()
    empty = base.model_copy(update={"options": [base.options[-1]], "drivers": []})
    assert charts.figures(empty, formatter("de")) == {}


def test_labels_are_moved_apart_and_long_ones_are_cut() -> None:
    assert spread([100, 101, 102], 18, 0, 200) == [100, 118, 136]
    assert spread([190, 195, 199], 18, 0, 200) == [164, 182, 200]
    assert wrap("Fortgesetztes Vortraining auf eigenen Daten", 120, 13)[1].endswith("…")


def test_curves_keep_every_point_that_can_be_seen() -> None:
    straight = [(float(x), 2.0 * x) for x in range(37)]
    assert simplify(straight) == [straight[0], straight[-1]]
    bent = [(float(x), float(abs(x - 20))) for x in range(41)]
    assert simplify(bent) == [(0.0, 20.0), (20.0, 0.0), (40.0, 20.0)]


def test_print_colours_are_legible_on_white() -> None:
    for role, look in PRINT.items():
        needed = {"grid": 1.0}.get(role, 4.5 if role.startswith("text") else 3.0)
        for colour in re.findall(r'(?:fill|stroke)="#(\w{6})"', look if "opacity" not in look else ""):
            assert contrast_with_white(colour) >= needed, (role, colour)


def contrast_with_white(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_volumes_are_drawn_from_zero_and_through_the_computed_points() -> None:
    """Money from zero; between computed points more are drawn, and none of them leaves its neighbours."""
    chart = charts.SPECS["volume"](decision(), formatter("en"))
    assert isinstance(chart, CurveChart)
    assert chart.y_axis.low == 0
    assert chart.x_axis.log
    for option, line in zip(ranked(decision()), chart.lines, strict=False):
        computed = option.cost_by_volume
        assert computed is not None
        assert line.x == tuple(sorted(line.x))
        assert len(line.x) > len(computed.x) / 2
        assert min(computed.p50) <= min(line.middle) <= max(line.middle) <= max(computed.p50)


def test_a_factor_near_one_is_not_rounded_to_one() -> None:
    assert quantity(formatter("en"), 1.05, "factor") == "1.05"
    assert quantity(formatter("de"), 1.05, "factor") == "1,05"
    assert quantity(formatter("en"), 12.34, "person-days") == "12 person-days"
