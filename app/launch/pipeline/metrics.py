"""How right an answer is, and how sure the rate is."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import sqrt

Z_95 = 1.959964  # two-sided 95 % point of the normal distribution


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text."""
    return re.findall(r"\w+", text.casefold())


def token_f1(given: str, expected: str) -> float:
    """Overlap of words, 0 to 1 (harmonic mean of precision and recall)."""
    one, two = Counter(words(given)), Counter(words(expected))
    common = sum((one & two).values())
    return 2 * common / (sum(one.values()) + sum(two.values())) if common else 0.0


def same_json(given: str, expected: str) -> bool:
    """Whether both are JSON with the same content; a fence around the JSON is ignored."""
    try:
        return bool(json.loads(unfenced(given)) == json.loads(expected))
    except ValueError:
        return False


def unfenced(text: str) -> str:
    """The text without a Markdown code fence."""
    found = re.fullmatch(r"\s*```\w*\n(.*?)\n?```\s*", text, re.DOTALL)
    return found.group(1) if found else text.strip()


def score(measure: str, given: str, expected: str) -> float:
    """Score of one answer, 0 to 1: `label` exact, `json` same content, `fact` said in one piece, `text` overlap of words."""
    if measure == "json":
        return float(same_json(given, expected))
    if measure == "label":
        return float(words(given) == words(expected))
    if measure == "fact":
        return float(f" {' '.join(words(expected))} " in f" {' '.join(words(given))} ")
    return token_f1(given, expected)


def passed(measure: str, points: float, text_threshold: float) -> bool:
    """Whether an answer counts as right; texts count from a threshold on."""
    return points >= (text_threshold if measure == "text" else 1.0)


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a rate (Wilson score), 0 to 1."""
    if not total:
        return 0.0, 1.0
    rate, square = right / total, Z_95**2
    centre = (rate + square / (2 * total)) / (1 + square / total)
    half = Z_95 / (1 + square / total) * sqrt(rate * (1 - rate) / total + square / (4 * total**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def verdict(low: float, high: float, target: float) -> str:
    """Reached, missed or open: compares the whole interval with the target."""
    if low >= target:
        return "reached"
    return "missed" if high < target else "open"
