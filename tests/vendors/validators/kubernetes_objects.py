"""Objects for a cluster, by the schemas of Kubernetes itself; fields and kinds that these do not know are refused."""

from __future__ import annotations

import json
import warnings

import kubernetes_validate

VERSION = "1.34"


def check(_kind: str, text: str) -> str:
    """Every object of a list on its own."""
    warnings.simplefilter("error")  # an unknown kind is only a warning there
    body = json.loads(text)
    for item in body["items"] if body["kind"] == "List" else [body]:
        try:
            kubernetes_validate.validate(item, VERSION, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            return f"there is no {item['kind']} in {item['apiVersion']}"
    return ""
