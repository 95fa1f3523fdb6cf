"""Both books added up again, from the dumps of both pretend worlds alone.

Shares nothing with the daemon, and reckons in whole cents: no float anywhere. `objections` lists
where a report's JSON says something else than the dumps, or does not explain its own difference.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
Place = tuple[str, str, str]
"""Dimension, key, currency."""

DEAD = ("VOIDED", "DELETED")
STATUS = {"Draft": "DRAFT", "Approved": "AUTHORISED", "Sent": "AUTHORISED"}
NAMES = ("nett", "tax", "total")
NOT_ON_LINES = "(not on lines)"


def cents(text: Any) -> int:
    """`-12.30` as -1230; refuses what has more than two decimals."""
    whole, _, rest = str(text).partition(".")
    if rest[2:].strip("0"):
        raise ValueError(f"expected at most two decimals, got {text!r}")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole or "0")) * 100 + int(rest[:2].ljust(2, "0")))


class Sums:
    """Cents by place and name, and documents by place."""

    def __init__(self) -> None:
        self.cents: Counter[tuple[Place, str]] = Counter()
        self.count: Counter[Place] = Counter()

    def add(self, place: Place, nett: int, tax: int, total: int) -> None:
        for name, value in zip(NAMES, (nett, tax, total), strict=True):
            self.cents[place, name] += value

    def of(self, place: Place) -> dict[str, int]:
        return {name: self.cents[place, name] for name in NAMES}


def of_pipeline(tenant: Json, base: str) -> Sums:
    """Pipeline's living invoices by currency, status, month and customer."""
    sums = Sums()
    for one in tenant["invoices"].values():
        if one["deleted"]:
            continue
        currency = one["currencyCode"] or base
        _add_header(
            sums,
            currency,
            [STATUS[one["status"]], one["invoiceDate"][:7], one["customerId"]],
            [cents(one[name]) for name in NAMES],
        )
    return sums


def of_xero(organisation: Json, tenant: Json) -> Sums:
    """Xero's living sales invoices by every dimension; a contact is the customer it stands for."""
    customer_of = {
        told["xeroContactId"]: key
        for key, told in tenant["results"]["customer"].items()
        if told.get("xeroContactId")
    }
    sums = Sums()
    for one in organisation["invoices"]:
        if one["Type"] != "ACCREC" or one["Status"] in DEAD:
            continue
        currency = one["CurrencyCode"]
        header = [cents(one[name]) for name in ("SubTotal", "TotalTax", "Total")]
        status = "AUTHORISED" if one["Status"] == "PAID" else one["Status"]
        customer = customer_of.get(one["ContactID"], one["ContactID"])
        _add_header(sums, currency, [status, one["Date"][:7], customer], header)
        _add_lines(sums, one, currency, header)
    return sums


def _add_header(sums: Sums, currency: str, keys: list[str], header: list[int]) -> None:
    for dimension, key in zip(
        ("currency", "status", "month", "customer"), [currency, *keys], strict=True
    ):
        sums.add((dimension, key, currency), *header)
        sums.count[dimension, key, currency] += 1


def _add_lines(sums: Sums, one: Json, currency: str, header: list[int]) -> None:
    left, touched = list(header), set[Place]()
    inside = one["LineAmountTypes"] == "Inclusive"
    for line in one["LineItems"]:
        amount, tax = cents(line["LineAmount"]), cents(line["TaxAmount"])
        parts = [amount - tax, tax, amount] if inside else [amount, tax, amount + tax]
        left = [before - part for before, part in zip(left, parts, strict=True)]
        for dimension, name in (("account", "AccountCode"), ("tax", "TaxType")):
            place = (dimension, line[name], currency)
            sums.add(place, *parts)
            touched.add(place)
    if any(left):
        for dimension in ("account", "tax"):
            place = (dimension, NOT_ON_LINES, currency)
            sums.add(place, *left)
            touched.add(place)
    for place in touched:
        sums.count[place] += 1


def objections(report: Json, tenant: Json, organisation: Json) -> list[str]:
    """Where the report is wrong, in words; nothing when it is right."""
    return [*_digest(report), *_sums(report, tenant, organisation), *_identity(report)]


def _digest(report: Json) -> Iterator[str]:
    rest = {name: value for name, value in report.items() if name != "digest"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    if found != report["digest"]:
        yield f"digest: expected {found}, the report says {report['digest']}"


def _sums(report: Json, tenant: Json, organisation: Json) -> Iterator[str]:
    base = organisation["organisation"]["BaseCurrency"]
    groups = {
        (one["dimension"], one["key"], one["currency"]): one
        for one in [*report["totals"], *report["groups"]]
    }
    for side, sums, dimensions in (
        ("pipeline", of_pipeline(tenant, base), ("currency", "status", "month", "customer")),
        ("xero", of_xero(organisation, tenant), ()),
    ):
        shown = {
            place: one[side]
            for place, one in groups.items()
            if (not dimensions or place[0] in dimensions) and one[side]["count"]
        }
        if set(shown) != set(sums.count):
            yield f"{side}: groups {sorted(set(shown) ^ set(sums.count))} are on one side only"
        for place, count in sums.count.items():
            found = shown.get(place, {})
            said = {name: cents(found.get(name, "0")) for name in NAMES}
            if said != sums.of(place) or found.get("count") != count:
                yield f"{side} {place}: expected {count} of {sums.of(place)}, got {found}"


def _identity(report: Json) -> Iterator[str]:
    """Σ Pipeline − Σ exceptions there = Σ Xero − Σ exceptions there, per currency."""
    for total in report["totals"]:
        own = [one for one in report["exceptions"] if one["currency"] == total["currency"]]
        for name in NAMES:
            left, right = (
                cents(total[side][name])
                - sum(cents(one[side][name]) for one in own if one[side] is not None)
                for side in ("pipeline", "xero")
            )
            if left != right:
                yield (
                    f"{total['currency']} {name}: without its exceptions Pipeline comes to "
                    f"{left} cents, Xero to {right}"
                )
    for group in [*report["totals"], *report["groups"]]:
        for name in NAMES:
            apart = cents(group["pipeline"][name]) - cents(group["xero"][name])
            rest = apart - cents(group["explained"][name])
            if apart != cents(group["difference"][name]) or rest != cents(
                group["unexplained"][name]
            ):
                yield f"{group['dimension']} {group['key']}: {name} does not add up"
            if rest and report["ties_out"]:
                yield f"{group['dimension']} {group['key']}: {rest} cents of {name} unexplained"
