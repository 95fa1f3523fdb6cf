"""Reasons of content and settings, read from the books: what Xero would not take of an invoice.

Called by `at_rest` for every hold of such a reason, and by `comparing` for what a line means. With
the judges' own eyes: the chart, rates, currencies, tracking and lock dates are the organisation's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from syncd.lab.watch.scene import Json, Scene
from syncd.sandbox.seed import COST_CODES, TAX_TYPES_OF
from syncd.sandbox.xero.ledger import arithmetic

NO_TAX = "NONE"
HALF_CENT = Decimal("0.005")
_LONGEST_TEXT = 255
_LONGEST_DESCRIPTION = 4000
_MOST_LINES = 500
_MOST_TRACKING = 2
_LARGEST = Decimal("9999999999.99")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")


def account_of(line: Json) -> str | None:
    """The account a line goes to; None where nothing leads to one."""
    return line["accountCode"] or COST_CODES.get(line["costCode"] or "")


def tax_of(scene: Scene, invoice: Json, line: Json) -> str | None:
    """The tax type a line is written with; None where nothing leads to one."""
    rates = {Decimal(rate): name for rate, name in _tax_types(scene).items()}
    if line["taxType"] or invoice["lineAmountTypes"] == "NoTax":
        return line["taxType"] or NO_TAX
    if line["taxRate"] is not None and Decimal(line["taxRate"]) in rates:
        return rates[Decimal(line["taxRate"])]
    account = _accounts(scene).get(account_of(line) or "")
    return None if account is None else account["TaxType"]


def tracking_of(scene: Scene, pairs: Any) -> list[tuple[str, str]]:
    """Categories and options of a line in Xero by their names."""
    found = []
    for category, option in pairs:
        own = next(each for each in scene.organisation["tracking"] if _id_of(each) == category)
        found.append((own["Name"], dict(own["Options"])[option]))
    return sorted(found)


def _id_of(category: Json) -> str:
    return str(category["TrackingCategoryID"])


def ties_of(scene: Scene, invoice: Json) -> int:
    """How many lines have an amount, or a tax, that lies exactly between two cents."""
    return sum(
        any(abs(exact % arithmetic.CENT) == HALF_CENT for exact in _exact(scene, invoice, line))
        for line in invoice["lines"]
    )


def _exact(scene: Scene, invoice: Json, line: Json) -> Iterator[Decimal]:
    """Amount and tax of a line before they are rounded; the tax of either rounding."""
    off = Decimal(100) - Decimal(line["discountPercent"] or 0)
    amount = Decimal(line["quantity"]) * Decimal(line["unitAmount"]) * off / 100
    yield amount
    rate = _rate(scene, invoice, line) or Decimal(0)
    for ties in ("away", "even"):
        cents = arithmetic.cents(amount, ties)
        is_within = invoice["lineAmountTypes"] == "Inclusive"
        yield cents * rate / (1 + rate) if is_within else cents * rate


# --- reasons of invoices: empty while they stand


def accounts_mapped(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Of `account_unmapped`."""
    usable = {code for code, each in _accounts(scene).items() if _is_usable(each)}
    all_there = all(account_of(line) in usable for line in invoice["lines"])
    return "every line has an account Xero takes" if all_there else ""


def taxes_mapped(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Of `tax_unmapped`."""
    usable = _usable_rates(scene)
    all_there = all(tax_of(scene, invoice, line) in usable for line in invoice["lines"])
    return "every line has a tax type Xero takes" if all_there else ""


def currency_there(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Of `currency_unavailable`."""
    code = invoice["currencyCode"]
    is_there = not code or code in scene.organisation["currencies"]
    return f"the organisation has {code or 'its own currency'}" if is_there else ""


def period_open(scene: Scene, _: str, invoice: Json, document: Json | None) -> str:
    """Of `locked_period`."""
    own = scene.organisation["organisation"]
    locks = [own[name] for name in ("PeriodLockDate", "EndOfYearLockDate") if own[name]]
    dates = [invoice["invoiceDate"], *([document["Date"]] if document is not None else [])]
    is_locked = any(day <= lock for day in dates for lock in locks)
    return "" if is_locked else "its period is open"


def totals_right(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Of `totals_mismatch`."""
    shown = tuple(Decimal(invoice[name]) for name in ("nett", "tax", "total"))
    return "its lines add up to its totals" if shown == _reckoned(scene, invoice) else ""


def document_valid(_: Scene, __: str, invoice: Json, ___: Json | None) -> str:
    """Of `invalid_document`."""
    return "" if any(_faults(invoice)) else "Xero would take it"


def nothing_refused(scene: Scene, _: str, invoice: Json, __: Json | None) -> str:
    """Of `refused`: tracking nobody has in Xero, or a quantity or a total below zero."""
    known = {
        (each["Name"], name)
        for each in scene.organisation["tracking"]
        for _, name in each["Options"]
    }
    named = (pair for line in invoice["lines"] for pair in line["tracking"])
    unknown = any((pair["name"], pair["option"]) not in known for pair in named)
    is_negative = Decimal(invoice["total"]) < 0 or any(
        Decimal(line["quantity"]) < 0 for line in invoice["lines"]
    )
    return "" if unknown or is_negative else "Xero has its tracking"


# --- the configuration


def mapping_usable(scene: Scene) -> bool:
    """Whether the organisation takes every account and tax type the configuration names."""
    accounts = {code for code, each in _accounts(scene).items() if _is_usable(each)}
    return {*COST_CODES.values()} <= accounts and {*_tax_types(scene).values()} <= _usable_rates(
        scene
    )


# --- reasons of customers


def nothing_refused_of(_: Scene, customer: Json) -> str:
    """Of `refused`: a mail address that is none."""
    mail = (customer["email"] or "").strip()
    return "" if mail and not _EMAIL.fullmatch(mail) else "Xero would take it"


def _tax_types(scene: Scene) -> Mapping[str, str]:
    """The tax types of the organisation's country, as the configuration maps its rates to them."""
    return TAX_TYPES_OF[scene.organisation["organisation"]["CountryCode"]]


def _accounts(scene: Scene) -> dict[str, Json]:
    return {each["Code"]: each for each in scene.organisation["accounts"]}


def _usable_rates(scene: Scene) -> set[str]:
    return {
        each["TaxType"]
        for each in scene.organisation["tax_rates"]
        if each["Status"] == "ACTIVE" and "Revenue" in each["AppliesTo"]
    }


def _is_usable(account: Json) -> bool:
    is_plain = not account["SystemAccount"] and account["Type"] != "BANK"
    return account["Status"] == "ACTIVE" and is_plain


def _rate(scene: Scene, invoice: Json, line: Json) -> Decimal | None:
    named = tax_of(scene, invoice, line)
    rates = {each["TaxType"]: Decimal(each["Rate"]) for each in scene.organisation["tax_rates"]}
    return Decimal(0) if invoice["lineAmountTypes"] == "NoTax" else rates.get(named or "")


def _reckoned(scene: Scene, invoice: Json) -> tuple[Decimal, ...] | None:
    """What Xero would show; None while a line has no rate."""
    pairs = []
    for line in invoice["lines"]:
        rate = _rate(scene, invoice, line)
        if rate is None:
            return None
        amount = arithmetic.line_amount(
            Decimal(line["quantity"]),
            Decimal(line["unitAmount"]),
            discount_rate=Decimal(line["discountPercent"] or 0),
        )
        pairs.append((amount, arithmetic.line_tax(amount, rate, invoice["lineAmountTypes"])))
    sums = arithmetic.totals(pairs, invoice["lineAmountTypes"])
    return sums.sub_total, sums.total_tax, sums.total


def _faults(invoice: Json) -> Iterator[bool]:
    """Everything about the document itself that Xero does not take."""
    lines = invoice["lines"]
    yield len(lines) > _MOST_LINES or (not lines and invoice["status"] != "Draft")
    for text in (invoice["number"].strip(), (invoice["reference"] or "").strip()):
        yield len(text) > _LONGEST_TEXT or bool(_UNSEEN.search(text))
    yield not invoice["number"].strip()
    for line in lines:
        text = line["description"]
        yield not 1 <= len(text.strip()) <= _LONGEST_DESCRIPTION or bool(_UNSEEN.search(text))
        yield len(line["tracking"]) > _MOST_TRACKING
        yield not 0 <= Decimal(line["discountPercent"] or 0) <= 100  # noqa: PLR2004 - per cent
        yield abs(Decimal(line["quantity"]) * Decimal(line["unitAmount"])) > _LARGEST
