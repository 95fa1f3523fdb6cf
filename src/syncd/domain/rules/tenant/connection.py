"""The connection and the arithmetic of its tokens: when to refresh, to doubt, to warn.

Called by the token keeper, the gate in front of every claim, and the connection card.

    Not Connected ── consent granted ──> Connected ── invalid_grant ──> TOKEN_EXPIRED
         ^                                 │   ^                             │
         └── disconnected, here or there ──┘   └── refreshed, or granted ────┘

While it is not Connected, work is held, never failed: links, queue and history stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value

WARNING = "Token Refresh Required — Your access token is expiring soon"
"""The product's exact words (Pipeline docs: Connecting Pipeline to Xero)."""

ACCESS_LIFE_S = 1_800.0
REFRESH_LIFE_S = 60 * 86_400.0
GRACE_S = 1_800.0
"""How long a refresh token works again after its first use (facts §1.4)."""

WARN_AGE_S = 50 * 86_400.0
"""A refresh token this old has not been refreshed for weeks: something is wrong."""
WARN_FAILING_S = 600.0
"""A refresh that has failed this long is worth a person's eye: a third of the grace."""
LEAST_LEFT_S = 60.0
"""A bearer is handed out only with this much life left."""
EARLY_S = 300.0
"""Refreshed this long before it expires, so that a failed refresh has time to be repeated."""
SHORT_LIFE_S = 1_200.0
"""Tokens that live shorter (trials; Xero's own live 1,800 s) keep the same order in small."""
EARLY_SHARE, LEAST_LEFT_SHARE = 1 / 25, 1 / 50
"""Of a short life: refreshed so early, and no longer handed out. Late, so that a token of 3 s costs
no more refreshes than it has lives."""
ROLE_LOOK_S = 300.0
"""How often Xero is asked whether a refused role is back: a call, of thousands a day."""
LONGEST_ROLE_LOOK_S = 14_400.0
"""And at the least, where the role is refused again each time that Xero has said it is back."""
DOUBT_RETRY_S = 5.0
DOUBT_RETRY_LATE_S = 60.0
"""A grant in doubt lives half an hour: it is never left for longer than this."""
LONGEST_REST_S = 900.0
"""No longer does a refresh rest that surely was not applied, whatever Xero asks: the token before
it lives half an hour, and one call of four an hour is no burden."""


class ConnectionState(StrEnum):
    """What the card says; the product's exact words."""

    NOT_CONNECTED = "Not Connected"
    CONNECTED = "Connected"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  (a state's public name, no secret)


_TO_OPEN = {
    Reason.NOT_CONNECTED: "It is not connected to Xero. Press Connect to Xero.",
    Reason.TOKEN_EXPIRED: "Its connection to Xero has ended. Press Connect to Xero.",
}


def hold_reason(state: ConnectionState) -> Reason | None:
    """Why all work of the tenant waits; None when the gate is open."""
    match state:
        case ConnectionState.CONNECTED:
            return None
        case ConnectionState.NOT_CONNECTED:
            return Reason.NOT_CONNECTED
        case ConnectionState.TOKEN_EXPIRED:
            return Reason.TOKEN_EXPIRED


def to_open(closed_by: Reason) -> str:
    """What a person is told whose order the closed gate stops."""
    return _TO_OPEN.get(closed_by, str(closed_by))


def refresh_at(expires_at: datetime, life_s: float = ACCESS_LIFE_S) -> datetime:
    """When an access token is refreshed: early, but never in the first three quarters of it."""
    early_s = EARLY_S if life_s >= SHORT_LIFE_S else life_s * EARLY_SHARE
    return expires_at - timedelta(seconds=early_s)


def is_usable(expires_at: datetime, now: datetime, life_s: float = ACCESS_LIFE_S) -> bool:
    """Whether a bearer may still be handed out."""
    least_left_s = LEAST_LEFT_S if life_s >= SHORT_LIFE_S else life_s * LEAST_LEFT_SHARE
    return (expires_at - now).total_seconds() >= least_left_s


def grace_ends_at(first_used_at: datetime) -> datetime:
    """Until when a refresh token that was used, with its answer lost, surely works again."""
    return first_used_at + timedelta(seconds=GRACE_S)


class TokenHealth(Value, frozen=True, kw_only=True):
    """What the warning looks at."""

    refresh_issued_at: datetime
    failing_since_at: datetime | None = None
    """When the refresh that is not settled yet was first tried."""


def warning(state: ConnectionState, health: TokenHealth | None, now: datetime) -> str | None:
    """The card's warning: a refresh that keeps failing, or an ageing refresh token.

    Not an access token near its end: they live 30 minutes, so it would flash all day.
    """
    if state is not ConnectionState.CONNECTED or health is None:
        return None
    failing_s = (now - (health.failing_since_at or now)).total_seconds()
    age_s = (now - health.refresh_issued_at).total_seconds()
    return WARNING if failing_s >= WARN_FAILING_S or age_s >= WARN_AGE_S else None


def refresh_expires_at(refresh_issued_at: datetime) -> datetime:
    """When an unused refresh token dies (facts §1.4: 60 days)."""
    return refresh_issued_at + timedelta(seconds=REFRESH_LIFE_S)
