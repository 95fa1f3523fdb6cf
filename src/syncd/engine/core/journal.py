"""The journal's entries for how rounds end, for invoices and customers alike.

Called by `invoices.settle` and `contacts.settle` with every settlement; what is a turn is decided
by `rules.journal.transitions`. An entry is written in the transaction of the settlement it tells.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind
from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.domain.rules.journal import transitions as journal_transitions
from syncd.domain.rules.journal.transitions import Ending
from syncd.store.journal import Entry, RecordType

SYNCD = "syncd"
INVOICE = "Invoice"
CUSTOMER = "Customer"
_TYPES = {JobKind.PUSH_INVOICE: INVOICE, JobKind.PUSH_CUSTOMER: CUSTOMER}


def of_end(job: Job, ending: Ending, *, label: str, at: datetime) -> tuple[Entry, ...]:
    """What a round that ended without a confirmed write adds: one entry where something turned."""
    found = journal_transitions.state_change(job, ending)
    if found is None:
        return ()
    return (entry(job, found, journal_transitions.in_words(found, label), at=at),)


def written(job: Job, ending: Ending, said: str, *, record_type: RecordType, at: datetime) -> Entry:
    """The one entry of a confirmed write; it says so when the write was a turn too."""
    found = journal_transitions.state_change(job, ending)
    if found is not None:
        words = said + journal_transitions.after_words(found)
        return entry(job, found, words, at=at, record_type=record_type)
    return Entry(
        tenant=TenantId(job.tenant),
        at=at,
        object_type=_TYPES[job.kind],
        object_key=job.key,
        record_type=record_type,
        description=said,
        who=SYNCD,
    )


def edited_meanwhile(job: Job, fields: tuple[str, ...], *, at: datetime) -> Entry:
    """A bookkeeper's edit came between our read and our write, and was kept."""
    found = StateChange(what=StateChangeKind.EDITED_MEANWHILE, fields=fields)
    return entry(job, found, journal_transitions.in_words(found, ""), at=at)


def entry(
    job: Job,
    found: StateChange,
    description: str,
    *,
    at: datetime,
    record_type: RecordType = RecordType.EDIT,
) -> Entry:
    """An entry of the daemon's own, with the turn as its detail."""
    return Entry(
        tenant=TenantId(job.tenant),
        at=at,
        object_type=_TYPES[job.kind],
        object_key=job.key,
        record_type=record_type,
        description=description,
        who=SYNCD,
        detail=msgspec.json.encode(found),
    )
