"""Google Cloud: names that its interface accepts, and the Colab Enterprise link, whose notebook is rendered per launch."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from app.launch.platform import NO_TEMPLATES, TEMPLATES_IN_S3, Link, Platform, Way
from app.launch.render import dumped, fill
from app.launch.spec import LaunchSpec
from app.launch.template_address import address
from app.launch.values import service_commands
from app.locales import N_

ACCELERATORS = {"L4": "NVIDIA_L4", "A100-80": "NVIDIA_A100_80GB", "H100-SXM": "NVIDIA_H100_80GB"}
SKYPILOT_GPUS = {"L4": "L4", "A100-80": "A100-80GB", "H100-SXM": "H100"}
ADAPTER_SIZES = {
    1: "ADAPTER_SIZE_ONE", 2: "ADAPTER_SIZE_TWO", 4: "ADAPTER_SIZE_FOUR", 8: "ADAPTER_SIZE_EIGHT", 16: "ADAPTER_SIZE_SIXTEEN",
}  # fmt: skip


class Adapter(Platform):
    """Google Cloud."""

    template_suffix = ".ipynb"

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds the names of Google's interface."""
        values = super().values(spec)
        rank = max((size for size in ADAPTER_SIZES if size <= (values["lora_rank"] or 1)), default=1)
        return {
            **values,
            **service_commands(spec),
            "accelerator": ACCELERATORS.get(spec.gpu or ""),
            "accelerators": f"{SKYPILOT_GPUS.get(spec.gpu or '')}:{spec.gpu_count}",
            "adapter_size": ADAPTER_SIZES[rank],
        }

    def deep_link(self, spec: LaunchSpec, way: Way, template_base: str | None) -> Link:
        """Opens the notebook of this launch in Colab Enterprise; the form is the one of Google's own sample notebooks."""
        if way.stage == "serve":
            return Link(None, N_("Off: the buttons of Cloud Run and Cloud Shell open public repositories only, and this kit is yours alone. Use the command below."))  # fmt: skip
        if way.link != "colab_enterprise":
            return super().deep_link(spec, way, template_base)
        if not template_base:
            return NO_TEMPLATES  # fmt: skip
        if (urlsplit(template_base).hostname or "").endswith(".amazonaws.com"):
            return TEMPLATES_IN_S3  # fmt: skip
        notebook = quote(address(spec, template_base, self.template_suffix), safe="")
        return Link(f"https://console.cloud.google.com/vertex-ai/colab/import/{notebook}")

    def template(self, spec: LaunchSpec, config: dict[str, Any], code_url: str, code_digest: str) -> str:
        """The notebook of a training: fetches the pipeline by its SHA-256, carries the configuration."""
        values = {
            **self.values(spec),
            "fetch": f"URL, DIGEST = {code_url!r}, {code_digest!r}\n",
            "kit_config": repr(json.dumps(config)),
        }
        return dumped("notebook.json", fill(self._template("notebook.json"), values))
