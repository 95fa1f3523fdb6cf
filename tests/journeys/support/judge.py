"""The judge: reads both emulators' books and says whether every invoice stands where it must.

A script of its own: it imports nothing of syncd, reckons with its own arithmetic, and can be given
the dumps of any run (`GET /_sandbox/dump` of both worlds, as files or addresses):

    python tests/journeys/support/judge.py --pipeline URL_OR_FILE --xero URL_OR_FILE
        [--cost-codes JSON] [--tax-types JSON] [--due-days 20] [--least-synced 0.95]

Tenants and organisations are paired in their order. Exit code 0 when all is well, else 1.

| it asks of                       | that                                                          |
|----------------------------------|---------------------------------------------------------------|
| an invoice neither planted       | one document carries its mark, one its number, the same one;  |
| nor deleted                      | equal in every compared field to the cent; told `synced`      |
| an invoice deleted               | no document with its mark is alive; told `voided`             |
| an invoice planted as unsendable | no document carries its mark; told the planted reason         |
| documents of other people        | the app never touched them                                    |
| documents of the app             | they carry the mark of an invoice that exists                 |
| contacts                         | no two carry one customer's id                                |
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

Json = Mapping[str, Any]

DEAD = {"VOIDED", "DELETED"}
APP = "app"
CENT = Decimal("0.01")
STATUS = {
    "Draft": {"DRAFT", "SUBMITTED", "AUTHORISED", "PAID"},
    "Approved": {"AUTHORISED", "PAID"},
    "Sent": {"AUTHORISED", "PAID"},
}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the tenants were told to do; the defaults are those of the seeded books."""

    cost_codes: Mapping[str, str] = field(
        default_factory=lambda: {"LAB": "210", "MAT": "220", "CALL": "200", "EXP": "230"}
    )
    tax_types: Mapping[str, str] = field(
        default_factory=lambda: {"0.15": "OUTPUT2", "0": "ZERORATED"}
    )
    due_days: int = 20
    least_synced: Decimal = Decimal("0.95")


@dataclass(slots=True)
class Verdict:
    """What was found; good when nothing is wrong."""

    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        return not self.problems

    def report(self) -> str:
        counted = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        held = ", ".join(f"{name} {count}" for name, count in sorted(self.reasons.items()))
        head = [f"counted: {counted or 'nothing'}", f"held: {held or 'nothing'}"]
        return "\n".join([*head, *(f"WRONG: {each}" for each in self.problems)])


def judge(pipeline: Json, xero: Json, settings: Settings | None = None) -> Verdict:
    """Compare both dumps, tenant by tenant."""
    verdict = Verdict()
    organisations = xero["organisations"]
    tenants = pipeline["tenants"]
    if len(tenants) > len(organisations):
        verdict.problems.append(f"{len(tenants)} tenants but {len(organisations)} organisations")
    for name, organisation in zip(tenants, organisations, strict=False):
        _Court(name, tenants[name], organisation, settings or Settings(), verdict).sit()
    _share_synced(verdict, (settings or Settings()).least_synced)
    return verdict


def _share_synced(verdict: Verdict, least: Decimal) -> None:
    alive = verdict.counts["synced"] + verdict.counts["held"] + verdict.counts["not synced"]
    if alive and Decimal(verdict.counts["synced"]) / alive < least:
        verdict.problems.append(f"only {verdict.counts['synced']} of {alive} invoices are synced")


def mark_of(document: Json) -> str | None:
    """The Pipeline invoice a document in Xero says it is, by its Url; None without a mark."""
    parts = urlsplit(document["Url"] or "")
    found = _UUID.findall(parts.path.lower())
    return found[-1] if found and parse_qs(parts.query).get("syncd") else None


class _Court:
    """One tenant's case."""

    def __init__(
        self, name: str, tenant: Json, organisation: Json, settings: Settings, verdict: Verdict
    ) -> None:
        self.name = name
        self.tenant = tenant
        self.organisation = organisation
        self.settings = settings
        self.verdict = verdict
        self.results = tenant["results"]["invoice"]
        self.contacts = {each["ContactID"]: each for each in organisation["contacts"]}
        self.accounts = {each["Code"]: each for each in organisation["accounts"]}
        self.rates = {each["TaxType"]: Decimal(each["Rate"]) for each in organisation["tax_rates"]}
        self.tracking = {
            (each["TrackingCategoryID"], option): (each["Name"], name)
            for each in organisation["tracking"]
            for option, name in each["Options"]
        }
        self.by_mark: dict[str, list[Json]] = defaultdict(list)
        self.by_number: dict[str, list[Json]] = defaultdict(list)
        for document in organisation["invoices"]:
            if (mark := mark_of(document)) is not None:
                self.by_mark[mark].append(document)
            if document["Type"] == "ACCREC" and document["Status"] not in DEAD:
                self.by_number[document["InvoiceNumber"]].append(document)

    def sit(self) -> None:
        for identity, invoice in self.tenant["invoices"].items():
            if identity in self.tenant["planted"] and not invoice["deleted"]:
                self._planted(identity, invoice)
            elif invoice["deleted"]:
                self._deleted(identity, invoice)
            else:
                self._alive(identity, invoice)
        self._documents()
        self._contacts()

    def _wrong(self, invoice: Json, text: str) -> None:
        self.verdict.problems.append(f"{self.name} {invoice['number']} ({invoice['id']}): {text}")

    # --- invoices

    def _planted(self, identity: str, invoice: Json) -> None:
        reason = self.tenant["planted"][identity]
        told = self.results.get(identity, {})
        wanted = ("waiting", reason)
        self.verdict.counts["held"] += 1
        self.verdict.reasons[str(told.get("reasonCode"))] += 1
        if (told.get("state"), told.get("reasonCode")) != wanted:
            self._wrong(invoice, f"planted as {wanted}, told as {_told(told)}")
        if not told.get("reason"):
            self._wrong(invoice, "held without a reason in words")
        for document in self.by_mark[identity]:
            self._wrong(invoice, f"planted as {reason}, but stands as {_name(document)}")

    def _deleted(self, identity: str, invoice: Json) -> None:
        self.verdict.counts["deleted"] += 1
        told = self.results.get(identity)
        for document in self.by_mark[identity]:
            if document["Status"] not in DEAD:
                self._wrong(invoice, f"deleted, but {_name(document)} is alive")
        if told is None and self.by_mark[identity]:
            self._wrong(invoice, "deleted, and Pipeline was told nothing")
        if told is not None and told["state"] != "voided":
            self._wrong(invoice, f"deleted, told as {_told(told)}")

    def _alive(self, identity: str, invoice: Json) -> None:
        before = len(self.verdict.problems)
        marked, numbered = self.by_mark[identity], self.by_number[invoice["number"]]
        if len(marked) != 1:
            names = [_name(each) for each in marked]
            self._wrong(invoice, f"{len(marked)} documents carry its mark: {names}")
        if len(numbered) != 1:
            names = [_name(each) for each in numbered]
            self._wrong(invoice, f"{len(numbered)} documents alive carry its number: {names}")
        if len(marked) == 1:
            for difference in self._differences(invoice, marked[0]):
                self._wrong(invoice, difference)
            for lie in self._lies(invoice, marked[0]):
                self._wrong(invoice, lie)
        elif identity in self.results:
            self._wrong(invoice, f"told as {_told(self.results[identity])}")
        good = len(self.verdict.problems) == before
        self.verdict.counts["synced" if good else "not synced"] += 1

    def _differences(self, invoice: Json, document: Json) -> Iterator[str]:
        due_on = invoice["dueDate"] or (
            date.fromisoformat(invoice["invoiceDate"]) + timedelta(days=self.settings.due_days)
        )
        base = self.organisation["organisation"]["BaseCurrency"]
        wanted = {
            "InvoiceNumber": invoice["number"],
            "Type": "ACCREC",
            "Date": invoice["invoiceDate"],
            "DueDate": str(due_on),
            "CurrencyCode": invoice["currencyCode"] or base,
            "LineAmountTypes": invoice["lineAmountTypes"],
        }
        if invoice["reference"].strip():
            wanted["Reference"] = invoice["reference"].strip()
        for name, value in wanted.items():
            if document[name] != value:
                yield f"{name}: expected {value!r}, Xero shows {document[name]!r}"
        for ours, theirs in (("nett", "SubTotal"), ("tax", "TotalTax"), ("total", "Total")):
            if Decimal(invoice[ours]) != Decimal(document[theirs]):
                yield f"{theirs}: expected {invoice[ours]}, Xero shows {document[theirs]}"
        if document["Status"] not in STATUS[invoice["status"]]:
            yield f"Status: Pipeline says {invoice['status']}, Xero {document['Status']}"
        if invoice["status"] == "Sent" and not document["SentToContact"]:
            yield "SentToContact: expected true"
        if document["History"][0]["who"] != APP:
            yield f"made by {document['History'][0]['who']}, where the app was expected"
        yield from self._contact_differences(invoice, document)
        yield from self._line_differences(invoice, document)

    def _contact_differences(self, invoice: Json, document: Json) -> Iterator[str]:
        contact = self.contacts[document["ContactID"]]
        customer = self.tenant["customers"][invoice["customerId"]]
        if customer["xeroContactId"] == contact["ContactID"]:
            return
        if contact["ContactNumber"] != invoice["customerId"]:
            yield (
                f"Contact: expected that of customer {invoice['customerId']}, Xero shows "
                f"{contact['Name']} with ContactNumber {contact['ContactNumber']}"
            )

    def _line_differences(self, invoice: Json, document: Json) -> Iterator[str]:
        ours, theirs = invoice["lines"], document["LineItems"]
        if len(ours) != len(theirs):
            yield f"lines: expected {len(ours)}, Xero shows {len(theirs)}"
            return
        reckoned = [self._reckoned(line, invoice["lineAmountTypes"]) for line in ours]
        wanted = [
            self._line_of_pipeline(line, invoice) | due
            for line, due in zip(ours, reckoned, strict=True)
        ]
        shown = _beside(wanted, [self._line_of_xero(each) for each in theirs])
        for place, (line, seen) in enumerate(zip(wanted, shown, strict=True)):
            for name, value in line.items():
                if seen[name] != value:
                    yield f"line {place}: {name}: expected {value!r}, Xero shows {seen[name]!r}"
        amount = sum((each["LineAmount"] for each in reckoned), Decimal(0))
        tax = sum((each["TaxAmount"] for each in reckoned), Decimal(0))
        total = amount if invoice["lineAmountTypes"] == "Inclusive" else amount + tax
        if total != Decimal(document["Total"]):
            yield f"Total: its lines come to {total}, Xero shows {document['Total']}"

    def _line_of_pipeline(self, line: Json, invoice: Json) -> dict[str, Any]:
        return {
            "Description": line["description"].strip(),
            "Quantity": Decimal(line["quantity"]),
            "UnitAmount": Decimal(line["unitAmount"]),
            "DiscountRate": Decimal(line["discountPercent"] or 0),
            "AccountCode": self._account(line),
            "TaxType": self._tax_type(line, invoice["lineAmountTypes"]),
            "Tracking": sorted((each["name"], each["option"]) for each in line["tracking"]),
        }

    def _line_of_xero(self, line: Json) -> dict[str, Any]:
        amounts = ("Quantity", "UnitAmount", "DiscountRate", "LineAmount", "TaxAmount")
        return {
            "Description": (line["Description"] or "").strip(),
            "AccountCode": line["AccountCode"],
            "TaxType": line["TaxType"],
            "Tracking": sorted(self.tracking[name, option] for name, option in line["Tracking"]),
            **{name: Decimal(line[name] or 0) for name in amounts},
        }

    def _account(self, line: Json) -> str | None:
        return line["accountCode"] or self.settings.cost_codes.get(line["costCode"] or "")

    def _tax_type(self, line: Json, kind: str) -> str | None:
        if line["taxType"] or kind == "NoTax":
            return str(line["taxType"] or "NONE")
        for rate, tax_type in self.settings.tax_types.items():
            if line["taxRate"] is not None and Decimal(rate) == Decimal(line["taxRate"]):
                return tax_type
        account = self.accounts.get(self._account(line) or "")
        return account["TaxType"] if account else None

    def _reckoned(self, line: Json, kind: str) -> dict[str, Decimal]:
        """Amount and tax of a line by Xero's rule: rounded on the line, half away from zero."""
        full = Decimal(line["quantity"]) * Decimal(line["unitAmount"])
        amount = _cents(full * (100 - Decimal(line["discountPercent"] or 0)) / 100)
        rate = self.rates.get(self._tax_type(line, kind) or "", Decimal(0))
        if kind == "NoTax":
            rate = Decimal(0)
        inside = kind == "Inclusive"
        tax = _cents(amount * rate / (1 + rate) if inside else amount * rate)
        return {"LineAmount": amount, "TaxAmount": tax}

    def _lies(self, invoice: Json, document: Json) -> Iterator[str]:
        """Where Pipeline was told something else than what is."""
        told = self.results.get(invoice["id"])
        if told is None:
            yield "stands in Xero, but Pipeline was told nothing"
            return
        wanted = {
            "state": "synced",
            "reasonCode": None,
            "xeroInvoiceId": document["InvoiceID"],
            "xeroInvoiceNumber": document["InvoiceNumber"],
            "xeroStatus": document["Status"],
            "syncedVersion": invoice["version"],
        }
        for name, value in wanted.items():
            if told.get(name) != value:
                yield f"told {name} = {told.get(name)!r} ({_told(told)}), where {value!r} is true"

    # --- the rest of the books

    def _documents(self) -> None:
        for document in self.organisation["invoices"]:
            mark = mark_of(document)
            by_app = [each["what"] for each in document["History"] if each["who"] == APP]
            if mark is None and by_app:
                self._say(f"stranger {_name(document)} was touched by the app: {by_app}")
            if mark is not None and mark not in self.tenant["invoices"]:
                self._say(f"{_name(document)} carries the mark of no invoice: {mark}")
        for mark, documents in self.by_mark.items():
            if len(documents) > 1:
                names = [_name(each) for each in documents]
                self._say(f"mark {mark} stands {len(documents)} times: {names}")

    def _contacts(self) -> None:
        owners = Counter(
            each["ContactNumber"]
            for each in self.contacts.values()
            if each["ContactNumber"] and not each["MergedToContactID"]
        )
        self.verdict.counts["customers"] += len(self.tenant["customers"])
        for number, count in owners.items():
            if count > 1:
                self._say(f"{count} contacts carry ContactNumber {number}")
        for contact in self.contacts.values():
            strange = contact["History"][0]["who"] != APP if contact["History"] else True
            moved = {
                name
                for each in contact["History"]
                if each["who"] == APP
                for name, *_ in each["fields"]
            }
            if strange and moved - {"ContactNumber", "UpdatedMs"}:
                self._say(f"contact {contact['Name']} of somebody else was changed: {moved}")
        self._customers(owners)

    def _customers(self, owners: Counter[str]) -> None:
        told = self.tenant["results"]["customer"]
        for identity, customer in self.tenant["customers"].items():
            result = told.get(identity, {})
            if customer["deleted"] or result.get("state") == "waiting":
                continue
            linked = self.contacts.get(result.get("xeroContactId") or "")
            if result.get("state") != "synced" or linked is None:
                self._say(f"customer {customer['ref']} is told as {_told(result)}")
            elif not customer["xeroContactId"] and owners[identity] != 1:
                self._say(f"customer {customer['ref']} has {owners[identity]} contacts in Xero")

    def _say(self, text: str) -> None:
        self.verdict.problems.append(f"{self.name}: {text}")


def _beside(ours: Sequence[Json], theirs: Sequence[Json]) -> list[Json]:
    """As many lines of Xero's, each beside ours of the same content: their order is Xero's own."""
    left = list(theirs)
    found: list[Json | None] = []
    for mine in ours:
        same = next((one for one in left if all(one[k] == v for k, v in mine.items())), None)
        if same is not None:
            left.remove(same)
        found.append(same)
    rest = iter(left)
    return [next(rest) if each is None else each for each in found]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def _name(document: Json) -> str:
    return f"{document['InvoiceNumber']} {document['Status']} {document['InvoiceID']}"


def _told(result: Json) -> str:
    shown = (result.get("state"), result.get("reasonCode"), result.get("reason"))
    return " / ".join(str(each) for each in shown if each) or "nothing"


def read(source: str) -> Any:
    """A dump from a file or an address."""
    if source.startswith("http"):
        with urlopen(source, timeout=60) as answer:  # noqa: S310 - the sandbox a person names
            return json.load(answer)
    return json.loads(Path(source).read_text("utf-8"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the dumps named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pipeline", required=True, help="dump of the pretend Pipeline")
    parser.add_argument("--xero", required=True, help="dump of the pretend Xero")
    parser.add_argument("--cost-codes", type=json.loads, help='{"LAB": "210", …}')
    parser.add_argument("--tax-types", type=json.loads, help='{"0.15": "OUTPUT2", …}')
    parser.add_argument("--due-days", type=int)
    parser.add_argument("--least-synced", type=Decimal)
    given = {
        name: value
        for name, value in vars(parser.parse_args(arguments)).items()
        if value is not None
    }
    verdict = judge(read(given.pop("pipeline")), read(given.pop("xero")), Settings(**given))
    sys.stdout.write(verdict.report() + "\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
