"""Access and identity tokens: JWTs with the claims Xero's carry (facts §1.5).

Called by `identity` to issue and by the gateway to read. Signed with RS256, the algorithm OpenID
clients insist on when they are told no other (facts §1.5, U).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

from syncd.sandbox.xero.ledger import signatures

ISSUER = "https://identity.xero.com"
_KEPT = 1000


class TokenInvalid(Exception):
    """The bearer is not a token of ours."""


class TokenSigner:
    """Writes and reads the tokens of one world; `secret` gives the key its name there."""

    def __init__(self, secret: bytes) -> None:
        self._kid = sha256(secret).hexdigest()[:40].upper()
        self._head = _part({"alg": "RS256", "kid": self._kid, "x5t": self._kid[:27], "typ": "JWT"})
        self._read: dict[str, dict[str, Any]] = {}

    @property
    def keys(self) -> dict[str, list[dict[str, str]]]:
        """What a client checks signatures with: the JWKS."""
        return {"keys": [signatures.public_key(self._kid)]}

    def write(self, claims: dict[str, Any]) -> str:
        """The signed token."""
        text = f"{self._head}.{_part(claims)}"
        return f"{text}.{_text(signatures.sign(text.encode()))}"

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token; its expiry is the caller's to judge. Raises TokenInvalid."""
        known = self._read.get(token)
        if known is not None:
            return known
        text, _, signature = token.rpartition(".")
        head, _, part = text.partition(".")
        # The key is every sandbox's, its name is not: another one's token names a key unknown here.
        if head != self._head or not signatures.is_signed(_bytes(text), _raw(signature)):
            raise TokenInvalid(token[:8])
        claims: dict[str, Any] = json.loads(_raw(part))
        if len(self._read) >= _KEPT:
            self._read.clear()
        self._read[token] = claims
        return claims


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _bytes(text: str) -> bytes:
    # Servers hand on odd header bytes as surrogates.
    return text.encode(errors="surrogateescape")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    try:
        return urlsafe_b64decode(_bytes(text + "=" * (-len(text) % 4)))
    except binascii.Error:
        return b""
