"""Kubernetes: everything is in platform.yaml."""

from app.launch.platform import Platform


class Adapter(Platform):
    """Kubernetes."""
