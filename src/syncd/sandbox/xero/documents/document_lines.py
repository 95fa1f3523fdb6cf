"""Lines of invoices and credit notes: what was sent, checked and reckoned (facts §3.5, §3.7, §3.8).

Called by the rules of both documents. A line with a LineItemID updates that line, one without makes
a new one, and lines the array leaves out are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Account, Line

_LARGEST = Decimal("9999999999.99")
_LONGEST = 4000
_TOO_LARGE = Decimal(10**15)
_DEEPEST = 30
_MOST_TRACKING = 2
_GROUPS = {
    "ASSET": "Assets",
    "EQUITY": "Equity",
    "EXPENSE": "Expenses",
    "LIABILITY": "Liabilities",
    "REVENUE": "Revenue",
}


_EMPTY = Line(
    id="",
    description=None,
    quantity=None,
    unit_amount=None,
    line_amount=Decimal(0),
    tax_amount=Decimal(0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the document says about all its lines."""

    line_amount_types: str
    sells: bool
    authorises: bool
    places: int


def decimal_of(value: Any) -> Decimal | None:
    """A number somebody sent, as JSON number or text; None when there is none.

    Raises ValueError.
    """
    if value is None or value == "":
        return None
    try:
        number = Decimal("NaN" if isinstance(value, bool) else value)
    except (InvalidOperation, TypeError, ValueError) as wrong:
        raise ValueError(value) from wrong
    if not number.is_finite() or abs(number) >= _TOO_LARGE or abs(number.adjusted()) > _DEEPEST:
        raise ValueError(value)
    return number


def build(
    books: Books, sent: Sequence[Mapping[str, Any]], standing: Sequence[Line], terms: Terms
) -> tuple[list[Line], list[str]]:
    """The document's lines after a write, and what is wrong with them."""
    by_id = {each.id: each for each in standing}
    lines: list[Line] = []
    errors: list[str] = []
    for element in sent:
        identifier = str(element.get("LineItemID") or "").lower()
        base = by_id.get(identifier)
        is_stray = identifier not in {"", NO_ID} and base is None and bool(standing)
        if is_stray and books.switches.unknown_line_is_error:
            errors.append(f"The LineItemID {identifier} does not belong to this document")
        if base is not None and not books.switches.partial_lines_keep and len(element) > 1:
            base = replace(_EMPTY, id=base.id)
        try:
            lines.append(_line(books, element, base, terms, errors))
        except ValueError as wrong:
            errors.append(f"The value '{wrong}' is not a valid number")
    if terms.authorises and not lines:
        errors.append("One or more line items must be specified")
    return lines, errors


def rebuilt(books: Books, standing: Sequence[Line], terms: Terms) -> tuple[list[Line], list[str]]:
    """The standing lines under other terms, for example Inclusive after Exclusive."""
    return build(books, [{"LineItemID": each.id} for each in standing], standing, terms)


def _line(
    books: Books, sent: Mapping[str, Any], base: Line | None, terms: Terms, errors: list[str]
) -> Line:
    ties = books.switches.ties
    description = sent.get("Description", base.description if base else None)
    quantity, unit_amount = _amounts(sent, base, terms, ties)
    gross = arithmetic.line_amount(quantity, unit_amount)
    rate, discount = _discounts(sent, base, terms, gross, errors)
    amount = arithmetic.line_amount(
        quantity,
        unit_amount,
        discount_rate=rate,
        discount_amount=discount,
        ties="down" if (rate or discount) and books.switches.discounts_round == "down" else ties,
    )
    said = _said_amount(sent, amount, gross)
    if said is not None and said != amount:
        errors.append(f"The line total {said} does not match the expected line total {amount}")
    if quantity is not None and quantity < 0 and books.switches.negative_quantity_refused:
        errors.append(
            f"The quantity value '{quantity:.4f}' is invalid. Quantity must not be less than zero."
        )
    if not description:
        errors.append("The description field is mandatory for each line item.")
    elif len(str(description)) > _LONGEST:
        errors.append(f"The field Description is longer than {_LONGEST} characters")
    if abs(amount) > _LARGEST:
        errors.append(f"The line amount {amount} is larger than {_LARGEST}")
    account = _account(books, sent, base, errors)
    is_empty = quantity is None and unit_amount is None
    needs_account = terms.authorises and books.switches.account_to_authorise and not is_empty
    if needs_account and account is None and not errors:
        errors.append("Account code or ID must be specified")
    tax_type, fraction = _tax(books, sent, base, account, terms, errors=errors)
    tax = arithmetic.line_tax(amount, fraction, terms.line_amount_types, ties)
    own_tax = _own_tax(sent, base, tax, terms)
    return Line(
        id=base.id if base else books.mint.guid(),
        description=None if description is None else str(description),
        quantity=quantity,
        unit_amount=unit_amount,
        line_amount=amount,
        tax_amount=tax if own_tax is None else own_tax,
        tax_is_given=own_tax is not None,
        discount_rate=rate,
        discount_amount=discount,
        account_code=account.code if account else _named(sent),
        tax_type=tax_type,
        tracking=_tracking(books, sent, base, errors),
        item_code=_item_code(sent, base),
    )


def _said_amount(sent: Mapping[str, Any], amount: Decimal, gross: Decimal) -> Decimal | None:
    """The amount a line claims. One that is discounted to nothing is misread (facts §3.8)."""
    said = decimal_of(sent.get("LineAmount"))
    if said is None:
        return None
    return arithmetic.cents(said) - (gross if not amount else 0)


def _named(sent: Mapping[str, Any]) -> str | None:
    """The code of an account nobody knows, as it was sent."""
    return str(sent["AccountCode"]) if sent.get("AccountCode") else None


def _item_code(sent: Mapping[str, Any], base: Line | None) -> str | None:
    if "ItemCode" in sent:
        return str(sent["ItemCode"]) if sent["ItemCode"] else None
    return base.item_code if base else None


def _amounts(
    sent: Mapping[str, Any], base: Line | None, terms: Terms, ties: str
) -> tuple[Decimal | None, Decimal | None]:
    quantity = decimal_of(sent["Quantity"]) if "Quantity" in sent else None
    unit_amount = decimal_of(sent["UnitAmount"]) if "UnitAmount" in sent else None
    if unit_amount is not None:
        unit_amount = arithmetic.unit(unit_amount, terms.places, ties)
    if base is not None:
        quantity = base.quantity if "Quantity" not in sent else quantity
        unit_amount = base.unit_amount if "UnitAmount" not in sent else unit_amount
    if unit_amount is not None and quantity is None:
        quantity = Decimal(1)
    if quantity is not None:
        quantity = arithmetic.unit(quantity, 4, ties)
    return quantity, unit_amount


def _discounts(
    sent: Mapping[str, Any],
    base: Line | None,
    terms: Terms,
    gross: Decimal,
    errors: list[str],
) -> tuple[Decimal | None, Decimal | None]:
    rate = base.discount_rate if base else None
    amount = base.discount_amount if base else None
    if "DiscountRate" in sent:
        rate = decimal_of(sent["DiscountRate"]) or None
    if "DiscountAmount" in sent:
        amount = decimal_of(sent["DiscountAmount"]) or None
    if (rate or amount) and not terms.sells:
        errors.append("Discounts may not be applied to ACCPAY invoices.")
    given = decimal_of(sent.get("DiscountAmount"))
    wrong = rate if rate is not None and not 0 <= rate <= 100 else None  # noqa: PLR2004 - per cent
    if rate is None and given is not None and given > gross:
        wrong = given
    if wrong is not None:
        errors.append(
            f"The discount rate '{wrong}' is invalid. Discount must not be greater than the line "
            "total."
        )
    return rate, amount


def _account(
    books: Books, sent: Mapping[str, Any], base: Line | None, errors: list[str]
) -> Account | None:
    settings = books.settings
    identifier, code = sent.get("AccountID"), sent.get("AccountCode")
    if code is None and identifier is None:
        return settings.by_code.get(base.account_code) if base and base.account_code else None
    named = str(code if code is not None else identifier)
    if named == "":
        return None
    account = settings.by_code.get(named) if code is not None else None
    if code is None:
        account = settings.by_account_id.get(named.lower())
    if base is not None and account is not None and account.code == base.account_code:
        return account
    if account is None or account.system or account.type == "BANK":
        errors.append(f"Account code '{named}' is not a valid code for this document.")
    elif account.status != "ACTIVE":
        errors.append(
            f"Account code '{named}' has been archived, or has been deleted. Each line item must "
            "reference a valid account."
        )
    return account


def _tax(
    books: Books,
    sent: Mapping[str, Any],
    base: Line | None,
    account: Account | None,
    terms: Terms,
    *,
    errors: list[str],
) -> tuple[str | None, Decimal]:
    if terms.line_amount_types == "NoTax":
        return "NONE", Decimal(0)
    named = sent.get("TaxType") or None
    if named is None and base is not None and "AccountCode" not in sent:
        named = base.tax_type
    if named is None:
        named = account.tax_type if account else (base.tax_type if base else None)
    if named is None:
        return None, Decimal(0)
    rate = books.settings.tax_rates.get(str(named))
    if rate is None or rate.status != "ACTIVE":
        errors += _unknown_tax(books, str(named), account)
        return str(named), Decimal(0)
    if account is not None and _GROUPS[account.account_class] not in rate.applies_to:
        errors.append(
            f"The TaxType code '{named}' cannot be used with account code '{account.code}'."
        )
    return str(named), rate.rate


def _unknown_tax(books: Books, named: str, account: Account | None) -> list[str]:
    """What is said of a TaxType the organisation does not have, or no more (facts §3.10)."""
    if books.switches.unknown_tax_is_not_valid:
        return [f"The TaxType code '{named}' is not valid"]
    texts = [
        f"The TaxType code {named} does not exist or cannot be used for this type of transaction."
    ]
    if account is not None:
        texts.append(
            f"The TaxType code '{named}' cannot be used with account code '{account.code}'."
        )
    return texts


def _own_tax(
    sent: Mapping[str, Any], base: Line | None, reckoned: Decimal, terms: Terms
) -> Decimal | None:
    """A tax amount somebody gave by hand, where it differs from what Xero reckons."""
    if terms.line_amount_types == "NoTax":
        return None
    said = decimal_of(sent.get("TaxAmount"))
    if said is None:
        touched = {"Quantity", "UnitAmount", "TaxType", "AccountCode", "DiscountRate"} & set(sent)
        kept = base is not None and base.tax_is_given and not touched
        return base.tax_amount if base is not None and kept else None
    said = arithmetic.cents(said)
    return None if said == reckoned else said


def _tracking(
    books: Books, sent: Mapping[str, Any], base: Line | None, errors: list[str]
) -> tuple[tuple[str, str], ...]:
    if "Tracking" not in sent:
        return base.tracking if base else ()
    entries = sent["Tracking"] or ()
    if len(entries) > _MOST_TRACKING:
        errors.append(f"A line can have at most {_MOST_TRACKING} tracking categories")
    pairs = []
    for entry in entries:
        pair = _option(books, entry)
        if pair is None and books.switches.drops_unknown_tracking:
            continue
        if pair is None:
            errors.append(
                f"The tracking option '{entry.get('Option', entry.get('TrackingOptionID'))}' "
                f"of '{entry.get('Name', entry.get('TrackingCategoryID'))}' does not exist"
            )
        else:
            pairs.append(pair)
    return tuple(pairs)


def _option(books: Books, entry: Mapping[str, Any]) -> tuple[str, str] | None:
    for category in books.settings.tracking:
        if category.id != entry.get("TrackingCategoryID") and category.name != entry.get("Name"):
            continue
        for option, name in category.options:
            if option in category.archived:
                continue
            if option == entry.get("TrackingOptionID") or name == entry.get("Option"):
                return category.id, option
    return None
