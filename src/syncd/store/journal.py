"""The audit trail in the product's own shape: what happened to which object, by whom, when.

Written in the transaction of what it tells, so that nothing happens unrecorded and nothing is
recorded that did not happen. Append-only: no statement here changes or deletes an entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("journal")
NEWEST = 2**62
"""Above every entry's number: where reading backwards begins."""


class RecordType(StrEnum):
    """Pipeline's record types (Pipeline docs: History)."""

    CREATE = "Create"
    EDIT = "Edit"
    DELETE = "Delete"


class Entry(Value, frozen=True, kw_only=True):
    """One thing that happened. `who` is a person's name or `syncd`; `detail` is JSON."""

    not_shown = ("detail",)

    tenant: TenantId
    at: datetime
    object_type: str
    object_key: str
    record_type: RecordType
    description: str
    who: str
    detail: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEntry:
    """An entry and its place in the trail."""

    seq: int
    entry: Entry


def append(entries: Iterable[Entry]) -> Statement[None]:
    """Write these entries, in their order."""
    return tell(
        _QUERIES["append"],
        [
            (
                entry.tenant,
                rows.to_ms(entry.at),
                entry.object_type,
                entry.object_key,
                entry.record_type,
                entry.description,
                entry.who,
                entry.detail,
            )
            for entry in entries
        ],
    )


def of_object(
    tenant: TenantId, object_type: str, object_key: str, *, before: int = NEWEST, limit: int = 100
) -> Statement[WrittenEntry]:
    """One object's story, newest first, from below entry `before`."""
    return ask(_QUERIES["of_object"], tenant, object_type, object_key, before, limit, decode=_entry)


def since(seq: int, *, limit: int) -> Statement[WrittenEntry]:
    """Everything after entry `seq` (0 for all), oldest first."""
    return ask(_QUERIES["since"], seq, limit, decode=_entry)


def _entry(row: Row) -> WrittenEntry:
    seq, tenant, at, object_type, object_key, record_type, description, who, detail = row
    entry = Entry(
        tenant=TenantId(rows.text_of(tenant)),
        at=rows.from_ms(at),
        object_type=rows.text_of(object_type),
        object_key=rows.text_of(object_key),
        record_type=RecordType(rows.text_of(record_type)),
        description=rows.text_of(description),
        who=rows.text_of(who),
        detail=rows.bytes_or_none(detail),
    )
    return WrittenEntry(seq=rows.whole_of(seq), entry=entry)
