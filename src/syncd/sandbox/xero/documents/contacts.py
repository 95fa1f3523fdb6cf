"""The Contacts resource: lists, one contact, and writes (facts §4).

Called by the gateway. PUT only creates; POST finds the contact by ContactID, then by
ContactNumber, then by name among the active, and creates when there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import alterations, batches, contact_rules, contact_shape
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.identifiers import is_guid
from syncd.sandbox.xero.ledger.model import NO_ID, Contact
from syncd.sandbox.xero.ledger.wire_dates import moment
from syncd.sandbox.xero.protocol import envelope, lists
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import Field, Guid

FIELDS: dict[str, Field] = {
    "contactid": lambda each: Guid(each.id),
    "name": lambda each: each.name,
    "contactnumber": lambda each: each.number,
    "accountnumber": lambda each: each.account_number,
    "contactstatus": lambda each: each.status,
    "firstname": lambda each: each.first_name,
    "lastname": lambda each: each.last_name,
    "emailaddress": lambda each: each.email,
    "companynumber": lambda each: each.company_number,
    "taxnumber": lambda each: each.tax_number,
    "iscustomer": lambda each: each.is_customer,
    "issupplier": lambda each: each.is_supplier,
    "updateddateutc": lambda each: moment(each.updated_ms),
}
_SEARCHED = ("name", "first_name", "last_name", "number", "company_number", "email")


def listing(call: Call) -> Response:
    """GET /Contacts. Archived contacts only with `includeArchived=true`."""
    books = call.books
    ids = call.listed("IDs")
    if ids is None:
        rows = books.contacts.rows(call.at_ms, lists.since_ms(call))
    else:
        since = lists.since_ms(call)
        found = [books.contacts.visible(each.lower(), call.at_ms) for each in dict.fromkeys(ids)]
        rows = [each for each in found if each is not None and each.updated_ms >= since]
    if not call.flag("includeArchived"):
        rows = [each for each in rows if each.status != "ARCHIVED"]
    if term := call.query.get("searchterm", "").casefold():
        rows = [each for each in rows if any(term in text for text in _texts(each))]
    rows = lists.chosen(call, rows, FIELDS)
    summary = call.flag("summaryOnly")
    page = lists.page_of(call, forced=summary)
    unpaged = contact_shape.listed if page is None else contact_shape.paged
    draw = contact_shape.summary if summary else unpaged
    return lists.answer(call, "Contacts", rows, page, lambda each: draw(books, each, call.at_ms))


def one(call: Call, key: str) -> Response:
    """GET /Contacts/{ContactID | ContactNumber}."""
    found = find(call.books, key)
    shown = None if found is None else call.books.contacts.visible(found.id, call.at_ms)
    if shown is None:
        return envelope.not_found()
    return call.ok("Contacts", [contact_shape.by_id(call.books, shown, call.at_ms)])


def create(call: Call) -> Response:
    """PUT /Contacts: create only."""
    elements = _taken(call)
    return batches.write(
        call,
        "Contacts",
        "HasValidationErrors",
        elements,
        lambda sent, claims: check(call.books, call.author, sent, None, claims),
    )


def upsert(call: Call) -> Response:
    """POST /Contacts: create or update."""
    elements = _taken(call)
    return batches.write(
        call,
        "Contacts",
        "HasValidationErrors",
        elements,
        lambda sent, claims: _upsert(call, sent, claims),
    )


def update(call: Call, key: str) -> Response:
    """POST /Contacts/{ContactID}."""
    existing = find(call.books, key)
    if existing is None:
        return envelope.not_found()
    elements = _taken(call)[:1]
    return batches.write(
        call,
        "Contacts",
        "HasValidationErrors",
        elements,
        lambda sent, claims: check(call.books, call.author, sent, existing, claims),
    )


def find(books: Books, key: str) -> Contact | None:
    """The contact of that id or ContactNumber; among several, an active one."""
    if is_guid(key) and key.lower() in books.contacts.by_id:
        return books.contacts.by_id[key.lower()]
    same = [books.contacts.by_id[each] for each in books.contact_numbers.get(key.casefold(), ())]
    return min(same, key=lambda each: each.status != "ACTIVE", default=None)


def active_named(books: Books, name: str) -> Contact | None:
    """The active contact of that name."""
    same = (books.contacts.by_id[each] for each in books.contact_ids(name))
    return next((each for each in same if each.status == "ACTIVE"), None)


def _texts(contact: Contact) -> list[str]:
    return [str(getattr(contact, name) or "").casefold() for name in _SEARCHED]


def _taken(call: Call) -> list[dict[str, Any]]:
    """The call's elements, as Xero takes them."""
    elements = envelope.elements_of(call.request, "Contacts")
    return [alterations.contact_taken(each, call.switches) for each in elements]


def _upsert(call: Call, sent: Mapping[str, Any], claims: Claims) -> Checked:
    books = call.books
    identifier = str(sent.get("ContactID") or "").lower()
    if identifier and identifier != NO_ID:
        existing = books.contacts.by_id.get(identifier)
        if existing is None:
            text = "An existing Contact with the specified ContactID could not be found"
            return Checked(errors=[text], echo=lambda: _echo(sent, None), save=dict)
    else:
        number, name = sent.get("ContactNumber"), sent.get("Name")
        existing = find(books, str(number)) if number else None
        existing = existing or (active_named(books, str(name)) if name else None)
    return check(books, call.author, sent, existing, claims)


def check(
    books: Books,
    author: Author,
    sent: Mapping[str, Any],
    existing: Contact | None,
    claims: Claims,
) -> Checked:
    """Look at one contact somebody sends; `existing` is the one it updates."""
    values, errors = contact_rules.changes(sent, existing, books.switches.texts_max)
    own_id = None if existing is None else existing.id
    if existing is not None and existing.status == "ARCHIVED" and author.is_app:
        errors = [contact_rules.ARCHIVED]
    else:
        if existing is None or "name" in values:
            errors += contact_rules.name_errors(books, values.get("name"), own_id, claims)
        errors += contact_rules.number_errors(books, values.get("number"), own_id, claims)
        if author.is_app:
            # Of the bookkeeper's some stand from before: old books have a number twice.
            number = values.get("account_number")
            errors += contact_rules.account_number_errors(books, number, own_id, claims)
    return Checked(
        errors=errors,
        echo=lambda: _echo(sent, existing),
        save=lambda: contact_shape.written(books, save(books, author, values, existing)),
    )


def save(
    books: Books, author: Author, values: Mapping[str, Any], existing: Contact | None
) -> Contact:
    """Create the contact, or set the values on the existing one."""
    if existing is None:
        contact = Contact(id=books.mint.guid(), made_by_app=author.is_app, **values)
        books.add(contact, author)
        return contact

    def apply() -> None:
        for attribute, value in values.items():
            setattr(existing, attribute, value)

    books.change(existing, author, apply)
    return existing


def _echo(sent: Mapping[str, Any], existing: Contact | None) -> dict[str, Any]:
    """A refused element: a thin echo of what was sent, an archived one with its name (§3.3, §4)."""
    row: dict[str, Any] = {
        "ContactID": sent.get("ContactID") or (existing.id if existing else NO_ID)
    }
    if existing is not None and existing.status == "ARCHIVED":
        row |= {"ContactStatus": existing.status, "Name": existing.name}
    row |= {name: sent[name] for name in contact_rules.TEXTS if sent.get(name) is not None}
    for name in ("Addresses", "Phones"):
        row[name] = [{**each, "ValidationErrors": []} for each in sent.get(name) or ()]
    row["ContactGroups"] = []
    row["ContactPersons"] = sent.get("ContactPersons") or []
    row["HasValidationErrors"] = True
    return row
