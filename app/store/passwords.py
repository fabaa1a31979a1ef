"""Passwords and codes as slow hashes (Argon2id)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

HASHER = PasswordHasher()  # with the parameters that its authors recommend
NOBODYS = (  # a hash that no password fits, with the parameters of the others
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    "$bm9ib2R5cyBzYWx0IQ$bm8gcGFzc3dvcmQgaGFzIHRoaXMgaGFzaCBldmVyIQ"
)


def hashed(password: str) -> str:
    """What is stored of it."""
    return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the right one; without a stored one it takes as long and is not."""
    try:
        HASHER.verify(stored or NOBODYS, password)
    except VerifyMismatchError:
        return False
    return True
