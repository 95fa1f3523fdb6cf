"""Signs operators in and out: sessions of the console, and links good once.

Called by the console and by the API operation that makes a link. What a browser or a link holds is
never stored, only its digest. Who an operator is, and what they may, is the configuration's to say
at every request; here is only whose session it is.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from syncd.domain.errors import StoreError
from syncd.domain.model.value import Value
from syncd.engine.core.context import SyncContext
from syncd.store import sessions
from syncd.store.sessions import LoginTicket, Session
from syncd.store.unit_of_work import Transaction

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
TICKET_LIFE = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=5)
"""A session's last use is written no more often: looking at a page is no write."""
_TOKEN_BYTES = 32
_TICKET_BYTES = 24
"""Good for minutes, and short enough for a line of a terminal."""
_LONGEST_TOKEN = 128


class LoginOffer(Value, frozen=True, kw_only=True):
    """What a link ends with, and until when it is good."""

    ticket: str
    expires_at: datetime


class SessionService:
    """Sessions and one-time links, by the store, the clock and chance of `context`."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context

    async def begin(self, operator: str, token_mark: str) -> str:
        """Sign in; what the browser is to hold. Raises StoreError."""
        token, now = self._context.entropy.token(_TOKEN_BYTES), self._context.now()
        tx = Transaction()
        tx.add(sessions.forget(unused_since=now - IDLE, begun_before=now - LONGEST))
        tx.add(sessions.begin(digest_of(token), operator=operator, token_mark=token_mark, at=now))
        await self._context.store.commit(tx)
        return token

    async def find(self, token: str) -> Session | None:
        """Whose session it is; None when it has ended, or never was. Raises StoreError."""
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        found = await self._context.store.fetch(sessions.find(digest_of(token)))
        now = self._context.now()
        if not found or not _lasts(found[0], now):
            return None
        session = found[0]
        if now - session.seen_at > _SEEN_EVERY:
            await self._note_use(session, now)
        return session

    async def listing(self) -> tuple[Session, ...]:
        """The sessions that last, the one used last first. Raises StoreError."""
        found, now = await self._context.store.fetch(sessions.listing()), self._context.now()
        return tuple(one for one in found if _lasts(one, now))

    async def end(self, digest: str) -> None:
        """End one session. Raises StoreError."""
        await self._context.store.run(sessions.end_one(digest))

    async def offer(self, operator: str, token_mark: str) -> LoginOffer:
        """A link's ticket that signs this operator in, once. Raises StoreError."""
        ticket, now = self._context.entropy.token(_TICKET_BYTES), self._context.now()
        expires_at = now + TICKET_LIFE
        tx = Transaction()
        tx.add(sessions.forget_tickets(now))
        whom = LoginTicket(operator=operator, token_mark=token_mark)
        tx.add(sessions.offer(digest_of(ticket), whom, expires_at))
        await self._context.store.commit(tx)
        return LoginOffer(ticket=ticket, expires_at=expires_at)

    async def take(self, ticket: str) -> LoginTicket | None:
        """Use a link up: whom it signs in; None when it is no longer good. Raises StoreError."""
        if not ticket or len(ticket) > _LONGEST_TOKEN:
            return None
        taken = await self._context.store.run(sessions.take(digest_of(ticket), self._context.now()))
        return taken[0] if taken else None

    async def _note_use(self, session: Session, now: datetime) -> None:
        try:
            await self._context.store.run(sessions.seen(session.digest, now))
        except StoreError:
            return  # a full disk is looked at by those who are signed in


def digest_of(token: str) -> str:
    """What is kept of a token: it is long and random, so a plain digest tells nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _lasts(one: Session, now: datetime) -> bool:
    return now - one.seen_at < IDLE and now - one.created_at < LONGEST
