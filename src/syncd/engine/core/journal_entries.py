"""The journal's entries: how rounds end, for invoices and customers alike, and what people order.

Called by `invoices.settle` and `contacts.settle` with every settlement; what is a turn is decided
by `rules.journal.transitions`. An entry is written in the transaction of what it tells.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind
from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.domain.rules.journal import transitions
from syncd.domain.rules.journal.transitions import Ending
from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Statement

SYNCD = "syncd"
"""Who acts when no person does."""
TENANT = "Tenant"
CONNECTION = "Xero connection"
INVOICE = "Invoice"
CUSTOMER = "Customer"
REPORT = "Report"
_TYPES = {JobKind.PUSH_INVOICE: INVOICE, JobKind.PUSH_CUSTOMER: CUSTOMER}


def note(
    tenant: TenantId,
    at: datetime,
    words: str,
    *,
    who: str = SYNCD,
    about: str = TENANT,
    key: str = "",
    record_type: RecordType = RecordType.EDIT,
    detail: bytes | None = None,
) -> Entry:
    """One thing that happened: to the tenant itself, unless `about` and `key` say to what."""
    return Entry(
        tenant=tenant,
        at=at,
        object_type=about,
        object_key=key or tenant,
        record_type=record_type,
        description=words,
        who=who,
        detail=detail,
    )


def of_connection(
    tenant: TenantId,
    words: str,
    *,
    at: datetime,
    who: str = SYNCD,
    record_type: RecordType = RecordType.EDIT,
) -> Statement[None]:
    """Who granted, renewed, lost or cut the connection, for the transaction that moves it."""
    entry = note(tenant, at, words, who=who, about=CONNECTION, record_type=record_type)
    return journal.append([entry])


def of_end(job: Job, ending: Ending, *, label: str, at: datetime) -> tuple[Entry, ...]:
    """What a round that ended without a confirmed write adds: one entry where something turned."""
    found = transitions.state_change(job, ending)
    if found is None:
        return ()
    return (_turned(job, found, transitions.in_words(found, label), at=at),)


def written(job: Job, ending: Ending, said: str, *, record_type: RecordType, at: datetime) -> Entry:
    """The one entry of a confirmed write; it says so when the write was a state change too."""
    found = transitions.state_change(job, ending)
    if found is not None:
        words = said + transitions.after_words(found)
        return _turned(job, found, words, at=at, record_type=record_type)
    return note(job.tenant, at, said, about=_TYPES[job.kind], key=job.key, record_type=record_type)


def edited_meanwhile(job: Job, fields: tuple[str, ...], *, at: datetime) -> Entry:
    """A bookkeeper's edit came between our read and our write, and was kept."""
    found = StateChange(what=StateChangeKind.EDITED_MEANWHILE, fields=fields)
    return _turned(job, found, transitions.in_words(found, ""), at=at)


def _turned(
    job: Job,
    found: StateChange,
    description: str,
    *,
    at: datetime,
    record_type: RecordType = RecordType.EDIT,
) -> Entry:
    """An entry of the daemon's own, with the turn as its detail."""
    return note(
        job.tenant,
        at,
        description,
        about=_TYPES[job.kind],
        key=job.key,
        record_type=record_type,
        detail=msgspec.json.encode(found),
    )
