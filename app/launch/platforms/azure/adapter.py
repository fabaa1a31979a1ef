"""Microsoft Azure: the Deploy-to-Azure link; its template is rendered per launch, because the link itself takes no values."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from app.launch.platform import NO_TEMPLATES, TEMPLATES_IN_S3, Link, Platform, Way
from app.launch.render import dumped, fill
from app.launch.spec import LaunchSpec
from app.launch.template_address import address
from app.launch.values import service_commands

FETCH = "import hashlib,urllib.request as r;d=r.urlopen({url!r}).read();assert hashlib.sha256(d).hexdigest()=={digest!r};open({file!r},{mode!r}).write(d)"


class Adapter(Platform):
    """Microsoft Azure."""

    def values(self, spec: LaunchSpec) -> dict[str, Any]:
        """Adds how model and service are started on one machine."""
        return {**super().values(spec), **service_commands(spec)}

    def deep_link(self, spec: LaunchSpec, way: Way, template_base: str | None) -> Link:
        """Opens the portal with the template of this launch, whose defaults are the values of the report."""
        if way.link != "azure_template":
            return super().deep_link(spec, way, template_base)
        if not template_base:
            return NO_TEMPLATES
        if (urlsplit(template_base).hostname or "").endswith(".amazonaws.com"):
            return TEMPLATES_IN_S3
        return Link(
            f"https://portal.azure.com/#create/Microsoft.Template/uri/{quote(address(spec, template_base, self.template_suffix), safe='')}"
        )

    def template(self, spec: LaunchSpec, config: dict[str, Any], code_url: str, code_digest: str) -> str:
        """The ARM template of a training job: fetches the pipeline by its SHA-256, carries the configuration."""
        fetch = FETCH.format(url=code_url, digest=code_digest, file="kit.zip", mode="wb")
        start = f'python -c "{fetch}" && python -m zipfile -e kit.zip . && pip install -r requirements.txt'
        values: dict[str, Any] = {
            **self.values(spec),
            "kit_config": json.dumps(config, separators=(",", ":")),
            "start": start,
            "timeout": f"PT{spec.seconds // 3600}H",
        }
        return dumped("template.json", fill(self._template("template.json"), values))
