"""Notes money: what a whole read shows against what Pipeline was last told, for one transaction.

Called by everybody who has read invoices in full: events, sweeps (`engine.webhooks.live_invoices`)
and rounds that came to write (`engine.core.changeset`). What is to be told goes into `results`, one
part for each payment or credit, and from there by `engine.feed.write_back`. Reads are noted in the
order they began, so a slow one never takes back what a later one has shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model import money as amounts
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.result import InvoiceResult, PaymentResult, PaymentStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.inbound import payment_diff
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.store import journal, money, results
from syncd.store.journal import Entry
from syncd.store.results import Result, ResultKey, ResultKind
from syncd.store.unit_of_work import Statement, Transaction

_INVOICE = msgspec.json.Decoder(InvoiceResult)
_PAYMENT = msgspec.json.Decoder(PaymentResult)
Found = tuple[PipelineInvoiceId, LiveInvoice]
"""An invoice and a whole read of its document."""
TRIES = 5
"""How often a commit that notes money is tried: Pipeline may be told of the same meanwhile."""


class Noted(Value, frozen=True, kw_only=True):
    """What is to be written, in one transaction with whatever settles the reason for reading."""

    statements: tuple[Statement[None], ...]
    payments: int
    """How many payments and credits came, changed or went."""
    invoices: int
    """How many invoices' amounts or status moved."""


async def note(
    context: SyncContext,
    tenant: TenantId,
    found: Sequence[Found],
    read_at: datetime,
    *,
    again: Collection[str] = (),
    told_anew: Collection[str] = (),
) -> Noted:
    """What these reads, begun at `read_at`, change for Pipeline.

    Invoices in `again` will be read once more, and count as not read; what a later read has shown
    already is left alone. Of those in `told_anew` the same transaction tells amounts and status.
    Committing it raises Conflict when one of the invoices was read or told anew since: note again.
    """
    keys = [key for key, _ in found if key not in again]
    read = Transaction()
    records = read.add(money.records(tenant, keys))
    parts = read.add(results.contents(tenant, ResultKind.PAYMENT, keys))
    told = read.add(results.contents(tenant, ResultKind.INVOICE, keys))
    await context.store.read(read)
    later = {one.key for one in records.rows if one.amounts and one.amounts.read_at > read_at}
    found = [one for one in found if one[0] not in again and one[0] not in later]
    paid: defaultdict[str, list[PaymentResult]] = defaultdict(list)
    for part in parts.rows:
        paid[part.at.key].append(_PAYMENT.decode(part.content))
    news = [each for key, live in found for each in payment_diff.differences(key, live, paid[key])]
    before = {one.at.key: one for one in told.rows if one.at.key not in told_anew}
    moved = list(_moved(found, before))
    now = context.now()
    puts = [(_part(one), msgspec.json.encode(one)) for one in news]
    return Noted(
        statements=(
            results.put(tenant, puts, now),
            money.refresh(tenant, moved, now),
            money.record_reads(tenant, found, read_at),
            journal.append([_entry(tenant, one, now) for one in news]),
        ),
        payments=len(news),
        invoices=len(moved),
    )


def _moved(found: Sequence[Found], told: dict[str, Result]) -> Iterable[tuple[Result, bytes]]:
    """The invoices whose money or status in Xero is not what Pipeline was told."""
    for key, live in found:
        before = told.get(key)
        if before is None:
            continue
        said = _INVOICE.decode(before.content)
        now = payment_diff.refreshed(said, live)
        if now != said:
            yield before, msgspec.json.encode(now)


def _part(one: PaymentResult) -> ResultKey:
    return ResultKey(kind=ResultKind.PAYMENT, key=one.id, part=one.payment_id)


def _entry(tenant: TenantId, one: PaymentResult, at: datetime) -> Entry:
    is_gone = one.status is PaymentStatus.DELETED
    amount = f"{amounts.cents(one.amount)} {one.currency_code}".strip()
    words = "taken back in Xero" if is_gone else "recorded in Xero"
    said = f"{one.type} {words}: {amount}, dated {one.paid_on.isoformat()}"
    return journal_entries.note(tenant, at, said, about=journal_entries.INVOICE, key=one.id)
