"""What Xero last showed of an invoice's money, and the event our own last write will raise.

Payments themselves stand in `results`, one part each: what was last published is compared with.
Called by the engine's digest, payments, settling and write-back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.results import Result
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("money")


class MoneyRead(Value, frozen=True, kw_only=True):
    """Money on an invoice as a whole read at `read_at` (our clock) showed it.

    `updated_at` is the document's own UpdatedDateUTC; None where an older release read it.
    """

    read_at: datetime
    updated_at: datetime | None
    paid: Decimal
    credited: Decimal
    due: Decimal
    fully_paid_on: date | None


class MoneyRecord(Value, frozen=True, kw_only=True):
    """One invoice. `own_updated_at`: Xero's stamp on our last write, while its event is awaited."""

    key: str
    own_updated_at: datetime | None
    amounts: MoneyRead | None


def records(tenant: TenantId, keys: Iterable[str]) -> Statement[MoneyRecord]:
    """What was last seen of these invoices."""
    return ask(_QUERIES["records"], tenant, rows.json_list(keys), decode=_record)


def record_reads(
    tenant: TenantId, found: Sequence[tuple[str, LiveInvoice]], read_at: datetime
) -> Statement[None]:
    """Whole reads, begun at `read_at`, showed this.

    Raises Conflict when a later read of one of them is stored already.
    """
    at = rows.to_ms(read_at)
    return tell(
        _QUERIES["record_reads"],
        [
            (
                tenant,
                key,
                at,
                rows.to_ms(live.updated_at),
                str(live.amount_paid),
                str(live.amount_credited),
                str(live.amount_due),
                None if live.fully_paid_on is None else live.fully_paid_on.isoformat(),
            )
            for key, live in found
        ],
        must_change=len(found),
    )


def events_arrived(tenant: TenantId, stamps: Iterable[tuple[str, datetime]]) -> Statement[None]:
    """The events of these own writes have come."""
    return tell(_QUERIES["events_arrived"], [(tenant, key, rows.to_ms(at)) for key, at in stamps])


def refresh(
    tenant: TenantId, results: Sequence[tuple[Result, bytes]], at: datetime
) -> Statement[None]:
    """Tell Pipeline this of invoices instead of what was looked at.

    Raises Conflict when one of them was told anew meanwhile.
    """
    now = rows.to_ms(at)
    return tell(
        _QUERIES["refresh"],
        [(tenant, one.at.key, content, one.seq, now) for one, content in results],
        must_change=len(results),
    )


_record = rows.decoder(MoneyRecord)
