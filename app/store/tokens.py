"""Capabilities: an address holds a token of 256 bits, the database only its SHA-256, so a dump of it opens nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def new_token() -> str:
    """32 random bytes as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def new_public_id() -> str:
    """16 random bytes as 22 URL-safe characters: names a record, opens nothing by itself."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """What is stored of a token. A plain hash suffices because the token is random, not chosen."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived_token(secret: str, key: str) -> str:
    """The token that belongs to the hidden key of a form: the same submit twice finds the same record.

    Nobody without the secret of the installation can derive it.
    """
    digest = hmac.new(secret.encode(), f"assessment:{key}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def pseudonym(secret: str, text: str) -> str:
    """A keyed hash that stands for an address in a rate counter, so that no address is stored."""
    return hmac.new(secret.encode(), f"counter:{text}".encode(), hashlib.sha256).hexdigest()[:32]
