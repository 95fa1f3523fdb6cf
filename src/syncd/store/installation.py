"""This store's own name, part of every mark and idempotency key; and the clock it was used by."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import InstallationId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("installation")


class MachineTime(Value, frozen=True, kw_only=True):
    """How far the wall clock was ahead of the time since `boot`, in milliseconds."""

    boot: str
    ahead_ms: int


def ensure(installation: InstallationId, at: datetime) -> Statement[None]:
    """Take this name unless the store has one already."""
    return tell(_QUERIES["ensure"], [(installation, rows.to_ms(at))])


def touch() -> Statement[None]:
    """Write the name over itself: a write that changes nothing but needs room for it."""
    return tell(_QUERIES["touch"])


def get() -> Statement[InstallationId]:
    """The store's name; no row before the first `ensure`."""
    return ask(_QUERIES["get"], decode=_id)


def machine_time() -> Statement[MachineTime]:
    """By which clock this store was last used; no row where nobody knows."""
    return ask(
        _QUERIES["machine_time"],
        decode=lambda row: MachineTime(boot=rows.text_of(row[0]), ahead_ms=rows.whole_of(row[1])),
    )


def remember_machine_time(seen: MachineTime) -> Statement[None]:
    """It is used by this clock from here on."""
    return tell(_QUERIES["remember_machine_time"], [(seen.boot, seen.ahead_ms)])


_id = rows.decoder(InstallationId)
