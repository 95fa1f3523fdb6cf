"""Judges what stands at the end: both worlds' dumps against each other and the daemon's store.

Nothing here believes a fact told in passing. The comparison of content is written once more, with
eyes of its own; what a person changed in Xero is excused by Xero's history, never by our store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from syncd.lab.marks import invoice_marked
from syncd.lab.store_reader import JobRow
from syncd.sandbox.seed import COST_CODES
from syncd.sandbox.xero.model import APP

Json = Mapping[str, Any]
DEAD = ("VOIDED", "DELETED")
_ALIVE_AS = {
    "Draft": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID"),
    "Approved": ("AUTHORISED", "PAID"),
    "Sent": ("AUTHORISED", "PAID"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is judged: one Pipeline tenant, its organisation, and the daemon's queue."""

    pipeline: Json
    organisation: Json
    jobs: Mapping[tuple[str, str], JobRow]

    @property
    def invoices(self) -> Iterator[tuple[str, Json, list[Json]]]:
        """Every Pipeline invoice with the documents that carry its mark, whatever their status."""
        marked = defaultdict(list)
        for document in self.organisation["invoices"]:
            marked[invoice_marked(document["Url"] or "")].append(document)
        for identity, invoice in self.pipeline["invoices"].items():
            yield identity, invoice, marked[identity]


def judge(scene: Scene) -> list[str]:
    """Every violation, as a sentence."""
    return [*_duplicates(scene), *_lost_edits(scene), *_unheard(scene)]


def _duplicates(scene: Scene) -> Iterator[str]:
    for identity, invoice, documents in scene.invoices:
        if len(documents) > 1:
            shown = ", ".join(f"{each['InvoiceNumber']} {each['Status']}" for each in documents)
            yield f"duplicate: invoice {identity} ({invoice['number']}) stands as {shown}"
    contacts = defaultdict(list)
    for contact in scene.organisation["contacts"]:
        if contact["ContactNumber"]:
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
        elif job.state in {"held", "failed"}:
            if not (any(map(_people, documents)) or _is_taken(scene, identity, invoice, job)):
                why = f"{job.reason}: {job.note}"
                yield f"held: {name} is {job.state} ({why}) and nobody touched it"
        else:
            yield from _misplaced(scene, name, invoice, documents, job)


def _is_taken(scene: Scene, identity: str, invoice: Json, job: JobRow) -> bool:
    """Held because a document of somebody else, or of another invoice, really has its number."""
    return job.reason == "number_taken" and any(
        document["InvoiceNumber"] == invoice["number"]
        and invoice_marked(document["Url"] or "") != identity
        for document in scene.organisation["invoices"]
    )


def _misplaced(
    scene: Scene, name: str, invoice: Json, documents: list[Json], job: JobRow
) -> Iterator[str]:
    """What is said to be settled stands in Xero as Pipeline shows it, or is dead there."""
    if invoice["deleted"]:
        alive = [each for each in documents if each["Status"] not in DEAD]
        if alive:
            yield f"lost: {name} was deleted and is {alive[0]['Status']} in Xero"
    elif not documents:
        yield f"lost: {name} is {job.public_state} and nowhere in Xero"
    else:
        for field, wanted, shown in _differences(scene, invoice, documents[0]):
            yield f"lost: {name}, version {invoice['version']}: {field} {wanted} is {shown}"


def _differences(scene: Scene, invoice: Json, document: Json) -> Iterator[tuple[str, Any, Any]]:
    """What Pipeline shows and Xero does not, unless a person changed it there last."""
    excused = {field for field, who in last_hands(document).items() if who != APP}
    for field, wanted, shown in _compared(scene, invoice, document):
        if wanted != shown and not _is_excused(field, excused):
            yield field, wanted, shown


def _is_excused(field: str, excused: set[str]) -> bool:
    return field in excused or ("LineItems" in excused and field in ("Total", "TotalTax"))


def _compared(scene: Scene, invoice: Json, document: Json) -> Iterator[tuple[str, Any, Any]]:
    yield "InvoiceNumber", invoice["number"], document["InvoiceNumber"]
    yield "Reference", invoice["reference"] or "", document["Reference"] or ""
    yield "Date", invoice["invoiceDate"], document["Date"]
    if invoice["dueDate"] is not None:
        yield "DueDate", invoice["dueDate"], document["DueDate"]
    yield "Total", Decimal(invoice["total"]), Decimal(document["Total"])
    yield "TotalTax", Decimal(invoice["tax"]), Decimal(document["TotalTax"])
    status = document["Status"]
    fits = status in _ALIVE_AS[invoice["status"]]
    yield "Status", invoice["status"], invoice["status"] if fits else status
    yield "LineItems", _lines_wanted(invoice), _lines_shown(document)
    contacts = {each["ContactID"]: each for each in scene.organisation["contacts"]}
    yield "ContactID", invoice["customerId"], contacts[document["ContactID"]]["ContactNumber"]


def _lines_wanted(invoice: Json) -> list[tuple[Any, ...]]:
    return [
        (
            line["description"],
            Decimal(line["quantity"]),
            Decimal(line["unitAmount"]),
            COST_CODES[line["costCode"]],
        )
        for line in invoice["lines"]
    ]


def _lines_shown(document: Json) -> list[tuple[Any, ...]]:
    return [
        (
            line["Description"],
            Decimal(line["Quantity"]),
            Decimal(line["UnitAmount"]),
            line["AccountCode"],
        )
        for line in document["LineItems"]
    ]


def last_hands(document: Json) -> dict[str, str]:
    """Who changed each field last, by Xero's history."""
    hands: dict[str, str] = {}
    for entry in document["History"]:
        for field, _before, _after in entry["fields"]:
            hands[field] = entry["who"]
    return hands


def _people(document: Json) -> list[Json]:
    return [entry for entry in document["History"] if entry["who"] != APP]


def _unheard(scene: Scene) -> Iterator[str]:
    """What Pipeline was told of every object is what the store says of it."""
    results = scene.pipeline["results"]
    for (kind, key), job in scene.jobs.items():
        told = results["invoice" if kind == "push_invoice" else "customer"].get(key)
        if told is None:
            yield f"unheard: Pipeline was told nothing of {kind} {key}, which is {job.public_state}"
        elif told["state"] != job.public_state:
            yield f"unheard: {kind} {key} is {job.public_state}, Pipeline was told {told['state']}"
        elif (told.get("reasonCode") or "") != job.reason and job.state == "held":
            yield (
                f"unheard: {kind} {key} is held for {job.reason!r}, Pipeline was told "
                f"{told.get('reasonCode')!r}"
            )
