"""The bookkeeper on documents, contacts and settings: edit, approve, void, merge, archive, lock.

Called by `commands`. Edits of documents pass the same rules as the API's, as they do in Xero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from syncd.sandbox.xero.documents import contacts, invoices_write
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.ledger import org_dates
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Contact, Invoice
from syncd.sandbox.xero.ledger.names import INVOICE, written

_COUNTER_SALE = {
    "Description": "Counter sale",
    "Quantity": 1,
    "UnitAmount": 100,
    "AccountCode": "200",
}
_ROLES = ("adviser", "standard", "invoice_only", "read_only", "none")


def invoice_of(books: Books, command: Mapping[str, Any]) -> Invoice:
    """The invoice a command names by id or number; a live one before a dead one."""
    key = str(command.get("invoice", ""))
    if key.lower() in books.invoices.by_id:
        return books.invoices.by_id[key.lower()]
    same = [books.invoices.by_id[each] for each in books.invoice_ids(key)]
    if not same:
        raise ValueError(f"`invoice`: there is no invoice {key!r}")
    return min(same, key=lambda each: each.status in {"VOIDED", "DELETED"})


def contact_of(books: Books, key: Any) -> Contact:
    """The contact of that id, number or name; an active one before an archived one."""
    found = contacts.find(books, str(key)) or contacts.active_named(books, str(key))
    if found is None:
        same = books.contact_ids(str(key))
        if not same:
            raise ValueError(f"`contact`: there is no contact {key!r}")
        found = books.contacts.by_id[same[0]]
    return found


def said(command: Mapping[str, Any]) -> dict[str, Any]:
    """The fields a command gives by Xero's names: in `set`, or beside `do`."""
    plain = {name: value for name, value in command.items() if name[:1].isupper()}
    return {**plain, **command.get("set", {})}


def carried_out(checked: Checked) -> dict[str, Any]:
    """Save what was found good. Raises ValueError with Xero's sentences otherwise."""
    if checked.errors:
        raise ValueError("; ".join(checked.errors))
    return checked.save()


def shown(invoice: Invoice) -> dict[str, Any]:
    """The invoice as it stands."""
    return {**written(INVOICE, invoice), "AmountDue": f"{invoice.amount_due:f}"}


def edit(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Change fields (`set`, Xero's names) and lines (`lines`: by place, `set` or `remove`)."""
    invoice = invoice_of(books, command)
    sent = said(command)
    if "lines" in command:
        sent["LineItems"] = _lines(invoice, command["lines"])
    carried_out(invoices_write.check(books, author, sent, invoice))
    return shown(invoice)


def _lines(invoice: Invoice, edits: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"LineItemID": each.id} for each in invoice.lines]
    gone = []
    for each in edits:
        if "place" not in each:
            lines.append(dict(each["set"]))
        elif each.get("remove"):
            gone.append(int(each["place"]))
        else:
            lines[int(each["place"])].update(each["set"])
    return [each for place, each in enumerate(lines) if place not in gone]


def touchless_edit(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Change attributes (`set`, Xero's names) without a new UpdatedDateUTC (facts §3.4)."""
    invoice = invoice_of(books, command)
    table = {name: (attribute, kind) for name, attribute, kind in INVOICE}
    wrong = [name for name in command["set"] if name not in table]
    if wrong:
        raise ValueError(f"`set`: expected some of {sorted(table)}, got {wrong}")

    def apply() -> None:
        for name, value in command["set"].items():
            attribute, kind = table[name]
            setattr(invoice, attribute, kind.read(value))

    books.change(invoice, author, apply, what="touchless_edit", bump=False)
    return shown(invoice)


def _to(status: str) -> Callable[[Books, Author, Mapping[str, Any]], dict[str, Any]]:
    def action(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
        invoice = invoice_of(books, command)
        carried_out(invoices_write.check(books, author, {"Status": status}, invoice))
        return shown(invoice)

    return action


def remove(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Void an approved invoice, delete a draft."""
    invoice = invoice_of(books, command)
    approved = invoice.status in {"AUTHORISED", "PAID"}
    return _to("VOIDED" if approved else "DELETED")(books, author, command)


def mail(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Mail the invoice: SentToContact."""
    invoice = invoice_of(books, command)
    carried_out(invoices_write.check(books, author, {"SentToContact": True}, invoice))
    return shown(invoice)


def adjust_totals(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Move the total by up to ten cents to the ROUNDING account (`by`; facts §3.8)."""
    invoice, by = invoice_of(books, command), Decimal(str(command["by"]))
    if abs(by) > Decimal("0.10"):
        raise ValueError(f"`by` is between -0.10 and 0.10, got {by}")

    def apply() -> None:
        invoice.rounding = by
        invoices_write.reckon(invoice)

    books.change(invoice, author, apply, what="adjust_totals")
    return shown(invoice)


def create_invoice(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Write an invoice or bill in Xero itself (`set`, Xero's names; `contact` by id or name)."""
    on = org_dates.today(books, author.at_ms).isoformat()
    sent = {"Type": "ACCREC", "Status": "AUTHORISED", "DueDate": on, **said(command)}
    if "contact" in command:
        sent["Contact"] = {"ContactID": contact_of(books, command["contact"]).id}
    sent.setdefault("Contact", {"Name": "Walk-in Customer"})
    sent.setdefault("LineItems", [dict(_COUNTER_SALE)])
    row = carried_out(invoices_write.check(books, author, sent, None))
    return shown(books.invoices.by_id[row["InvoiceID"]])


def create_contact(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Write a contact in Xero itself (`set`, Xero's names)."""
    return carried_out(contacts.check(books, author, said(command), None, Claims()))


def edit_contact(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Change a contact (`set`, Xero's names); a person may also bring an archived one back."""
    contact = contact_of(books, command["contact"])
    return carried_out(contacts.check(books, author, said(command), contact, Claims()))


def archive(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Archive a contact, with or without open invoices."""
    return edit_contact(books, author, {**command, "set": {"ContactStatus": "ARCHIVED"}})


def merge(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `contact` into `into`: the loser is archived and points to the winner (facts §4)."""
    loser, winner = contact_of(books, command["contact"]), contact_of(books, command["into"])
    if loser.id == winner.id or winner.status != "ACTIVE":
        raise ValueError("`into` must be another contact, and active")

    def lose() -> None:
        loser.status, loser.merged_to = "ARCHIVED", winner.id

    books.change(loser, author, lose, what="merged")
    moved = 0
    if books.switches.merge_moves_invoices:
        for identifier in list(books.by_contact.get(loser.id, ())):
            invoice = books.invoices.by_id[identifier]
            books.change(invoice, author, partial(_hand_over, invoice, winner), what="merged")
            moved += 1
    winner.is_customer |= loser.is_customer
    winner.is_supplier |= loser.is_supplier
    books.change(winner, author, lambda: None, what="merged")
    return {"loser": loser.id, "winner": winner.id, "invoices_moved": moved}


def _hand_over(invoice: Invoice, winner: Contact) -> None:
    invoice.contact_id = winner.id


def lock(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Set lock dates: `period` and `year`, ISO dates, null to lift."""
    own = books.organisation
    for name, attribute in (("period", "period_lock_on"), ("year", "year_lock_on")):
        if name in command:
            text = command[name]
            setattr(own, attribute, None if text is None else date.fromisoformat(text))
    return {
        "period": None if own.period_lock_on is None else own.period_lock_on.isoformat(),
        "year": None if own.year_lock_on is None else own.year_lock_on.isoformat(),
        "by": author.who,
    }


def role(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Change the role of the user who connected (`role`)."""
    if command.get("role") not in _ROLES:
        raise ValueError(f"`role` is one of {_ROLES}, got {command.get('role')!r}")
    books.organisation.user_role = command["role"]
    return {"role": command["role"], "by": author.who}


def account(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Change an account of the chart (`code`): `status`, `tax_type`, `takes_payments`, `name`."""
    found = books.settings.by_code.get(str(command.get("code")))
    if found is None:
        raise ValueError(f"`code`: there is no account {command.get('code')!r}")
    for name in ("status", "tax_type", "takes_payments", "name"):
        if name in command:
            setattr(found, name, command[name])
    found.updated_ms = author.at_ms
    return {"code": found.code, "status": found.status, "tax_type": found.tax_type}


def tax_rate(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Rename or retire a tax rate (`type`): `name`, `status`."""
    found = books.settings.tax_rates.get(str(command.get("type")))
    if found is None:
        raise ValueError(f"`type`: there is no tax rate {command.get('type')!r}")
    changed = replace(
        found,
        name=command.get("name", found.name),
        status=command.get("status", found.status),
    )
    books.settings.tax_rates[found.type] = changed
    return {"type": changed.type, "name": changed.name, "status": changed.status, "by": author.who}


def currency(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Subscribe to a currency (`code`), or give it up (`remove`); the base currency stays."""
    code, own = str(command.get("code", "")), books.settings.currencies
    if command.get("remove"):
        if code == books.organisation.base_currency or code not in own:
            raise ValueError(f"`code`: expected a currency that can be given up, got {code!r}")
        del own[code]
    else:
        own[code] = code
    return {"currencies": list(own), "by": author.who}


def tracking_option(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Add an `option` to a tracking `category`, by their names; `to` renames, `archive` ends it."""
    named = (each for each in books.settings.tracking if each.name == command.get("category"))
    found = next(named, None)
    if found is None:
        raise ValueError(f"`category`: there is none called {command.get('category')!r}")
    option = str(command.get("option", ""))
    identifier = next((own for own, name in found.options if name == option), None)
    if identifier is None:
        found.options.append((books.mint.guid(), option))
    elif "to" in command:
        place = [own for own, _ in found.options].index(identifier)
        found.options[place] = (identifier, str(command["to"]))
    elif command.get("archive"):
        found.archived.append(identifier)
    return {"options": [name for _, name in found.options], "by": author.who}


ACTIONS: dict[str, Callable[[Books, Author, Mapping[str, Any]], dict[str, Any]]] = {
    "edit": edit,
    "touchless_edit": touchless_edit,
    "approve": _to("AUTHORISED"),
    "void": remove,
    "delete": remove,
    "mail": mail,
    "adjust_totals": adjust_totals,
    "create_invoice": create_invoice,
    "create_contact": create_contact,
    "edit_contact": edit_contact,
    "archive": archive,
    "merge": merge,
    "lock": lock,
    "role": role,
    "account": account,
    "tax_rate": tax_rate,
    "currency": currency,
    "tracking_option": tracking_option,
}
