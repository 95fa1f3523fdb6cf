"""The demo's judge: reads both books as they were dumped and says what stands where.

Called by `lab.demo.story` at the end of a scripted day. Knows the mapping the demo configures and
Xero's words; shares no rule with the daemon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from syncd.lab.demo import money
from syncd.sandbox.seed import COST_CODES, TAX_TYPES

Json = Mapping[str, Any]

DUE_DAYS = 20
"""For invoices without a due date; the demo configures the same."""
_APP = "app"
_DEAD = ("VOIDED", "DELETED")
_STATUSES = {
    "Draft": ("DRAFT", "AUTHORISED", "PAID"),
    "Approved": ("AUTHORISED", "PAID"),
    "Sent": ("AUTHORISED", "PAID"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Invoices that wait for one reason, and what one of them is told in words."""

    count: int
    sample: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found. `created`, `edited` and `voided` count documents in Xero.

    `payments` are those in Xero, `paid` what they come to by currency: all of it in Pipeline too,
    or named in `wrong`.
    """

    customers: int = 0
    contacts: int = 0
    invoices: int = 0
    equal: int = 0
    created: int = 0
    edited: int = 0
    voided: int = 0
    payments: int = 0
    paid: dict[str, Decimal] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every invoice and its money is equal in both books, or held as planted."""
        return not self.wrong


def judge(tenant: Json, organisation: Json) -> Verdict:
    """Compare one Pipeline tenant's dump with one organisation's."""
    marked: dict[str, list[Json]] = {}
    for document in organisation["invoices"]:
        if identity := marked_for(document):
            marked.setdefault(identity, []).append(document)
    customers = tenant["results"]["customer"].values()
    verdict = Verdict(
        customers=sum(not each["deleted"] for each in tenant["customers"].values()),
        contacts=sum(each["state"] == "synced" for each in customers),
        invoices=sum(not each["deleted"] for each in tenant["invoices"].values()),
    )
    ours = [document for documents in marked.values() for document in documents]
    verdict.created = len(ours)
    verdict.edited = sum(_is_edited(each) for each in ours)
    verdict.voided = sum(each["Status"] in _DEAD for each in ours)
    for document in ours:
        for amount in money.paid(document):
            verdict.payments += 1
            currency = document["CurrencyCode"]
            verdict.paid[currency] = verdict.paid.get(currency, Decimal(0)) + amount
    for identity, invoice in tenant["invoices"].items():
        found = [*_objections(tenant, organisation, invoice, marked.get(identity, []))]
        verdict.wrong += [f"{invoice['number']}: {each}" for each in found]
        is_planted = identity in tenant["planted"]
        verdict.equal += not (found or is_planted or invoice["deleted"])
    verdict.held = _held(tenant)
    return verdict


def marked_for(document: Json) -> str | None:
    """The Pipeline invoice a document in Xero stands for, by the link syncd wrote; else None."""
    link = urlsplit(document["Url"] or "")
    if "syncd" not in parse_qs(link.query):
        return None
    return link.path.rpartition("/")[2]


def _is_edited(document: Json) -> bool:
    """Whether the app changed the document after creating it, other than ending it."""
    return any(
        each["who"] == _APP and each["what"].upper() not in _DEAD
        for each in document["History"][1:]
    )


def _held(tenant: Json) -> dict[str, Held]:
    alive = (key for key, each in tenant["invoices"].items() if not each["deleted"])
    results = [tenant["results"]["invoice"].get(key, {}) for key in alive]
    waiting = [each for each in results if each.get("state") not in (None, "synced")]
    counts = Counter(each.get("reasonCode") or each["state"] for each in waiting)
    samples: dict[str, str] = {}
    for each in waiting:
        samples.setdefault(each.get("reasonCode") or each["state"], each.get("reason") or "")
    return {reason: Held(count=counts[reason], sample=samples[reason]) for reason in sorted(counts)}


def _objections(
    tenant: Json, organisation: Json, invoice: Json, documents: list[Json]
) -> Iterator[str]:
    """What is not as it must be with one invoice of Pipeline."""
    told = tenant["results"]["invoice"].get(invoice["id"], {})
    state = (told.get("state"), told.get("reasonCode"))
    alive = [each for each in documents if each["Status"] not in _DEAD]
    if invoice["deleted"]:
        if alive:
            yield f"deleted in Pipeline, but Xero shows {alive[0]['Status']}"
        elif documents and state[0] != "voided":
            yield f"deleted, but Pipeline is told {state[0]}"
    elif planted := tenant["planted"].get(invoice["id"]):
        if documents:
            yield f"planted as {planted}, but it stands in Xero"
        elif state != ("waiting", planted):
            yield f"planted as {planted}, but Pipeline is told {' '.join(filter(None, state))}"
    elif len(documents) != 1:
        reason = told.get("reason") or state[0] or "nothing"
        yield f"stands {len(documents)} times in Xero; Pipeline is told: {reason}"
    else:
        if state[0] != "synced" or told["syncedVersion"] != invoice["version"]:
            yield f"Pipeline is told {' '.join(filter(None, state))}: {told.get('reason') or ''}"
        yield from differences(tenant, organisation, invoice, documents[0])
        yield from money.differences(tenant, invoice, documents[0])


def differences(tenant: Json, organisation: Json, invoice: Json, document: Json) -> Iterator[str]:
    """Where an invoice and its document show different things, field by field."""
    ours = _of_pipeline(tenant, organisation, invoice)
    theirs = _of_xero(document, invoice)
    for name in ours:
        if ours[name] != theirs[name]:
            yield f"{name}: Pipeline shows {ours[name]}, Xero {theirs[name]}"
    if document["Status"] not in _STATUSES[invoice["status"]]:
        yield f"status: Pipeline shows {invoice['status']}, Xero {document['Status']}"
    ours_lines = [_line_of_pipeline(each, invoice, organisation) for each in invoice["lines"]]
    theirs_lines = [_line_of_xero(each) for each in document["LineItems"]]
    if len(ours_lines) != len(theirs_lines):
        yield f"lines: Pipeline shows {len(ours_lines)}, Xero {len(theirs_lines)}"
        return
    pairs = zip(ours_lines, beside(ours_lines, theirs_lines), strict=True)
    for at, (mine, other) in enumerate(pairs, start=1):
        for name in mine:
            if mine[name] != other[name]:
                yield f"line {at}, {name}: Pipeline shows {mine[name]}, Xero {other[name]}"


def beside(ours: Sequence[Json], theirs: Sequence[Json]) -> list[Json]:
    """As many lines of Xero's, beside those of the same content; what is left keeps its order."""
    left = list(theirs)
    found: list[Json | None] = []
    for mine in ours:
        same = mine if mine in left else None
        if same is not None:
            left.remove(same)
        found.append(same)
    rest = iter(left)
    return [next(rest) if each is None else each for each in found]


def _of_pipeline(tenant: Json, organisation: Json, invoice: Json) -> dict[str, Any]:
    fallback = date.fromisoformat(invoice["invoiceDate"]) + timedelta(days=DUE_DAYS)
    customer = tenant["customers"][invoice["customerId"]]
    told = tenant["results"]["customer"].get(customer["id"], {})
    return {
        "number": invoice["number"],
        "reference": invoice["reference"].strip(),
        "contact": customer["xeroContactId"] or told.get("xeroContactId"),
        "invoice date": invoice["invoiceDate"],
        "due date": invoice["dueDate"] or fallback.isoformat(),
        "currency": invoice["currencyCode"] or organisation["organisation"]["BaseCurrency"],
        "nett": Decimal(invoice["nett"]),
        "tax": Decimal(invoice["tax"]),
        "total": Decimal(invoice["total"]),
    }


def _of_xero(document: Json, invoice: Json) -> dict[str, Any]:
    reference = (document["Reference"] or "").strip()
    return {
        "number": document["InvoiceNumber"],
        # What Pipeline leaves empty is not asserted.
        "reference": reference if invoice["reference"].strip() else "",
        "contact": document["ContactID"],
        "invoice date": document["Date"],
        "due date": document["DueDate"],
        "currency": document["CurrencyCode"],
        "nett": Decimal(document["SubTotal"]),
        "tax": Decimal(document["TotalTax"]),
        "total": Decimal(document["Total"]),
    }


def _line_of_pipeline(line: Json, invoice: Json, organisation: Json) -> dict[str, Any]:
    account = line["accountCode"] or COST_CODES.get(line["costCode"] or "")
    chart = {each["Code"]: each["TaxType"] for each in organisation["accounts"]}
    rates = {Decimal(rate): name for rate, name in TAX_TYPES.items()}
    rate = None if line["taxRate"] is None else Decimal(line["taxRate"])
    by_rate = None if rate is None else rates.get(rate)
    untaxed = "NONE" if invoice["lineAmountTypes"] == "NoTax" else None
    return {
        "description": line["description"].strip(),
        "quantity": Decimal(line["quantity"]),
        "unit amount": Decimal(line["unitAmount"]),
        "discount": Decimal(line["discountPercent"] or 0),
        "account": account,
        "tax type": line["taxType"] or untaxed or by_rate or chart.get(account or ""),
    }


def _line_of_xero(line: Json) -> dict[str, Any]:
    return {
        "description": (line["Description"] or "").strip(),
        "quantity": Decimal(line["Quantity"]),
        "unit amount": Decimal(line["UnitAmount"]),
        "discount": Decimal(line["DiscountRate"] or 0),
        "account": line["AccountCode"],
        "tax type": line["TaxType"],
    }
