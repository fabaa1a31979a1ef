"""CloudFormation templates, by cfn-lint with the schemas of all resource types."""

from __future__ import annotations

from cfnlint.api import lint

REGIONS = [
    "us-east-1",
    "eu-central-1",
]  # not every type exists in every region; these are the ones the product proposes


def check(_kind: str, text: str) -> str:
    """Errors and warnings alike; not what is only information (I...)."""
    return "; ".join(
        f"{match.rule.id} {match.message}" for match in lint(text, regions=REGIONS) if match.rule.id[0] != "I"
    )
