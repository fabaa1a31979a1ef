"""Amazon Web Services: the quick-create link of the bootstrap stack, whose template has to lie in S3."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.launch.platform import NO_TEMPLATES, Link, Platform, Way
from app.launch.spec import LaunchSpec
from app.launch.values import service_commands
from app.locales import N_

TEMPLATE = "bootstrap.yaml"
LONGEST_TEMPLATE_URL = 1024  # characters, by the documentation of quick-create links


class Adapter(Platform):
    """Amazon Web Services."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds hyperparameters, which AWS takes as text, and the machine by its name outside SageMaker."""
        return {
            **super().values(spec),
            **service_commands(spec),
            "epochs_text": str(spec.training.epochs if spec.training else 1),
            "instance_type": (spec.machine or "").removeprefix("ml."),
        }

    def deep_link(self, spec: LaunchSpec, way: Way, template_base: str | None) -> Link:
        """Opens the console with template, name and parameters filled in."""
        if way.link != "aws_quick_create":
            return super().deep_link(spec, way, template_base)
        if not template_base:
            return NO_TEMPLATES
        if not (urlsplit(template_base).hostname or "").endswith(".amazonaws.com"):
            return Link(
                None,
                N_(
                    "Off: AWS reads templates only from S3, and the template address of this installation lies elsewhere. Use the command below."
                ),
            )
        address = f"{template_base.rstrip('/')}/aws/{TEMPLATE}"
        if len(address) > LONGEST_TEMPLATE_URL:
            return Link(None, N_("Off: the address of the template is longer than AWS allows."))
        region = self.region(spec.residency, way)
        values = {
            "templateURL": address,
            "stackName": f"{spec.name}-base",
            "param_RunName": spec.name,
            "param_BudgetLimit": spec.cost_cap or 100,
        }
        query = urlencode(values, quote_via=quote, safe="")
        return Link(
            f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#/stacks/create/review?{query}"
        )
