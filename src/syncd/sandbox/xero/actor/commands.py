"""Carries out commands as a person at Xero's own user interface would.

Called by the world for the control endpoint, the demo, the simulation and tests. A command names
its document by `invoice` (id or number) or `contact` (id or name), and may name the person (`who`)
and the organisation: its id as `tenant`, or its place as `organisation`, 0 being the first.
`ahead_s` puts the time of the change that far ahead, as some of Xero's rows are (facts §3.6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncd.sandbox.xero.actor import documents, money
from syncd.sandbox.xero.identity.grants import Grants
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books

Action = Callable[[Books, Author, Mapping[str, Any]], dict[str, Any]]
PERSON = "the bookkeeper"

ACTIONS: dict[str, Action] = {**documents.ACTIONS, **money.ACTIONS}


class Actor:
    """The bookkeeper of one world, by command."""

    def __init__(self, tenants: Mapping[str, Books], grants: Grants) -> None:
        self._tenants = tenants
        self._grants = grants

    def do(self, command: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Carry out one command; the answer shows what stands afterwards. Raises ValueError."""
        name = str(command.get("do"))
        books = self._books(command)
        if name == "disconnect":
            return self._disconnect(books)
        if name == "withdraw":
            return self._withdraw(books, now_ms)
        if name not in ACTIONS:
            known = sorted([*ACTIONS, "disconnect", "withdraw"])
            raise ValueError(f"`do` is one of {known}, got {name!r}")
        ahead_ms = int(1000 * float(command.get("ahead_s", 0)))
        author = Author(who=str(command.get("who", PERSON)), at_ms=now_ms + ahead_ms)
        return ACTIONS[name](books, author, command)

    def _books(self, command: Mapping[str, Any]) -> Books:
        if "tenant" in command:
            books = self._tenants.get(str(command["tenant"]).lower())
            if books is None:
                raise ValueError(f"`tenant` is one of {list(self._tenants)}")
            return books
        place = int(command.get("organisation", 0))
        if not 0 <= place < len(self._tenants):
            raise ValueError(f"`organisation` is 0 to {len(self._tenants) - 1}, got {place}")
        return list(self._tenants.values())[place]

    def _disconnect(self, books: Books) -> dict[str, Any]:
        """Settings, Connected apps, Disconnect: refreshing goes on, tenant calls answer 403."""
        cut = 0
        for each in self._grants.connections:
            if each.tenant_id == books.organisation.id and each.live:
                each.live, cut = False, cut + 1
        return {"disconnected": cut}

    def _withdraw(self, books: Books, now_ms: int) -> dict[str, Any]:
        """Every token of the organisation's consent is dead; that of another's is not."""
        events = {
            each.event_id
            for each in self._grants.connections
            if each.tenant_id == books.organisation.id
        }
        dead = [each for each in self._grants.refresh_tokens.values() if each.event_id in events]
        for token in dead:
            token.revoked = True
            self._grants.revoked_sessions[token.session_id] = now_ms
        return {"withdrawn": len(dead)}
