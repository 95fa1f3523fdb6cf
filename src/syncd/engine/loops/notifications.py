"""Tells people what only they can mend: a message per concern, delivered through the store.

A round looks what stands, writes what follows (`domain.rules.tenant.notifying`) with the messages
in one transaction, and then delivers what is due, on each way beside the others. A store that
cannot be written is the one concern no message can be kept for: it is known in memory, and so are
its messages, until they are taken or given up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import anyio

from syncd.domain.errors import RemoteError, StoreError
from syncd.domain.model.concern import (
    Concern,
    ConcernsSeen,
    KnownConcern,
    Notification,
    NotificationsCounted,
    NotificationTried,
    UnderWay,
    Way,
)
from syncd.domain.rules.tenant import concerns, notifying
from syncd.domain.rules.tenant.notifying import GIVEN_UP_AFTER, About, Judged, Patience, ToTell
from syncd.engine.core.context import SyncContext
from syncd.ports.notifier import Notifier
from syncd.store import notifications
from syncd.store.unit_of_work import Transaction

LOOK_EVERY_S = 15.0
MOST_A_ROUND = 20
"""On one way."""
MOST_LOOKED_AT = 500
"""On one way; what is behind them waits until some of them are delivered or given up."""
WITHIN_S = 60.0
"""A try ends by then, whatever the other side does."""
_ID_BYTES = 12

Standing = Callable[[], Awaitable[ConcernsSeen]]
"""Looks what stands now, but for the store's own concern. Raises StoreError."""
Keep = Callable[[UnderWay, UnderWay | None], Awaitable[None]]
"""Keeps what follows of a message that was tried: as it waits now, or none. Raises StoreError."""


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
        self._past_store: list[UnderWay] = []
        """Messages about the store, which cannot keep them."""

    async def once(self) -> float | None:
        """One round. Answers when the next is due. Raises StoreError."""
        await self._tell_of_store()
        if self._context.store.standing.is_usable:
            await self._note()
            await self._deliver_stored()
        return LOOK_EVERY_S

    async def _tell_of_store(self) -> None:
        """The store's own concern, past the store; tried again each round until it is taken."""
        found = concerns.of_store(self._context.store.standing.says)
        judged = self._judged(self._known_of_store, () if found is None else (found,))
        self._known_of_store = judged.known
        now = self._context.now()
        for message in map(self._message, judged.tell):
            self._past_store += [
                UnderWay(id=0, way=way, notification=message, attempt=0, made_at=now, ready_at=now)
                for way in self._notifiers
            ]
        await self._deliver(self._past_store, self._keep_past_store)

    async def _keep_past_store(self, before: UnderWay, after: UnderWay | None) -> None:
        place = self._past_store.index(before)
        self._past_store[place : place + 1] = [] if after is None else [after]

    async def _note(self) -> None:
        """What is known next, and the messages that follow from it: all of it or nothing."""
        store = self._context.store
        rows = await store.fetch(notifications.known())
        known = {notifying.about(one.concern): one for one in rows}
        seen = await self._standing()
        # Of whom nobody can say what stands, what stood stands on.
        stood = (
            one.concern for one in rows if one.concern.tenant in seen.unread and one.gone_at is None
        )
        judged = self._judged(known, (*seen.concerns, *stood))
        changed = (one for key, one in judged.known.items() if known.get(key) != one)
        tx = Transaction()
        tx.add(notifications.keep(changed))
        tx.add(notifications.forget(key for key in known if key not in judged.known))
        for one in judged.tell:
            tx.add(notifications.send(self._message(one), self._notifiers))
        if judged.known != known:
            await store.commit(tx)

    async def _deliver_stored(self) -> None:
        context, waiting = self._context, list[UnderWay]()
        for way in Way:
            waiting += await context.store.fetch(notifications.waiting(way, MOST_LOOKED_AT))
        await self._deliver(waiting, self._keep_stored)
        (left,) = await context.store.fetch(notifications.under_way())
        context.observe(NotificationsCounted(count=left.count, oldest_at=left.oldest_at))

    async def _keep_stored(self, before: UnderWay, after: UnderWay | None) -> None:
        ended = notifications.ended(before)
        await self._context.store.run(ended if after is None else notifications.again(after))

    async def _deliver(self, waiting: Sequence[UnderWay], keep: Keep) -> None:
        """Try what is due; one way that fails, or does not answer, keeps no other waiting."""
        due = notifying.due(waiting, self._context.now())
        errors: list[StoreError] = []

        async def on_one_way(way: Way) -> None:
            mine = [one for one in due if one.way is way]
            try:
                await self._deliver_on(way, mine[:MOST_A_ROUND], keep)
            except StoreError as error:
                errors.append(error)

        async with anyio.create_task_group() as group:
            for way in Way:
                group.start_soon(on_one_way, way)
        for error in errors:
            raise error  # as it is, out of the group: it says whether the daemon goes on

    async def _deliver_on(self, way: Way, due: Sequence[UnderWay], keep: Keep) -> None:
        """One after the other, as they were made; where one fails the others are not tried now."""
        for each in due:
            error = await self._tried(way, each.notification)
            after = None if error is None else self._after_failure(each)
            await keep(each, after)
            outcome = "delivered" if error is None else "given_up" if after is None else "failed"
            self._observe(way, each.notification, outcome, error)
            if error is not None and way in self._notifiers:
                return

    def _after_failure(self, each: UnderWay) -> UnderWay | None:
        """As it waits for its next try; None: it is given up."""
        context = self._context
        if each.way not in self._notifiers or context.now() - each.made_at > GIVEN_UP_AFTER:
            return None
        again_at = context.after(notifying.delay_s(each.attempt))
        return replace(each, attempt=each.attempt + 1, ready_at=again_at)

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
        except Exception as error:  # noqa: BLE001  (the last resort: the next message may be well)
            return f"{type(error).__name__}: {error}"
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
