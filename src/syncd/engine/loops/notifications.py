"""Tells people what only they can mend: a message per concern, delivered through the store.

A round looks what stands, writes what follows (`domain.rules.tenant.notifying`) with the messages
in one transaction, and then delivers what is due. A store that cannot be written is the one concern
no message can be kept for: it is known in memory and told directly, until somebody has taken it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import anyio

from syncd.domain.errors import RemoteError
from syncd.domain.model.concern import (
    Concern,
    KnownConcern,
    Notification,
    NotificationsCounted,
    NotificationTried,
    Way,
)
from syncd.domain.rules.tenant import concerns, notifying
from syncd.domain.rules.tenant.notifying import GIVEN_UP_AFTER, About, Judged, Patience, ToTell
from syncd.engine.core.context import SyncContext
from syncd.ports.notifier import Notifier
from syncd.store import notifications
from syncd.store.notifications import UnderWay
from syncd.store.unit_of_work import Transaction

LOOK_EVERY_S = 15.0
MOST_A_ROUND = 20
WITHIN_S = 60.0
"""A try ends by then, whatever the other side does."""
_ID_BYTES = 12

Standing = Callable[[], Awaitable[tuple[Concern, ...]]]
"""Looks what stands now, but for the store's own concern. Raises StoreError."""


class Notifying:
    """One daemon's messages. `notifiers` are the ways that are configured."""

    def __init__(
        self,
        context: SyncContext,
        *,
        standing: Standing,
        notifiers: Mapping[Way, Notifier],
        patience: Patience,
        console: str | None,
    ) -> None:
        self._context = context
        self._standing = standing
        self._notifiers = notifiers
        self._patience = patience
        self._console = console
        self._entropy = context.entropy.child("notifications")
        self._known_of_store: Mapping[About, KnownConcern] = {}
        self._unsent: list[tuple[Way, Notification]] = []

    async def once(self) -> float | None:
        """One round. Answers when the next is due. Raises StoreError."""
        await self._tell_of_store()
        if self._context.store.standing.is_usable:
            await self._note()
            await self._deliver()
        return LOOK_EVERY_S

    async def _tell_of_store(self) -> None:
        """The store's own concern, past the store; tried again each round until it is taken."""
        found = concerns.of_store(is_usable=self._context.store.standing.is_usable)
        judged = self._judged(self._known_of_store, () if found is None else (found,))
        self._known_of_store = judged.known
        self._unsent += [
            (way, self._message(one)) for one in judged.tell for way in self._notifiers
        ]
        unsent, self._unsent = self._unsent, []
        for way, message in unsent:
            error = await self._tried(way, message)
            self._observe(way, message, "failed" if error else "delivered", error)
            if error:
                self._unsent.append((way, message))

    async def _note(self) -> None:
        """What is known next, and the messages that follow from it: all of it or nothing."""
        store = self._context.store
        rows = await store.fetch(notifications.known())
        known = {notifying.about(one.concern): one for one in rows}
        judged = self._judged(known, await self._standing())
        changed = (one for key, one in judged.known.items() if known.get(key) != one)
        tx = Transaction()
        tx.add(notifications.keep(changed))
        tx.add(notifications.forget(key for key in known if key not in judged.known))
        for one in judged.tell:
            tx.add(notifications.send(self._message(one), self._notifiers))
        if judged.known != known:
            await store.commit(tx)

    async def _deliver(self) -> None:
        context = self._context
        latest_at = context.after(notifying.MOST_DELAY_S)
        due = notifications.ready(context.now(), latest_at, MOST_A_ROUND)
        for each in await context.store.fetch(due):
            await self._deliver_one(each)
        (waiting,) = await context.store.fetch(notifications.under_way())
        context.observe(NotificationsCounted(count=waiting.count, oldest_at=waiting.oldest_at))

    async def _deliver_one(self, each: UnderWay) -> None:
        context, message = self._context, each.notification
        error = await self._tried(each.way, message)
        if error is None:
            outcome, statement = "delivered", notifications.ended(each)
        elif each.way not in self._notifiers or context.now() - each.made_at > GIVEN_UP_AFTER:
            outcome, statement = "given_up", notifications.ended(each)
        else:
            again_at = context.after(notifying.delay_s(each.attempt))
            outcome, statement = "failed", notifications.again(each, again_at)
        await context.store.run(statement)
        self._observe(each.way, message, outcome, error)

    async def _tried(self, way: Way, message: Notification) -> str | None:
        """What went wrong, for the log; None once the other side has taken it."""
        notifier = self._notifiers.get(way)
        if notifier is None:
            return "this way is configured no more"
        try:
            with anyio.fail_after(WITHIN_S):
                await notifier.send(message)
        except RemoteError as error:
            return str(error)
        except TimeoutError:
            return f"not taken within {WITHIN_S:g} s"
        return None

    def _judged(self, known: Mapping[About, KnownConcern], now: tuple[Concern, ...]) -> Judged:
        return notifying.judge(known, now, self._context.now(), self._patience)

    def _message(self, one: ToTell) -> Notification:
        message_id = f"msg_{self._entropy.token(_ID_BYTES)}"
        now = self._context.now()
        return notifying.message(one, message_id=message_id, now=now, console=self._console)

    def _observe(self, way: Way, message: Notification, outcome: str, error: str | None) -> None:
        concern = message.concern
        self._context.observe(
            NotificationTried(
                way=way,
                kind=concern.kind,
                phase=message.phase,
                about=concern.tenant or "",
                outcome=outcome,
                error=error or "",
            )
        )
