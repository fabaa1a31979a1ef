"""OpenAI: everything is in platform.yaml; there is no documented prefilled link."""

from app.launch.platform import Platform


class Adapter(Platform):
    """OpenAI."""
