"""The prices of a day: dated rows of the knowledge base, chat prices of a maintained package, fetched snapshots, own prices."""

from app.prices.shelf import price_book

__all__ = ["price_book"]
