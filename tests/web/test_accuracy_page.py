"""`/accuracy` shows what the stored scorecard says, in both languages."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.accuracy.scorecard import stored
from app.locales import formatter


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_shows_every_quantity_and_every_miss(client: TestClient, language: str) -> None:
    answer = client.get(f"/{language}/accuracy")
    assert answer.status_code == 200
    for miss in stored().engine.misses:
        assert f'id="miss-{miss.case}"' in answer.text
    assert answer.text.count('class="chart chart-wide"') == 5
    assert formatter(language).percent(stored().agreement("engine").exact) in answer.text
    assert "MLCommons" in answer.text


def test_it_is_linked_from_the_footer_and_from_how_it_decides(client: TestClient) -> None:
    assert 'href="/en/accuracy"' in client.get("/en/privacy").text
    assert client.get("/en/how-it-decides").text.count('href="/en/accuracy"') == 2


def test_the_points_of_a_plot_lie_inside_its_frame(client: TestClient) -> None:
    text = client.get("/en/accuracy").text
    dots = [
        path.split('"')[0] for path in text.split('<path d="')[1:] if 'class="c-dots' in path[:20000].split("/>")[0]
    ]
    assert dots
    for path in dots:
        for point in path.strip("M").replace("h0", "").split("M"):
            x, y = map(int, point.split())
            assert 0 <= x <= 720
            assert 30 <= y <= 430
