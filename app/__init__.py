"""Lotse: decision support for adapting large language models."""
