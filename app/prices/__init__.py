"""The prices of a day: dated rows of the knowledge base and the chat prices of a maintained package."""

from app.prices.catalogue import price_book

__all__ = ["price_book"]
