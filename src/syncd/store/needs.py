"""What waits for a person, counted by cause, with the one that has waited longest. Read-only.

Called by `engine.operator.needs`. No row of the queue is read to count it: the index holds all that
is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.cause import HoldCause
from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask

_QUERIES = sql.load("needs")


class CauseTotal(Value, frozen=True, kw_only=True):
    """How many jobs of one kind stand so for one cause, and since when the oldest does."""

    kind: JobKind
    state: PublicState
    reason: Reason | None
    cause: str | None
    """As `HoldCause.text` writes it."""
    count: int
    oldest_at: datetime


class LongestWait(Value, frozen=True, kw_only=True):
    """Of the group with this number: the object's id, what people call it, why it waits."""

    not_shown = ("note",)

    group: int
    key: str
    label: str | None
    note: str | None


def by_cause(tenant: TenantId, *, limit: int) -> Statement[CauseTotal]:
    """Everything that waits, is out of sync or failed, but for what goes on by itself."""
    return ask(_QUERIES["by_cause"], tenant, limit, decode=_total)


def oldest(tenant: TenantId, groups: Sequence[CauseTotal]) -> Statement[LongestWait]:
    """The oldest of each of these groups."""
    asked = [[one.kind, one.state, one.reason, one.cause] for one in groups]
    return ask(_QUERIES["oldest"], tenant, msgspec.json.encode(asked).decode(), decode=_oldest)


def waiting_for(tenant: TenantId, causes: Iterable[str]) -> Statement[tuple[str, int]]:
    """How many invoices wait for the contact of these customers, each given as its cause."""
    return ask(_QUERIES["waiting_for"], tenant, rows.json_list(causes), decode=_counted)


def cause_of(total: CauseTotal) -> HoldCause | None:
    """The group's cause, where it has one."""
    return None if total.cause is None else HoldCause.read(total.cause)


_total = rows.decoder(CauseTotal)
_counted = rows.decoder(tuple[str, int])
_oldest = rows.decoder(LongestWait)
