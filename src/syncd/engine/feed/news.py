"""Which of what Pipeline tells is news: a higher version, or one that Pipeline changed later.

Called by intake with every page. Versions only rise, so one that is not above what is stored is
known already. But a Pipeline that was set back to an older state (a backup put back, say) gives the
same versions out once more: what was changed later by its own clock is another change, and news.
So is what could not be read, and now can be: whoever mends how it is told changes no version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from syncd.domain.ids import TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.value import Value
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.store import desired, journal, results
from syncd.store.desired import Desired, DesiredChange
from syncd.store.journal import Entry
from syncd.store.unit_of_work import Transaction

_ABOUT = {
    ChangeKind.INVOICE: journal_entries.INVOICE,
    ChangeKind.CUSTOMER: journal_entries.CUSTOMER,
}
Known = Desired[Invoice] | Desired[Customer]


class News(Value, frozen=True, kw_only=True):
    """What is to be stored. `set_back`: of these a version that is not below it is stored."""

    changes: tuple[DesiredChange, ...] = ()
    set_back: tuple[tuple[DesiredChange, int], ...] = ()
    """Each with the version that is stored."""

    def put(self, tx: Transaction, tenant: TenantId, now: datetime) -> None:
        """Store it, and write into the journal what was set back; told results may be so, too."""
        if self.set_back:
            tx.add(desired.set_back(tenant, [one for one, _ in self.set_back]))
            tx.add(results.doubt(tenant, [one.key for one, _ in self.set_back], now))
            entries = [_entry(tenant, one, version, now) for one, version in self.set_back]
            tx.add(journal.append(entries))
        tx.add(desired.put(tenant, self.changes))


async def of(context: SyncContext, tenant: TenantId, changes: Sequence[DesiredChange]) -> News:
    """The newest change of each object, where it is news beside what is stored."""
    newest: dict[tuple[ChangeKind, str], DesiredChange] = {}
    for change in changes:
        known = newest.get((change.kind, change.key))
        if known is None or change.version > known.version:
            newest[change.kind, change.key] = change
    if not newest:
        return News()
    read = Transaction()
    stored = [
        read.add(desired.versions(tenant, kind, [key for of, key in newest if of is kind]))
        for kind in ChangeKind
    ]
    await context.store.read(read)
    versions = {(one.kind, one.key): one.version for answer in stored for one in answer.rows}
    above = [one for place, one in newest.items() if one.version > versions.get(place, 0)]
    others = [one for place, one in newest.items() if one.version <= versions.get(place, 0)]
    pairs = await _stored(context, tenant, [one for one in others if one.problem is None])
    readable = [one for one, before in pairs if is_readable_now(one, before)]
    set_back = [(one, before.version) for one, before in pairs if is_later(one, before)]
    return News(
        changes=(*above, *readable, *(one for one, _ in set_back)), set_back=tuple(set_back)
    )


async def _stored(
    context: SyncContext, tenant: TenantId, changes: Sequence[DesiredChange]
) -> list[tuple[DesiredChange, Known]]:
    """Each of them with what is stored of its object."""
    keys = [(one.kind, one.key) for one in changes]
    if not keys:
        return []
    read = Transaction()
    invoices = read.add(desired.invoices(tenant, [k for of, k in keys if of is ChangeKind.INVOICE]))
    customers = read.add(
        desired.customers(tenant, [k for of, k in keys if of is ChangeKind.CUSTOMER])
    )
    await context.store.read(read)
    known: dict[tuple[ChangeKind, str], Known] = {
        **{(ChangeKind.INVOICE, one.key): one for one in invoices.rows},
        **{(ChangeKind.CUSTOMER, one.key): one for one in customers.rows},
    }
    return [(one, known[one.kind, one.key]) for one in changes if (one.kind, one.key) in known]


def is_readable_now(change: DesiredChange, known: Known) -> bool:
    """Whether it is the version that is stored, which nobody could read then."""
    return known.problem is not None and change.version == known.version


def is_later(change: DesiredChange, known: Known) -> bool:
    """Whether Pipeline changed it after what is stored, by Pipeline's own clock."""
    if is_readable_now(change, known):
        return False
    said, before = change.content, known.content
    said_at = change.at if said is None else said.updated_at
    known_at = known.changed_at if before is None else before.updated_at
    if said_at <= known_at:
        return False
    if said is None or before is None:
        return known.problem is not None or (said is None) is not known.is_withdrawn
    return change.version != known.version or said != structs.replace(
        before, updated_at=said.updated_at
    )


def _entry(tenant: TenantId, one: DesiredChange, version: int, at: datetime) -> Entry:
    said = (
        f"Pipeline tells of version {one.version}, changed later than the version {version} known "
        "here: Pipeline was set back to an older state. It counts as it is told now"
    )
    return journal_entries.note(tenant, at, said, about=_ABOUT[one.kind], key=one.key)
