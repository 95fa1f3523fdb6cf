"""The scene a day leaves behind: both worlds' books, and what the daemon's store says of them.

Read by every judge of what stands at the end. On a day without sweeps only what was announced and
heard can be asked of the daemon; `is_heard` tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from syncd.lab.watch.marks import invoice_marked
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import FindingRow, JobRow
from syncd.lab.watch.watched_xero import Arrival
from syncd.sandbox.xero.ledger.model import APP

Json = Mapping[str, Any]
DEAD = ("VOIDED", "DELETED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is judged: one Pipeline tenant, its organisation, and the daemon's store.

    `heard` has, by document, the instants of changes whose events were answered with success; None
    on a day with sweeps, when everything is seen. `journal_entries` counts those of each invoice.
    `decided` is what the operator did, `arrivals` what came to Xero's door.
    """

    pipeline: Json
    organisation: Json
    jobs: Mapping[tuple[str, str], JobRow]
    findings: Sequence[FindingRow] = ()
    journal_entries: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, AbstractSet[int]] | None = None
    sees_touchless: bool = True
    decided: OperatorWitness = field(default_factory=OperatorWitness)
    arrivals: Sequence[Arrival] = ()

    @property
    def invoices(self) -> Iterator[tuple[str, Json, list[Json]]]:
        """Every Pipeline invoice with its documents, whatever their status.

        Its documents carry its mark; one that was adopted carries none, and Pipeline was told of
        it.
        """
        documents = {each["InvoiceID"]: each for each in self.organisation["invoices"]}
        marked = defaultdict(list)
        for document in documents.values():
            marked[invoice_marked(document["Url"] or "")].append(document)
        for identity, invoice in self.pipeline["invoices"].items():
            told = self.pipeline["results"]["invoice"].get(identity, {}).get("xeroInvoiceId")
            adopted = documents.get(told)
            if adopted is not None and invoice_marked(adopted["Url"] or "") is None:
                marked[identity].append(adopted)
            yield identity, invoice, self._not_let_go(marked[identity])

    def _not_let_go(self, documents: list[Json]) -> list[Json]:
        """Without a dead one in whose place a person wanted another, once that stands."""
        gone = self.decided.let_go
        left = [
            each
            for each in documents
            if each["InvoiceID"] not in gone or each["Status"] not in DEAD
        ]
        return left or documents

    @property
    def contacts(self) -> dict[str, Json]:
        """Every contact by its id."""
        return {each["ContactID"]: each for each in self.organisation["contacts"]}

    def customer_of(self, contact_id: str) -> set[str]:
        """The customers whose contact this is, merged ones followed to where they went.

        By our mark on it; one that a person has linked to another's contact leaves that as it is,
        and Pipeline was told of the link. So was whoever has one of a customer that is deleted.
        """
        contacts = self.contacts
        survivor = _followed(contacts, contacts[contact_id])
        marked = {
            contact["ContactNumber"]
            for contact in contacts.values()
            if contact["ContactNumber"] and _followed(contacts, contact) == survivor
        }
        customers = self.pipeline.get("customers", {})
        is_left = any(customers.get(each, {}).get("deleted") for each in marked)
        told = self.pipeline["results"]["customer"] if self.decided.linked or is_left else {}
        heard = {
            customer
            for customer, one in told.items()
            if (link := one.get("xeroContactId")) in contacts
            and _followed(contacts, contacts[link]) == survivor
        }
        return marked | (heard & self.decided.linked) | self._made_again(marked, heard)

    def _made_again(self, marked: set[str], heard: set[str]) -> set[str]:
        """Who has the contact of a customer that is deleted: one that lives, and those before it.

        Its reference is what that one had when it was made, and may have been edited since. Whose
        contact was merged into it has it too, and a finding says so.
        """
        customers = self.pipeline.get("customers", {})
        sharing = {each.key for each in self.findings if each.kind == "contacts_merged"}
        alive = {each for each in marked | heard if not customers.get(each, {}).get("deleted")}
        living = alive - sharing
        return heard if len(living) <= 1 and not living & marked else set()

    def sent_s(self, committed_ms: int) -> float:
        """When the write that was carried out then had left; the same, unless it came late."""
        late = (each for each in self.arrivals if int(each.lives_until_s * 1000) == committed_ms)
        return next((each.at_s for each in late), committed_ms / 1000)

    def is_forgotten(self, key: str) -> bool:
        """Whether Pipeline was set back to before it had this object."""
        return key not in self.pipeline["invoices"] and key not in self.pipeline["customers"]

    @property
    def sees_everything(self) -> bool:
        """Whether sweeps bring what no webhook has told."""
        return self.heard is None

    def is_heard(self, document: Json) -> bool:
        """Whether the newest change a person made of this document must be known."""
        made = people(document)
        if not made:
            return True
        if self.heard is not None:
            return made[-1]["at_ms"] in self.heard.get(document["InvoiceID"], ())
        return self.sees_touchless or document["UpdatedMs"] >= made[-1]["at_ms"]


def _followed(contacts: Mapping[str, Json], contact: Json) -> str:
    seen: list[str] = [contact["ContactID"]]
    while (onward := contacts[seen[-1]]["MergedToContactID"]) and onward not in seen:
        seen.append(onward)
    return seen[-1]


def people(document: Json) -> list[Json]:
    """What people have done to a document in Xero."""
    return [entry for entry in document["History"] if entry["who"] != APP]
