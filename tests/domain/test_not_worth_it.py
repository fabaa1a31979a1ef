"""Doing nothing is compared as well: the report says so when it is the cheaper course."""

from tests.domain.engine import decided

LOSING = {
    "task_type": "extraction", "requests_per_month": 20, "minutes_saved_per_request": 1, "hourly_cost": 40, "error_risk": "low",
    "cost_per_error": 0, "knowledge_size": "none",
}  # fmt: skip
WORTH = "costs more than it brings"


def test_a_loss_is_said_first() -> None:
    decision = decided(LOSING)
    first = decision.options[0]
    assert first.net_value is not None
    assert first.net_value.p50 < 0
    assert WORTH in decision.recommended.why[0].says


def test_a_gain_says_nothing_of_it() -> None:
    decision = decided({**LOSING, "requests_per_month": 50_000, "minutes_saved_per_request": 5})
    assert all(WORTH not in message.says for message in decision.recommended.why)


def test_the_chosen_hosting_costs_what_the_option_costs() -> None:
    for option in decided(LOSING).options:
        if option.cost:
            assert next(item for item in option.hostings if item.hosting == option.hosting).total == option.cost.total
