"""A document's History and Notes in Xero, read as XeroNotes.

Called by `ledger_reads`. Source: Xero docs, History and Notes (OpenAPI `HistoryRecord`).
"""

from __future__ import annotations

import msgspec

from syncd.domain.model.explanation import XeroNote
from syncd.domain.rules.text.quoted import quoted
from syncd.xero import wire
from syncd.xero.wire import Wire

_LONGEST_DETAILS = 2000


class HistoryRecordWire(Wire):
    """One record: what changed, when, by whom, in words."""

    changes: str | None = None
    date_utc: str | None = None
    user: str | None = None
    details: str | None = None


READ = msgspec.json.Decoder(HistoryRecordWire)


def to_notes(body: bytes) -> tuple[XeroNote, ...]:
    """Our words for the answer, oldest first; a record that cannot be read is left out.

    Raises Garbled when nothing of it can.
    """
    found = wire.readable_elements(READ, body, "HistoryRecords", _note)
    return tuple(sorted(found, key=lambda note: note.at))


def _note(one: HistoryRecordWire) -> XeroNote:
    return XeroNote(
        at=wire.read_instant(one.date_utc, "DateUTC"),
        who=quoted(one.user or ""),
        what=quoted(one.changes or "Changed"),
        details=quoted(one.details or "", longest=_LONGEST_DETAILS),
    )
