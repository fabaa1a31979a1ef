"""The knowledge base: YAML files with sources, one item per file, and the strict loader that reads them."""

from app.knowledge.loader import load_knowledge, read_knowledge

__all__ = ["load_knowledge", "read_knowledge"]
