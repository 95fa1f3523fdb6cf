"""What tokens say: the claims of access and identity tokens (facts §1.5).

Called by `identity`. Only the access token carries the authentication event.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from syncd.sandbox.xero.identity.grants import ID_TOKEN_S, RefreshToken
from syncd.sandbox.xero.identity.tokens import ISSUER
from syncd.sandbox.xero.ledger.identifiers import Mint


@dataclass(frozen=True, slots=True)
class Person:
    """The one person behind all consents."""

    user_id: str
    subject: str
    email: str = "bookkeeper@sandbox.example"


def of_app(
    client_id: str, granted: list[str], mint: Mint, now_ms: int, life_s: int
) -> dict[str, Any]:
    """The access token of client credentials: nobody behind it."""
    return {
        "nbf": now_ms // 1000,
        "exp": now_ms // 1000 + life_s,
        "iss": ISSUER,
        "aud": f"{ISSUER}/resources",
        "client_id": client_id,
        "jti": mint.hexadecimal(32),
        "scope": granted,
    }


def of_person(
    basis: RefreshToken, person: Person, mint: Mint, now_ms: int, life_s: int
) -> dict[str, Any]:
    """The access token of a person's consent."""
    return of_app(basis.client_id, basis.scopes, mint, now_ms, life_s) | {
        "sub": person.subject,
        "auth_time": basis.auth_ms // 1000,
        "xero_userid": person.user_id,
        "global_session_id": basis.session_id,
        "sid": basis.session_id,
        "authentication_event_id": basis.event_id,
    }


def of_identity(basis: RefreshToken, person: Person, access: str, now_ms: int) -> dict[str, Any]:
    """The id_token beside an access token."""
    digest = sha256(access.encode()).digest()[:16]
    return {
        "nbf": now_ms // 1000,
        "exp": now_ms // 1000 + ID_TOKEN_S,
        "iss": ISSUER,
        "aud": basis.client_id,
        "iat": now_ms // 1000,
        "at_hash": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "sid": basis.session_id,
        "sub": person.subject,
        "auth_time": basis.auth_ms // 1000,
        "idp": "local",
        "xero_userid": person.user_id,
        "global_session_id": basis.session_id,
        "preferred_username": person.email,
        "email": person.email,
        "given_name": "Sandbox",
        "family_name": "Bookkeeper",
        "amr": ["pwd"],
    }
