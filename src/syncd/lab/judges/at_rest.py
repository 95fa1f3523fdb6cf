"""Judges holds and findings at rest: each has its reason in the books, and no difference has none.

A hold whose reason is gone, a finding whose cause is gone and a difference nobody is shown are
three ways of one fault: somebody who should have looked again did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from syncd.lab.judges import contacts_agree
from syncd.lab.watch import reasons_in_books
from syncd.lab.watch.comparing import differences, disagreements
from syncd.lab.watch.marks import invoice_marked
from syncd.lab.watch.scene import DEAD, Json, Scene
from syncd.lab.watch.store_reader import JobRow
from syncd.sandbox.xero.ledger.model import APP

_OPEN = ("DRAFT", "SUBMITTED", "AUTHORISED")
Reason = Callable[[Scene, str, Json, Json | None], str]
"""What has gone of a hold's reason, given the invoice and its document; empty while it stands."""

_BY_THE_CLOCK = "it is sent again by itself"
_FIRST_EMOJI = "\U00010000"


def judge(scene: Scene) -> Iterator[str]:
    """Every hold, silence and finding without its reason, as a sentence."""
    for identity, invoice, documents in scene.invoices:
        job = scene.jobs.get(("push_invoice", identity))
        document = documents[0] if documents else None
        if job is None or (document is not None and not scene.is_heard(document)):
            continue
        name = f"invoice {identity} ({invoice['number']})"
        if job.state in {"held", "failed"}:
            gone = _gone(scene, invoice, document, job)
            if gone:
                shown = job.reason or job.public_state
                yield f"held: {name} is {job.state} ({shown}: {job.note}) and {gone}"
        elif job.state == "done" and document is not None and not invoice["deleted"]:
            for field, wanted, there in disagreements(scene, invoice, document):
                yield (
                    f"unshown: {name}, version {invoice['version']}: {field} is {wanted} in "
                    f"Pipeline, {there} in Xero, and it counts as {job.public_state}"
                )
    yield from _customers(scene)
    yield from _findings(scene)


def _customers(scene: Scene) -> Iterator[str]:
    """Contacts are seen by sweeps alone."""
    for (kind, identity), job in scene.jobs.items():
        customer = scene.pipeline["customers"].get(identity)
        if kind != "push_customer" or job.state not in {"held", "failed"} or customer is None:
            continue
        reason = job.reason or job.public_state
        gone = _OF_CUSTOMERS.get(reason, _unknown)(scene, customer)
        if gone and scene.sees_everything:
            yield (
                f"held: customer {identity} ({customer['name']}) is {job.state} "
                f"({reason}: {job.note}) and {gone}"
            )


def _gone(scene: Scene, invoice: Json, document: Json | None, job: JobRow) -> str:
    if job.reason == "refused" and _BY_THE_CLOCK in job.note:
        return ""  # Xero failed without a word: whether it still would, only the next try tells
    reason = job.reason or job.public_state
    return _REASONS.get(reason, _unknown)(scene, invoice["id"], invoice, document)


def _unknown(*_: object) -> str:
    return "no judge knows this reason"


def _no_difference(scene: Scene, _: str, invoice: Json, document: Json | None) -> str:
    if document is None:
        return "nothing of it stands in Xero"
    if invoice["deleted"]:
        return "it is dead on both sides" if document["Status"] in DEAD else ""
    return "" if any(differences(scene, invoice, document)) else "both sides show the same"


def _not_gone(_: Scene, __: str, invoice: Json, document: Json | None) -> str:
    if document is None:
        return "it never stood in Xero"
    if document["Status"] not in DEAD:
        return f"it is {document['Status']} in Xero"
    return "it is deleted in Pipeline too" if invoice["deleted"] else ""


def _number_free(scene: Scene, identity: str, invoice: Json, _: Json | None) -> str:
    number = invoice["number"].strip().lower()
    taken = any(
        document["InvoiceNumber"].strip().lower() == number
        and invoice_marked(document["Url"] or "") != identity
        for document in scene.organisation["invoices"]
    )
    return "" if taken or not scene.sees_everything else "nobody has its number"


def _no_money(_: Scene, __: str, ___: Json, document: Json | None) -> str:
    if document is None:
        return "it does not stand in Xero"
    money = Decimal(document["AmountPaid"]) + Decimal(document["AmountCredited"])
    return "" if money else "no money is on it"


def _no_regression(_: Scene, __: str, invoice: Json, document: Json | None) -> str:
    is_behind = document is not None and invoice["status"] == "Draft"
    is_ahead = document is not None and document["Status"] in ("AUTHORISED", "PAID")
    return "" if is_behind and is_ahead else "no status is behind"


def _contact_usable(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Contacts are seen by sweeps alone; one of a deleted customer may have become another's."""
    customer = invoice["customerId"]
    if not scene.sees_everything or scene.pipeline["customers"].get(customer, {}).get("deleted"):
        return ""
    return _active_contact(scene, customer)


def _never(*_: object) -> str:
    return "nothing in this world is a reason for it"


def _name_free(scene: Scene, customer: Json) -> str:
    others = [
        contact
        for contact in scene.organisation["contacts"]
        if contact["ContactNumber"] != customer["id"]
    ]
    name, reference = _as_xero_has_it(customer["name"]), _as_xero_has_it(customer.get("ref") or "")
    taken = any(
        (contact["ContactStatus"] == "ACTIVE" and _as_xero_has_it(contact["Name"]) == name)
        or (reference and _as_xero_has_it(contact.get("AccountNumber") or "") == reference)
        for contact in others
    )
    return "" if taken else "no other contact has its name or its reference"


def _as_xero_has_it(name: str) -> str:
    """Some of the pretend Xeros drop emoji."""
    name = "".join(each for each in name if each < _FIRST_EMOJI)
    return " ".join(name.replace("<", " ").replace(">", " ").split()).casefold()


def _active_contact(scene: Scene, customer: str) -> str:
    """One that a contact of the customer was merged into is its own unless it is another's."""
    for contact in scene.organisation["contacts"]:
        is_its_own = contact["ContactNumber"] in (None, customer)
        is_active = contact["ContactStatus"] == "ACTIVE"
        if is_active and is_its_own and customer in scene.customer_of(contact["ContactID"]):
            return f"its contact {contact['Name']} is active"
    return ""


_REASONS: dict[str, Reason] = {
    "out_of_sync": _no_difference,
    "gone_in_xero": _not_gone,
    "number_taken": _number_free,
    "has_payments": _no_money,
    "status_regression": _no_regression,
    "contact_archived": _contact_usable,
    "contact_unmapped": _contact_usable,
    "contact_name_taken": _contact_usable,
    "account_unmapped": reasons_in_books.accounts_mapped,
    "tax_unmapped": reasons_in_books.taxes_mapped,
    "currency_unavailable": reasons_in_books.currency_there,
    "locked_period": reasons_in_books.period_open,
    "totals_mismatch": reasons_in_books.totals_right,
    "invalid_document": reasons_in_books.document_valid,
    "refused": reasons_in_books.nothing_refused,
    # The tenant is live, no brake is that tight, and at rest calls are there again.
    **dict.fromkeys(
        (
            *("observing", "paused", "not_connected", "token_expired", "brake_halted"),
            *("rate_limited", "breaker_open"),
        ),
        _never,
    ),
}


def _contact_may_go(scene: Scene, customer: Json) -> str:
    """Of a customer deleted in Pipeline whose contact stays active, or that Xero altered."""
    if not customer["deleted"]:
        return _shows_the_same(scene, customer)
    for contact in scene.organisation["contacts"]:
        is_its = customer["id"] in scene.customer_of(contact["ContactID"])
        if contact["ContactStatus"] == "ACTIVE" and is_its:
            first = contact["History"][0]
            is_known = not scene.decided.is_forgotten(scene.sent_s(first["at_ms"]))
            is_made_by_app = first["who"] == APP and is_known
            is_made_for_it = is_made_by_app and contact["ContactNumber"] == customer["id"]
            is_wanted = contact["IsSupplier"] or _is_restored(contact)
            is_kept = is_wanted or not is_made_for_it or _is_invoiced(scene, customer)
            return "" if is_kept else "nothing keeps its contact"
    return "its contact is archived"


def _shows_the_same(scene: Scene, customer: Json) -> str:
    for contact in scene.organisation["contacts"]:
        is_its = customer["id"] in scene.customer_of(contact["ContactID"])
        if contact["ContactStatus"] == "ACTIVE" and is_its:
            differs = any(
                ours != theirs for _, ours, theirs in contacts_agree.compared(customer, contact)
            )
            return "" if differs else "its contact shows the same"
    return "it has no contact"


def _is_restored(contact: Json) -> bool:
    """Whether a person made it active again, and nobody has archived it since."""
    turns = [
        (entry["who"], after)
        for entry in contact["History"]
        for field, _, after in entry["fields"]
        if field == "ContactStatus"
    ]
    return bool(turns) and turns[-1][0] != APP and turns[-1][1] == "ACTIVE"


def _is_invoiced(scene: Scene, customer: Json) -> bool:
    """Whether any invoice of the customer stands open in Xero, or is still to get there."""
    return any(
        documents[0]["Status"] in _OPEN if documents else not invoice["deleted"]
        for _, invoice, documents in scene.invoices
        if invoice["customerId"] == customer["id"]
    )


_OF_CUSTOMERS: dict[str, Callable[[Scene, Json], str]] = {
    "contact_archived": lambda scene, customer: _active_contact(scene, customer["id"]),
    "contact_unmapped": lambda scene, customer: _active_contact(scene, customer["id"]),
    "contact_name_taken": _name_free,
    "refused": reasons_in_books.nothing_refused_of,
    "out_of_sync": _contact_may_go,
    **dict.fromkeys(("rate_limited", "breaker_open"), _never),
}


def _findings(scene: Scene) -> Iterator[str]:
    open_ = {(each.kind, each.key): each.text for each in scene.findings}
    for (kind, key), text in open_.items():
        gone = _cause_gone(scene, kind, key)
        if gone:
            yield f"finding: {kind} of {key} is open ({text}) and {gone}"
    for (kind, key), job in scene.jobs.items():
        is_out_of_sync = job.state == "held" and job.public_state == "out_of_sync"
        if kind == "push_invoice" and is_out_of_sync and ("differing", key) not in open_:
            yield f"finding: {key} is out of sync and no finding tells of it"


def _cause_gone(scene: Scene, kind: str, key: str) -> str:
    if kind in ("differing", "missing", "stranger", "unlinked_contact"):
        of = "push_customer" if kind == "unlinked_contact" else "push_invoice"
        job = scene.jobs.get((of, key))
        return "" if job is not None and job.state == "held" else "nothing is held for it"
    if kind == "paid_unpaid_mismatch":
        return "" if any(_is_uneven(scene, key)) else "Pipeline was told what Xero shows"
    if kind in ("extra", "duplicate_suspected"):
        stands = [each for each in scene.organisation["invoices"] if each["InvoiceID"] == key]
        is_alive = any(each["Status"] not in DEAD for each in stands)
        return "" if is_alive else "the document is dead"
    return ""


def _is_uneven(scene: Scene, identity: str) -> Iterator[bool]:
    told = scene.pipeline["results"]["invoice"].get(identity, {})
    for key, _, documents in scene.invoices:
        if key == identity:
            for document in documents:
                due = told.get("amountDue")
                yield due is None or Decimal(due) != Decimal(document["AmountDue"])
