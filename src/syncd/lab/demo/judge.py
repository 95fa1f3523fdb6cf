"""The demo's judge: counts what stands where in both books, and names what is not as it must be.

Called by `lab.demo.story` at the end of a scripted day, with both dumps. What an invoice and its
document show, and their money, is compared by the simulation's judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from syncd.lab.judges import money_told
from syncd.lab.watch.comparing import disagreements
from syncd.lab.watch.scene import DEAD, Json, Scene
from syncd.sandbox.xero.ledger.model import APP

_STANDS = "AUTHORISED"
"""The status of a payment that was not taken back."""


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
    scene = Scene(pipeline=tenant, organisation=organisation, jobs={})
    customers = tenant["results"]["customer"].values()
    verdict = Verdict(
        customers=sum(not each["deleted"] for each in tenant["customers"].values()),
        contacts=sum(each["state"] == "synced" for each in customers),
        invoices=sum(not each["deleted"] for each in tenant["invoices"].values()),
    )
    ours = [document for _, _, documents in scene.invoices for document in documents]
    verdict.created = len(ours)
    verdict.edited = sum(_is_edited(each) for each in ours)
    verdict.voided = sum(each["Status"] in DEAD for each in ours)
    for document in ours:
        for payment in (each for each in document["Payments"] if each["Status"] == _STANDS):
            verdict.payments += 1
            currency = document["CurrencyCode"]
            paid = verdict.paid.get(currency, Decimal(0))
            verdict.paid[currency] = paid + Decimal(payment["Amount"])
    for identity, invoice, documents in scene.invoices:
        found = [*_objections(scene, invoice, documents)]
        verdict.wrong += [f"{invoice['number']}: {each}" for each in found]
        is_planted = identity in tenant["planted"]
        verdict.equal += not (found or is_planted or invoice["deleted"])
    verdict.held = _held(tenant)
    return verdict


def written_in(organisation: Json) -> list[str]:
    """What the app has written in an organisation that it was only to observe."""
    name = organisation["organisation"]["Name"]
    return [
        f"{each.get('InvoiceNumber') or each.get('Name')}: written in {name}, where nothing may be"
        for kind in ("invoices", "contacts")
        for each in organisation[kind]
        if any(entry["who"] == APP for entry in each["History"])
    ]


def _is_edited(document: Json) -> bool:
    """Whether the app changed the document after creating it, other than ending it."""
    return any(
        each["who"] == APP and each["what"].upper() not in DEAD for each in document["History"][1:]
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


def _objections(scene: Scene, invoice: Json, documents: list[Json]) -> Iterator[str]:
    """What is not as it must be with one invoice of Pipeline."""
    tenant = scene.pipeline
    told = tenant["results"]["invoice"].get(invoice["id"], {})
    state = (told.get("state"), told.get("reasonCode"))
    alive = [each for each in documents if each["Status"] not in DEAD]
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
        for name, ours, theirs in disagreements(scene, invoice, documents[0]):
            yield f"{name}: Pipeline shows {ours}, Xero {theirs}"
        yield from money_told.of_document(scene, invoice["id"], documents[0])
