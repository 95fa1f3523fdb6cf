"""Which contact an invoice or credit note is for (facts §3.5).

Called by the writes of both. Only a ContactID is safe to send: other fields beside it change that
contact, and a name nobody has makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncd.sandbox.xero.documents import contact_rules, contacts
from syncd.sandbox.xero.documents.batches import Claims
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Contact

UNNAMED = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
MISSING = "A Contact must be specified for this type of transaction"
ARCHIVED = (
    "The contact with the specified contact details has been archived. The contact must be "
    "un-archived before creating new invoices or credit notes."
)
UNKNOWN = "The contact with the specified ContactID could not be found"


@dataclass(slots=True)
class Party:
    """The contact found, or what a new one would be; `values` are changes to make with it."""

    contact: Contact | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def settle(self, books: Books, author: Author) -> Contact:
        """The contact itself, made or changed as the write asked."""
        if self.contact is None or self.values:
            return contacts.save(books, author, self.values, self.contact)
        return self.contact


def find(books: Books, sent: Any, standing_id: str | None) -> Party:
    """Who is meant. A contact that already stands on the document may have been archived since."""
    if sent is None and standing_id is not None:
        return Party(contact=books.contacts.by_id[standing_id])
    if not isinstance(sent, Mapping):
        return Party(errors=[MISSING])
    identifier = str(sent.get("ContactID") or "").lower()
    number, name = sent.get("ContactNumber"), sent.get("Name")
    if identifier and identifier != NO_ID:
        contact = books.contacts.by_id.get(identifier)
        if contact is None:
            return Party(errors=[UNKNOWN])
    elif number or name:
        contact = contacts.find(books, str(number)) if number else None
        contact = contact or (contacts.active_named(books, str(name)) if name else None)
    else:
        return Party(errors=[UNNAMED])
    if contact is not None and contact.status != "ACTIVE" and contact.id != standing_id:
        return Party(contact=contact, errors=[ARCHIVED])
    return _with_changes(books, sent, contact)


def _with_changes(books: Books, sent: Mapping[str, Any], contact: Contact | None) -> Party:
    values, errors = contact_rules.changes(sent, contact, books.switches.texts_max)
    values.pop("status", None)
    if contact is None:
        errors += contact_rules.name_errors(books, values.get("name"), None, Claims())
        errors += contact_rules.number_errors(books, values.get("number"), None, Claims())
        account_number = values.get("account_number")
        errors += contact_rules.account_number_errors(books, account_number, None, Claims())
        return Party(values=values, errors=errors)
    moved = {name: value for name, value in values.items() if value != getattr(contact, name)}
    if moved and contact.status != "ACTIVE":
        return Party(contact=contact, errors=[contact_rules.ARCHIVED])
    if "name" in moved:
        errors += contact_rules.name_errors(books, moved["name"], contact.id, Claims())
    if "number" in moved:
        errors += contact_rules.number_errors(books, moved["number"], contact.id, Claims())
    return Party(contact=contact, values=moved, errors=errors)
