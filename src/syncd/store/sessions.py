"""Sessions of the console, and the links that sign somebody in once; both by digest.

Called by `engine.operator.sessions` alone, which says how long they last.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("sessions")
MOST_LISTED = 100


class Session(Value, frozen=True, kw_only=True):
    """Somebody signed in. `token_mark` says which token the operator had then."""

    digest: str
    operator: str
    token_mark: str
    created_at: datetime
    seen_at: datetime


class LoginTicket(Value, frozen=True, kw_only=True):
    """Whom a link signs in, and which token they had when it was made."""

    operator: str
    token_mark: str


def begin(digest: str, *, operator: str, token_mark: str, at: datetime) -> Statement[None]:
    """Somebody is signed in from now on."""
    return tell(_QUERIES["begin"], [(digest, operator, token_mark, rows.to_ms(at))])


def find(digest: str) -> Statement[Session]:
    """The session of that digest; no row when it has ended."""
    return ask(_QUERIES["find"], digest, decode=_session)


def listing() -> Statement[Session]:
    """The sessions, the one used last first."""
    return ask(_QUERIES["listing"], MOST_LISTED, decode=_session)


def seen(digest: str, at: datetime) -> Statement[None]:
    """The session was used."""
    return tell(_QUERIES["seen"], [(digest, rows.to_ms(at))])


def end_one(digest: str) -> Statement[None]:
    """End a session."""
    return tell(_QUERIES["end_one"], [(digest,)])


def forget(*, unused_since: datetime, begun_before: datetime) -> Statement[None]:
    """End what nobody has used since then, and what began too long ago."""
    return tell(_QUERIES["forget"], [(rows.to_ms(unused_since), rows.to_ms(begun_before))])


def offer(digest: str, ticket: LoginTicket, expires_at: datetime) -> Statement[None]:
    """A link that signs somebody in, once, until `expires_at`."""
    row = (digest, ticket.operator, ticket.token_mark, rows.to_ms(expires_at))
    return tell(_QUERIES["offer"], [row])


def take(digest: str, at: datetime) -> Statement[LoginTicket]:
    """Use the link up; no row when it is no longer good."""
    return ask(_QUERIES["take"], digest, rows.to_ms(at), decode=_ticket)


def forget_tickets(at: datetime) -> Statement[None]:
    """Take out the links that have run out."""
    return tell(_QUERIES["forget_tickets"], [(rows.to_ms(at),)])


_session = rows.decoder(Session)
_ticket = rows.decoder(LoginTicket)
