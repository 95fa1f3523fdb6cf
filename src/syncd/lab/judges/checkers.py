"""Judges what stands at the end: both worlds' dumps against each other and the daemon's store.

Nothing here believes a fact told in passing. What people did in Xero is told by Xero's history,
never by our store. Which holds and findings may stand is the business of `at_rest`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from syncd.lab.watch.comparing import TOTALS, disagreements
from syncd.lab.watch.scene import DEAD, Json, Scene
from syncd.lab.watch.store_reader import JobRow
from syncd.sandbox.xero.ledger.model import APP


def judge(scene: Scene) -> list[str]:
    """Every violation, as a sentence."""
    return [
        *_duplicates(scene),
        *_foreign_contacts(scene),
        *_lost_edits(scene),
        *_unheard(scene),
        *_untold_writes(scene),
    ]


def _duplicates(scene: Scene) -> Iterator[str]:
    for identity, invoice, documents in scene.invoices:
        if len(documents) > 1:
            shown = ", ".join(f"{each['InvoiceNumber']} {each['Status']}" for each in documents)
            yield f"duplicate: invoice {identity} ({invoice['number']}) stands as {shown}"
    contacts = defaultdict(list)
    for contact in scene.organisation["contacts"]:
        if contact["ContactNumber"] and not contact["MergedToContactID"]:
            contacts[contact["ContactNumber"]].append(contact["Name"])
    for number, names in contacts.items():
        if len(names) > 1:
            yield f"duplicate: customer {number} stands as {', '.join(names)}"


def _lost_edits(scene: Scene) -> Iterator[str]:
    for identity, invoice, documents in scene.invoices:
        job = scene.jobs.get(("push_invoice", identity))
        name = f"invoice {identity} ({invoice['number']})"
        if job is None:
            if not invoice["deleted"]:
                yield f"lost: {name} never reached the queue"
        elif job.version < invoice["version"]:
            yield f"lost: {name}: version {invoice['version']} is not known, only {job.version}"
        elif job.state not in {"held", "failed"}:
            yield from _misplaced(scene, name, invoice, documents, job)


def _misplaced(
    scene: Scene, name: str, invoice: Json, documents: list[Json], job: JobRow
) -> Iterator[str]:
    """What is said to be settled stands in Xero as Pipeline shows it, or is dead there."""
    if invoice["deleted"]:
        alive = [each for each in documents if each["Status"] not in DEAD]
        if alive and (invoice["id"], invoice["version"]) not in scene.decided.left:
            yield f"lost: {name} was deleted and is {alive[0]['Status']} in Xero"
    elif not documents:
        yield f"lost: {name} is {job.public_state} and nowhere in Xero"
    else:
        for field, wanted, shown in _differences(scene, invoice, documents[0]):
            yield f"lost: {name}, version {invoice['version']}: {field} {wanted} is {shown}"


def _differences(scene: Scene, invoice: Json, document: Json) -> Iterator[tuple[str, str, str]]:
    """What Pipeline shows and Xero does not, unless a person changed it there last."""
    excused = {field for field, who in last_hands(document).items() if who != APP}
    for field, wanted, shown in disagreements(scene, invoice, document):
        if not _is_excused(field, excused):
            yield field, wanted, shown


def _is_excused(field: str, excused: set[str]) -> bool:
    return field in excused or ("LineItems" in excused and field in TOTALS)


def last_hands(document: Json) -> dict[str, str]:
    """Who changed each field last, by Xero's history."""
    authors: dict[str, str] = {}
    for entry in document["History"]:
        for field, _before, _after in entry["fields"]:
            authors[field] = entry["who"]
    return authors


def _foreign_contacts(scene: Scene) -> Iterator[str]:
    """What is no customer's contact is never written to."""
    for contact in scene.organisation["contacts"]:
        history = contact["History"]
        ours = [entry for entry in history if entry["who"] == APP and entry["fields"]]
        is_foreign = not scene.customer_of(contact["ContactID"]) and not contact["ContactNumber"]
        if is_foreign and ours:
            what = ", ".join(field for entry in ours for field, _, _ in entry["fields"])
            yield f"foreign: contact {contact['Name']} is no customer's, and {what} was written"


def _untold_writes(scene: Scene) -> Iterator[str]:
    """Every write that changed a document stands in the journal of the store that lives."""
    for identity, invoice, documents in scene.invoices:
        writes = [
            entry
            for document in documents
            for entry in document["History"]
            if entry["who"] == APP and entry["fields"]
            if not scene.decided.is_forgotten(scene.sent_s(entry["at_ms"]))
        ]
        told = scene.journal_entries.get(identity, 0)
        if len(writes) > told:
            yield (
                f"untold: invoice {identity} ({invoice['number']}) was written {len(writes)} times "
                f"and the journal tells of {told}"
            )


def _unheard(scene: Scene) -> Iterator[str]:
    """What Pipeline was told of every object is what the store says of it."""
    results = scene.pipeline["results"]
    for (kind, key), job in scene.jobs.items():
        if scene.is_forgotten(key):
            continue
        told = results["invoice" if kind == "push_invoice" else "customer"].get(key)
        if told is None:
            yield f"unheard: Pipeline was told nothing of {kind} {key}, which is {job.public_state}"
        elif told["state"] != _told_as(kind, job) and not _is_archived(scene, kind, key, told):
            yield f"unheard: {kind} {key} is {job.public_state}, Pipeline was told {told['state']}"
        elif job.state == "held" and kind == "push_invoice" and _code(told) != job.reason:
            yield (
                f"unheard: {kind} {key} is held for {job.reason!r}, Pipeline was told "
                f"{told.get('reasonCode')!r}"
            )


def _told_as(kind: str, job: JobRow) -> str:
    """A customer has no state of its own for what differs: it waits for a person."""
    differs = kind == "push_customer" and job.public_state == "out_of_sync"
    return "waiting" if differs else job.public_state


def _code(told: Json) -> str:
    return told.get("reasonCode") or ""


def _is_archived(scene: Scene, kind: str, key: str, told: Json) -> bool:
    """A customer whose contact is archived is told so, and its job is done all the same.

    One that was deleted and made again has the contact that bears the first one's number. On a day
    without sweeps nobody has to know that it was restored since.
    """
    return (
        kind == "push_customer"
        and told["state"] == "archived"
        and any(
            (contact["ContactNumber"] == key or contact["ContactID"] == told["xeroContactId"])
            and (contact["ContactStatus"] == "ARCHIVED" or scene.heard is not None)
            for contact in scene.organisation["contacts"]
        )
    )
