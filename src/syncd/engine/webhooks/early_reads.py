"""Handles reads that came too early: they show a document as it was before the event.

Used where events are digested, for invoices, contacts and lists alike. Which of them are read again
and when is the rules' to say (`rules.inbound.event_routing.reread`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from syncd.domain.model.contact import LiveContact
from syncd.domain.model.inbox import NoticeOutcome
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Reread
from syncd.store.inbox import Notice
from syncd.store.money import MoneyRecord

PutOff = tuple[Notice, Reread]
Shown = Mapping[str, datetime | None]
"""UpdatedDateUTC of documents as a read showed them; None: it did not show that one."""


def updated_at(live: LiveInvoice | LiveContact | None) -> datetime | None:
    """What `Shown` says of one document."""
    return None if live is None else live.updated_at


def put_off(events: Iterable[Notice], shown: Shown, read_at: datetime) -> list[PutOff]:
    """Those whose documents were shown as they were before, and when to read again."""
    found = [
        (one, event_routing.reread(shown[one.resource_id], one.happened_at, one.tries, read_at))
        for one in events
        if one.resource_id in shown
    ]
    return [(one, again) for one, again in found if again is not None]


def said(event: Notice, shown: Shown, otherwise: NoticeOutcome) -> NoticeOutcome:
    """What became of an event not read again; a row that cannot be read counts as read."""
    own = event.resource_id
    is_unseen = own in shown and event_routing.is_stale(shown[own], event.happened_at)
    return NoticeOutcome.UNSEEN if is_unseen else otherwise


def is_older(shown_at: datetime | None, record: MoneyRecord | None) -> bool:
    """The read showed less than what is stored already, so it has no news."""
    known = None if record is None or record.amounts is None else record.amounts.updated_at
    return shown_at is None or (known is not None and shown_at < known)
