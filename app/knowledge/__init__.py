"""The knowledge base: YAML files, one item each, and the strict loader that turns them into `Knowledge`."""

from app.knowledge.loader import load_knowledge

__all__ = ["load_knowledge"]
