"""Describes customers and their contacts to the write path."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId
from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.job import Reason
from syncd.domain.model.probing import HoldForNumber, ProbeByNumber
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Held, Outcome, Transient
from syncd.engine.contacts import answers, decide, loaded_customer, probe_reads, settle
from syncd.engine.contacts.end import ContactEnd
from syncd.engine.contacts.loaded_customer import ContactElement, LoadedCustomer, body_of
from syncd.engine.core import reread
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes.kind import Kind, Refusal
from syncd.engine.writes.probe_reads import ProbeReads
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ElementRefused
from syncd.store.calls import Call
from syncd.store.intents import Intent

Namesakes = Sequence[LiveContact]


async def _in_the_way(
    context: SyncContext,
    tenant: TenantId,
    refused: Sequence[Refusal[LoadedCustomer, LiveContact]],
) -> Namesakes:
    """What cannot be read is not shown."""
    writes = [
        body_of(element.intent).write
        for element, answer in refused
        if element.intent.xero_id is not None
        and outcome.meaning_of(answer.messages) in answers.TAKEN
    ]
    if not writes:
        return ()
    try:
        return (await probe_reads.who_has(context, tenant, writes)).rows
    except RemoteError:
        return ()


async def _read(
    context: SyncContext,
    tenant: TenantId,
    elements: Sequence[Intent],
    _moves: Sequence[ProbeByNumber],
) -> ProbeReads[LiveContact]:
    """A contact is found by our mark and by its name: nothing else says where."""
    return await probe_reads.read(context, tenant, elements)


async def _holders(*_: object) -> Namesakes:
    return ()  # the read itself found who has it


def _settle(changeset: ChangeSet, loaded: LoadedCustomer, outcome: Outcome) -> None:
    settle.settle(changeset, ContactEnd(loaded=loaded, outcome=outcome))


def _applied(changeset: ChangeSet, element: ContactElement, live: LiveContact) -> None:
    settle.settle(changeset, answers.applied(element, live, changeset.context.now()))


def _refused(
    changeset: ChangeSet, element: ContactElement, answer: ElementRefused, namesakes: Namesakes
) -> None:
    ended = answers.refused(element, answer, namesakes, changeset.context.now())
    settle.settle(changeset, ended)


def _found(changeset: ChangeSet, element: ContactElement, live: LiveContact) -> None:
    ended = answers.applied(element, live, changeset.context.now(), is_found=True)
    settle.settle(changeset, ended)


def _withdraws(one: Intent) -> bool:
    """It archives the contact: only a person makes it active again, in Xero."""
    return body_of(one).write.status is ContactStatus.ARCHIVED


def _taken(
    changeset: ChangeSet, element: ContactElement, verdict: HoldForNumber, _: Namesakes
) -> None:
    """Another contact has its name or number, or had it when Xero refused."""
    if element.read is None and answers.may_be_free(element.loaded):
        _settle(changeset, element.loaded, Transient(why=verdict.text))
        return
    text = "Xero says that another contact has its name or number, but shows none that does."
    held = Held(reason=Reason.CONTACT_NAME_TAKEN, text=text)
    if element.read is not None:
        in_the_way = (element.read.id,)
        held = Held(reason=Reason.CONTACT_NAME_TAKEN, text=verdict.text, in_the_way=in_the_way)
    _settle(changeset, element.loaded, held)


async def _meant(
    _: SyncContext, __: Sequence[Call], elements: Sequence[Intent]
) -> Sequence[Intent]:
    """A contact's intent says itself what it meant."""
    return elements


CUSTOMERS: Kind[LoadedCustomer, ContactWrite, LiveContact, Namesakes] = Kind(
    change=ChangeKind.CUSTOMER,
    task="push_customers",
    load=loaded_customer.load,
    reread=lambda context, tenant, loaded: reread.customers(
        context, tenant, [one.desired for one in loaded]
    ),
    decide=decide.decide,
    settle=_settle,
    prepare=lambda ledger, writes: ledger.prepare_contacts(writes),
    sender=lambda ledger: ledger.send_contacts,
    meant=_meant,
    write_of=lambda one: body_of(one).write,
    in_the_way=_in_the_way,
    applied=_applied,
    refused=_refused,
    number_now=lambda _: None,
    read=_read,
    withdraws=_withdraws,
    holders=_holders,
    found=_found,
    adopted=_found,
    given_up=_settle,
    taken=_taken,
)
