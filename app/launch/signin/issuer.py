"""Our own OIDC issuer: AWS, Azure, Google and OpenAI exchange its short-lived tokens for credentials of their own.

The database holds no cloud secret that way; the user's account says which subject it trusts. Forms: RFC 7519 (tokens),
RFC 7517 (keys), OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import os
import secrets
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # loaded when the first token is made or the first key published: most installations start without
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_BITS = 3072
TOKEN_SECONDS = 600
ALGORITHM = "RS256"


class Issuer:
    """Signs tokens with the newest key of a folder and publishes all of them, so that keys can be changed without a gap."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url.rstrip("/")

    def discovery(self) -> dict[str, Any]:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/oidc/jwks.json",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "claims_supported": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"],
        }

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [_published(key) for key in self._keys()]}

    def token(self, subject: str, audience: str, seconds: int = TOKEN_SECONDS) -> str:
        """A token that says who asks, for one platform, for some minutes."""
        import jwt  # noqa: PLC0415

        key, now = self._keys()[-1], int(time.time())
        claims = {
            "iss": self.url, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + seconds,
            "jti": secrets.token_hex(16),
        }  # fmt: skip
        return jwt.encode(claims, key, ALGORITHM, headers={"kid": _name(key)})

    def rotate(self) -> None:
        """Adds a new key that signs from now on; the older ones stay published."""
        self._make(len(self._files()) + 1)

    def _keys(self) -> list[RSAPrivateKey]:
        if not self._files():
            self._make(1)
        return [_read(path) for path in self._files()]

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("key-*.pem"))

    def _make(self, number: int) -> None:
        """Two processes at once agree on one key: the file appears whole, and only once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

        temporary = self.folder / f"new-{secrets.token_hex(8)}"
        key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        try:
            os.link(temporary, self.folder / f"key-{number:04d}.pem")
        except FileExistsError:
            pass
        finally:
            temporary.unlink()


def _read(path: Path) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _name(key: RSAPrivateKey) -> str:
    """The key's id: a hash of its public part."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return urlsafe_b64encode(sha256(public).digest()).decode().rstrip("=")


def _published(key: RSAPrivateKey) -> dict[str, Any]:
    from jwt.algorithms import RSAAlgorithm  # noqa: PLC0415

    shape = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": shape["kty"], "n": shape["n"], "e": shape["e"], "use": "sig", "alg": ALGORITHM, "kid": _name(key)}
