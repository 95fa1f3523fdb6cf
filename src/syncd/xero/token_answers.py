"""What the token endpoint's answers say: a pair, or why there is none.

Called by `oauth`. An answer that cannot be read may have used the old token up, so it is an unknown
outcome, never "nothing happened" (facts §1.2, §1.4, §1.5). For the same reason two tokens are never
thrown away for what else is odd in their answer.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from syncd.domain.errors import OutcomeUnknown, Refused, RemoteError, Throttled, Unauthorised
from syncd.domain.model.value import Value
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted
from syncd.ports.identity import TokenPair
from syncd.ports.transport import HttpResponse
from syncd.xero import faults

_SYSTEM = "xero"
_ACCESS_LIFE_S = 1800
REFRESH = "refresh_token"
LEAST_LIFE_S, MOST_LIFE_S = 3, 86_400
"""Xero's live half an hour. Below the least one would be refreshed several times a second: what
says so is not believed."""
LONGEST_TOKEN = 16_384
_WAIT_S = 30.0
_TROUBLE = 500
_FAR_S = 2**33
"""Beyond any real instant, inside what a datetime holds."""


class InvalidGrant(Unauthorised):
    """The code or refresh token is used up, expired or revoked: a person must connect again."""


class InvalidClient(RemoteError):
    """Xero does not know this app or its secret: a mistake in `[xero]`, no tenant's trouble."""


class Claims(Value, frozen=True, kw_only=True):
    """What an access token says of itself, unverified: it came from Xero over TLS."""

    scopes: tuple[str, ...] = ()
    authentication_event_id: str = ""
    issued_at_s: int | None = None
    expires_at_s: int | None = None


class _TokensWire(msgspec.Struct):
    access_token: str
    refresh_token: str = ""
    expires_in: Any = None
    scope: Any = None


class _ClaimsWire(msgspec.Struct):
    scope: Any = None
    authentication_event_id: Any = None
    nbf: Any = None
    exp: Any = None


_READ_TOKENS = msgspec.json.Decoder(_TokensWire)
_READ_CLAIMS = msgspec.json.Decoder(_ClaimsWire)


def read_claims(access_token: str) -> Claims:
    """What the token says, without verifying it; empty where it is no JWT."""
    parts = access_token.split(".")
    middle = parts[1] if len(parts) > 1 else ""
    try:
        found = _READ_CLAIMS.decode(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, msgspec.DecodeError, RecursionError):
        return Claims()
    event = found.authentication_event_id
    return Claims(
        scopes=_listed(found.scope),
        authentication_event_id=event if isinstance(event, str) else "",
        issued_at_s=_whole(found.nbf),
        expires_at_s=_whole(found.exp),
    )


def pair_of(operation: str, body: bytes, asked_at: datetime) -> TokenPair:
    """The tokens of a good answer to what was asked at `asked_at`. Raises OutcomeUnknown."""
    try:
        found = _READ_TOKENS.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        # The error names the field; the body would show tokens.
        raise _no_pair(operation, str(error)) from None
    if not _is_token(found.access_token):
        raise _no_pair(operation, "the access token is empty or cannot be sent")
    # Without permission to refresh a consent brings no refresh token, and says so elsewhere.
    may_be_missing = operation != REFRESH and not found.refresh_token
    if not may_be_missing and not _is_token(found.refresh_token):
        raise _no_pair(operation, "the refresh token is empty or cannot be sent")
    claims = read_claims(found.access_token)
    life_s = _life_s(found.expires_in, claims)
    return TokenPair(
        access_token=found.access_token,
        refresh_token=found.refresh_token,
        # Counted from before it was asked for: rather too early than too late.
        access_expires_at=asked_at + timedelta(seconds=life_s),
        scopes=_listed(found.scope) or claims.scopes,
        authentication_event_id=claims.authentication_event_id,
        issued_at=None if claims.issued_at_s is None else _instant(claims.issued_at_s),
    )


def _life_s(said: Any, claims: Claims) -> int:
    """How long the access token lives: as the answer says, else as the token does, else as usual.

    A wrong guess costs a 401 and a refresh; a pair that is not kept costs the grant.
    """
    begins, ends = claims.issued_at_s, claims.expires_at_s
    claimed = None if begins is None or ends is None else ends - begins
    for found in (_whole(said), claimed):
        if found is not None and LEAST_LIFE_S <= found <= MOST_LIFE_S:
            return found
    return _ACCESS_LIFE_S


_MOST_DIGITS = 15


def _whole(said: Any) -> int | None:
    """A number, also as a text; None for anything else."""
    if isinstance(said, str):
        is_number = said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS
        return int(said) if is_number else None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return int(said) if abs(said) < 10**_MOST_DIGITS else None


def _is_token(text: str) -> bool:
    """Whether it can be kept and sent: printable ASCII, neither empty nor endless."""
    return 0 < len(text) <= LONGEST_TOKEN and text.isascii() and text.isprintable()


def _no_pair(operation: str, why: str) -> OutcomeUnknown:
    message = f"{operation}: Xero's answer holds no pair of tokens: {why}"
    return OutcomeUnknown(message, system=_SYSTEM)


def error_of(operation: str, response: HttpResponse) -> RemoteError:
    """Which error an answer without tokens is; of a refusal only its `error` word counts."""
    word = _error_word(response.body) if response.status < _TROUBLE else ""
    match word:
        case "invalid_grant":
            return InvalidGrant(
                f"{operation}: Xero no longer accepts this grant. Reconnect the tenant to Xero.",
                cause="token_expired",
                system=_SYSTEM,
            )
        case "invalid_client" | "unauthorized_client":
            return InvalidClient(
                f"{operation}: Xero answered {word}. Check xero.client_id, xero.client_secret and "
                "xero.scopes.",
                system=_SYSTEM,
                detail="the app's id or secret is wrong; check xero.client_id and client_secret",
            )
        case "":
            return _without_a_word(operation, response)
        case _:
            return Refused(
                f"{operation}: Xero answered {word}",
                status=response.status,
                system=_SYSTEM,
                detail=word.replace("_", " "),
            )


def _without_a_word(operation: str, response: HttpResponse) -> RemoteError:
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(
            f"{operation}: Xero asks to wait",
            retry_after_s=faults.retry_after_s(response) or _WAIT_S,
            limit="identity",
            system=_SYSTEM,
        )
    return OutcomeUnknown(
        f"{operation}: Xero answered {response.status}, which says nothing of the tokens",
        retry_after_s=faults.retry_after_s(response) or 0.0,
        system=_SYSTEM,
    )


def _error_word(body: bytes) -> str:
    word = json_text.object_of(body).get("error")
    return quoted(word, longest=64) if isinstance(word, str) else ""


def _instant(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(abs(seconds), _FAR_S))


def _listed(scope: Any) -> tuple[str, ...]:
    named = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ()
    return tuple(one for one in named if isinstance(one, str))
