"""Access and identity tokens: JWTs with the claims Xero's carry (facts §1.5).

Called by `identity` to issue and by the gateway to read. Signed with HS256 and a key drawn from the
seed; Xero's own algorithm is not known for certain, and a client has no need to check it.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

ISSUER = "https://identity.xero.com"
_KEPT = 1000


class TokenInvalid(Exception):
    """The bearer is not a token of ours."""


class TokenSigner:
    """Writes and reads tokens with one key."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._kid = sha256(secret).hexdigest()[:40].upper()
        self._read: dict[str, dict[str, Any]] = {}

    @property
    def kid(self) -> str:
        """The name of the signing key."""
        return self._kid

    def write(self, claims: dict[str, Any]) -> str:
        """The signed token."""
        header = {"alg": "HS256", "kid": self._kid, "x5t": self._kid[:27], "typ": "JWT"}
        text = f"{_part(header)}.{_part(claims)}"
        return f"{text}.{self._sign(text)}"

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token; its expiry is the caller's to judge. Raises TokenInvalid."""
        known = self._read.get(token)
        if known is not None:
            return known
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(_bytes(signature), self._sign(text).encode()):
            raise TokenInvalid(token[:8])
        part = text.partition(".")[2]
        claims: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        if len(self._read) >= _KEPT:
            self._read.clear()
        self._read[token] = claims
        return claims

    def _sign(self, text: str) -> str:
        return _text(hmac.new(self._secret, _bytes(text), sha256).digest())


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _bytes(text: str) -> bytes:
    # Servers hand on odd header bytes as surrogates.
    return text.encode(errors="surrogateescape")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
