"""Probes uncertain contacts: by our mark (ContactNumber), the name or Account Number sent, or id.

Says as well who has the name or number that another contact was refused for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import ContactWrite, LiveContact
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.probing import (
    FoundGone,
    FoundMoved,
    FoundNothing,
    FoundOurs,
    FoundUnmanaged,
    FoundUnmoved,
)
from syncd.domain.rules.contacts import field_moves, matching
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.contacts import choices
from syncd.engine.contacts.loaded_customer import body_of
from syncd.engine.core import unreadable_rows
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import divided_reads
from syncd.engine.writes.probe_reads import ProbeRead, ProbeReads, hidden_by
from syncd.ports.ledger import ContactText
from syncd.ports.rows import Rows
from syncd.store.intents import Intent


async def read(
    context: SyncContext, tenant: TenantId, elements: Sequence[Intent]
) -> ProbeReads[LiveContact]:
    """Look at every element, archived contacts included."""
    read_at = context.now()
    creates = [one for one in elements if one.step is StepKind.CREATE]
    ids = sorted({XeroContactId(one.xero_id) for one in elements if one.xero_id is not None})
    writes = [body_of(one).write for one in creates]
    try:
        by_id, marked = Rows[LiveContact](), Rows[LiveContact]()
        if ids:
            by_id = await context.ledger.contacts_by_id(tenant, ids, lane=Lane.WRITE)
        if creates:
            keys = sorted(one.key for one in creates)
            marked = await context.ledger.contacts_by(
                tenant, ContactText.NUMBER, keys, lane=Lane.WRITE
            )
        others = await who_has(context, tenant, writes)
    except RemoteError as error:
        return ProbeReads(read_at=read_at, failed=error)
    contacts = {each.id: each for each in (*marked, *others)}
    found = Rows(contacts.values(), (*marked.unread, *others.unread))
    return ProbeReads(
        read_at=read_at,
        by_intent={
            one.id: _create(one, found) if one.step is StepKind.CREATE else _change(one, by_id)
            for one in elements
        },
    )


async def who_has(
    context: SyncContext, tenant: TenantId, writes: Sequence[ContactWrite]
) -> Rows[LiveContact]:
    """Contacts with a name or an Account Number of these writes. Raises RemoteError's leaves.

    Who bears a text that Xero refuses to be asked for is not found.
    """
    lane = Lane.WRITE
    wanted = [one.name for one in writes if one.name]
    names = sorted({*wanted, *filter(None, map(matching.without_emoji, wanted))})
    numbers = sorted({one.account_number for one in writes if one.account_number})
    ask = partial(context.ledger.contacts_by, tenant, lane=lane)
    named = await divided_reads.found(partial(ask, ContactText.NAME), names)
    numbered = await divided_reads.found(partial(ask, ContactText.ACCOUNT_NUMBER), numbers)
    found = {each.id: each for each in (*named, *numbered)}
    return Rows(found.values(), (*named.unread, *numbered.unread))


def what_is_taken(write: ContactWrite, other: LiveContact, *, is_refused: bool) -> str:
    """What of the write another contact has already, in words; empty when nothing.

    `is_refused`: Xero has said that something is, so that a name counts which is equal but for
    what Xero may drop.
    """
    number = write.account_number
    if number and matching.same_reference(other.account_number, number):
        return f"with the Account Number {number}"
    name = write.name or ""
    names = {name, matching.without_emoji(name)} if is_refused else {name}
    if other.is_active and any(each and matching.same_name(other.name, each) for each in names):
        return f"named {name}"
    return ""


def taken_in_words(write: ContactWrite, others: Sequence[LiveContact]) -> str:
    """Who has it, and what a person can do."""
    what = what_is_taken(write, others[0], is_refused=True)
    names = ", ".join(
        f"{choices.named(each)}{'' if each.is_active else ', archived'}" for each in others
    )
    return (
        f"Xero has another contact {what}: {names}. Change one of the two, merge them in Xero, or "
        "link this customer to that one."
    )


def _create(one: Intent, found: Rows[LiveContact]) -> ProbeRead[LiveContact]:
    write = body_of(one).write
    for live in found:
        if live.number == one.key:
            as_sent = matching.same_name(live.name, write.name or "")
            return ProbeRead(result=FoundOurs(is_as_sent=as_sent), live=live)
    known_by = (one.key, write.name or "", write.account_number or "")
    problem = found.may_hide(*(text for text in known_by if text))
    if problem:
        return hidden_by(problem, unreadable_rows.CONTACT)
    is_refused = one.was_not_unique
    others = [live for live in found if what_is_taken(write, live, is_refused=is_refused)]
    if others:
        return ProbeRead(result=FoundUnmanaged(text=taken_in_words(write, others)), live=others[0])
    return ProbeRead(result=FoundNothing())


def _change(one: Intent, found: Rows[LiveContact]) -> ProbeRead[LiveContact]:
    """A change has landed when the contact shows what was sent; only that is looked at."""
    own = one.xero_id or ""
    live = found.get(own)
    if live is None:
        problem = found.may_hide(own)
        if problem:
            return hidden_by(problem, unreadable_rows.CONTACT)
        return ProbeRead(result=FoundGone())
    body = body_of(one)
    if field_moves.is_as_sent(body.write, live):
        return ProbeRead(result=FoundOurs(is_as_sent=True), live=live)
    if body.base_xero is not None and field_moves.is_as_before(body.write, body.base_xero, live):
        return ProbeRead(result=FoundUnmoved(), live=live)
    return ProbeRead(result=FoundMoved(), live=live)
