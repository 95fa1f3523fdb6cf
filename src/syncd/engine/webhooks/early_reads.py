"""Handles reads that came too early: they show a document as it was before the event.

Used where events are digested, for invoices, contacts and lists alike. Which of them are read again
and when is the rules' to say (`rules.inbound.event_routing.reread`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from syncd.domain.model.contact import LiveContact
from syncd.domain.model.inbox import InboxState, NoticeOutcome
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Reread
from syncd.engine.webhooks.contact_events import Ended
from syncd.store.inbox import Notice
from syncd.store.money import MoneyRecord

PutOff = tuple[Notice, Reread]
Shown = Mapping[str, datetime | None]
"""UpdatedDateUTC of documents as a read showed them; None: it did not show that one."""


def updated_at(live: LiveInvoice | LiveContact | None) -> datetime | None:
    """What `Shown` says of one document."""
    return None if live is None else live.updated_at


def divided(
    events: Iterable[Notice],
    shown: Shown,
    read_at: datetime,
    verdict: NoticeOutcome,
    state: InboxState = InboxState.DONE,
) -> tuple[list[Ended], list[PutOff]]:
    """The events that end in `state`, and those whose documents were shown as they were before.

    The latter with when to read again. A row that cannot be read counts as read.
    """
    ended: list[Ended] = []
    put_off: list[PutOff] = []
    for one in events:
        if (own := one.resource_id) not in shown:
            ended.append((one, state, verdict))
        elif again := event_routing.reread(shown[own], one.happened_at, one.tries, read_at):
            put_off.append((one, again))
        else:
            is_unseen = event_routing.is_stale(shown[own], one.happened_at)
            ended.append((one, state, NoticeOutcome.UNSEEN if is_unseen else verdict))
    return ended, put_off


def is_older(shown_at: datetime | None, record: MoneyRecord | None) -> bool:
    """The read showed less than what is stored already, so it has no news."""
    known = None if record is None or record.amounts is None else record.amounts.updated_at
    return shown_at is None or (known is not None and shown_at < known)
