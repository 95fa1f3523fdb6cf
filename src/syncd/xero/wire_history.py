"""A document's History and Notes in Xero, read as XeroNotes.

Called by `ledger_reads`. Source: Xero docs, History and Notes (OpenAPI `HistoryRecord`).
"""

from __future__ import annotations

import msgspec

from syncd.domain.model.story import XeroNote
from syncd.xero import wire
from syncd.xero.wire import Wire


class HistoryRecordWire(Wire):
    """One record: what changed, when, by whom, in words."""

    changes: str | None = None
    date_utc: str | None = None
    user: str | None = None
    details: str | None = None


class HistoryWire(Wire):
    """All of one document."""

    history_records: list[HistoryRecordWire]


READ = msgspec.json.Decoder(HistoryWire)


def to_notes(body: bytes, operation: str) -> tuple[XeroNote, ...]:
    """Our words for the answer, oldest first. Raises Garbled, naming the field."""
    found = [
        XeroNote(
            at=wire.read_instant(one.date_utc, "HistoryRecords.DateUTC"),
            who=one.user or "",
            what=one.changes or "Changed",
            details=one.details or "",
        )
        for one in wire.decode(READ, body, operation).history_records
    ]
    return tuple(sorted(found, key=lambda note: note.at))
