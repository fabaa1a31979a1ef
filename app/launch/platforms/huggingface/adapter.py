"""Hugging Face Jobs: everything is in platform.yaml."""

from app.launch.platform import Platform


class Adapter(Platform):
    """Hugging Face Jobs."""
