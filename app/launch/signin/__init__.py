"""Signing in at platforms with credentials that live for minutes: our own tokens exchanged, the identity of the machine, or a pasted token.

Nothing here is ever stored: what is pasted lies in the memory of one process, what is exchanged is forgotten with it.
"""

from app.launch.signin.issuer import Issuer
from app.launch.signin.kinds import Kind, SecretField, kind
from app.launch.signin.plan import SignInPlan, checked_secret, signing
from app.launch.signin.vault import Secret, Vault

__all__ = ["Issuer", "Kind", "Secret", "SecretField", "SignInPlan", "Vault", "checked_secret", "kind", "signing"]
