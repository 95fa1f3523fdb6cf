"""One organisation's books: its documents, the indices over them, and every change told.

Every write of the pretend Xero, whether by the app or by a bookkeeper, goes through here: it keeps
the indices right, moves UpdatedDateUTC, writes the history and announces the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.events import WebhookEvent
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.model import (
    Allocation,
    Change,
    Contact,
    Credit,
    Invoice,
    Organisation,
    Payment,
    Settings,
)
from syncd.sandbox.xero.ledger.names import CONTACT, CREDIT, INVOICE, PAYMENT, Table
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.ledger.versioned_collection import VersionedCollection

Announce = Callable[[WebhookEvent], None]
AnyDocument = Invoice | Contact | Payment | Credit

_TABLES: dict[type, Table] = {
    Invoice: INVOICE,
    Contact: CONTACT,
    Payment: PAYMENT,
    Credit: CREDIT,
}
_IDS_AHEAD = ("0", "4", "8", "c")
"""How the ids of every fourth document end."""
_UNTOLD = {"UpdatedMs", "MadeByApp", "PaymentIDs", "AllocationIDs", "Used"}


class Books:
    """The state of one organisation."""

    def __init__(
        self,
        *,
        organisation: Organisation,
        settings: Settings,
        switches: Switches,
        mint: Mint,
        announce: Announce,
    ) -> None:
        self.organisation = organisation
        self.settings = settings
        self.switches = switches
        self.mint = mint
        self._announce = announce
        self.invoices: VersionedCollection[Invoice] = VersionedCollection(self._lag_ms)
        self.contacts: VersionedCollection[Contact] = VersionedCollection(self._lag_ms)
        self.payments: VersionedCollection[Payment] = VersionedCollection(self._lag_ms)
        self.credits: VersionedCollection[Credit] = VersionedCollection(self._lag_ms)
        self.allocations: dict[str, Allocation] = {}
        self.numbers: dict[str, tuple[str, ...]] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        self.contact_numbers: dict[str, tuple[str, ...]] = {}
        self.account_numbers: dict[str, tuple[str, ...]] = {}
        self.by_contact: dict[str, dict[str, None]] = {}
        self.credits_of: dict[str, dict[str, None]] = {}
        self.notes: dict[str, list[Change]] = {}
        self.drawn_contacts: dict[str, dict[str, Any]] = {}

    def _lag_ms(self) -> int:
        return int(self.switches.read_lag_s * 1000)

    # --- keys of the indices

    def number_key(self, number: str) -> str:
        """An invoice number as uniqueness sees it."""
        return number.casefold() if self.switches.numbers_ignore_case else number

    def name_key(self, name: str) -> str:
        """A contact's name as uniqueness sees it."""
        return name.casefold() if self.switches.contact_names_ignore_case else name

    # --- writing

    def add(self, document: AnyDocument, author: Author, what: str = "created") -> None:
        """Put a new document into the books."""
        self._index(document)
        document.history.append(Change(author.at_ms, author.who, what))
        self._shelve(document, self._stamp_ms(document, author))
        self._tell(document, author, "CREATE", what)

    def restore(self, document: AnyDocument) -> None:
        """Put a document of a dump back, as it was and without a word."""
        self._index(document)
        self._shelve(document, document.updated_ms)

    def change(
        self,
        document: AnyDocument,
        author: Author,
        apply: Callable[[], None],
        *,
        what: str = "edited",
        bump: bool | None = True,
    ) -> None:
        """Apply an edit and tell it. `bump` None: decide by the fields that moved (facts §3.4)."""
        table = _TABLES[type(document)]
        before = [getattr(document, attribute) for _, attribute, _ in table]
        lines_before = list(getattr(document, "lines", ()))
        self._remember(document, author.at_ms)
        self._unindex(document)
        apply()
        self._index(document)
        moved = self._moved(document, table, before, lines_before)
        document.history.append(Change(author.at_ms, author.who, what, moved))
        if bump is None:
            bump = not _is_silent(document, [name for name, _, _ in moved])
        if bump:
            self._bump(document, self._stamp_ms(document, author))
            self._tell(document, author, "UPDATE", what)

    def _stamp_ms(self, document: AnyDocument, author: Author) -> int:
        """The document's UpdatedDateUTC: the instant of the change, or ahead of it by a switch."""
        is_ahead = document.id.endswith(_IDS_AHEAD)
        return author.at_ms + (int(self.switches.rows_ahead_s * 1000) if is_ahead else 0)

    def _moved(
        self, document: AnyDocument, table: Table, before: list[Any], lines_before: list[Any]
    ) -> tuple[tuple[str, Any, Any], ...]:
        moved = [
            (name, kind.write(was), kind.write(getattr(document, attribute)))
            for (name, attribute, kind), was in zip(table, before, strict=True)
            if name not in _UNTOLD and was != getattr(document, attribute)
        ]
        lines = getattr(document, "lines", [])
        if lines != lines_before:
            moved.append(("LineItems", _told(lines_before), _told(lines)))
        return tuple(moved)

    def note_use(self, contact: Contact, invoice_type: str) -> None:
        """A first document makes a customer or supplier, without a new UpdatedDateUTC (§4)."""
        if invoice_type == "ACCREC" and not contact.is_customer:
            contact.is_customer = True
        elif invoice_type == "ACCPAY" and not contact.is_supplier:
            contact.is_supplier = True
        else:
            return
        self.drawn_contacts.pop(contact.id, None)

    # --- reading

    def invoice_ids(self, number: str) -> tuple[str, ...]:
        """The ids of every invoice and bill of that number, whatever its status."""
        return self.numbers.get(self.number_key(number), ())

    def contact_ids(self, name: str) -> tuple[str, ...]:
        """The ids of every contact of that name, whatever its status."""
        return self.names.get(self.name_key(name), ())

    def locks_on(self, on: date) -> list[tuple[str, date]]:
        """The locks a document of that date falls under, each with its name and its date.

        Advisers may write before the period lock; nobody before the end of year's (facts §7, U).
        """
        own = self.organisation
        period = None if own.user_role == "adviser" else own.period_lock_on
        locks = (("period", period), ("end of year", own.year_lock_on))
        closed = timedelta(days=0 if self.switches.lock_date_is_closed else 1)
        return [(name, lock) for name, lock in locks if lock is not None and on + closed <= lock]

    # --- the shelves and the indices

    def _shelve(self, document: AnyDocument, at_ms: int) -> None:
        match document:
            case Invoice():
                self.invoices.add(document, at_ms)
            case Contact():
                self.contacts.add(document, at_ms)
            case Payment():
                self.payments.add(document, at_ms)
            case Credit():
                self.credits.add(document, at_ms)

    def _remember(self, document: AnyDocument, at_ms: int) -> None:
        match document:
            case Invoice():
                self.invoices.keep_version(document, at_ms)
            case Contact():
                self.contacts.keep_version(document, at_ms)
            case Payment():
                self.payments.keep_version(document, at_ms)
            case Credit():
                self.credits.keep_version(document, at_ms)

    def _bump(self, document: AnyDocument, at_ms: int) -> None:
        match document:
            case Invoice():
                self.invoices.touch(document, at_ms)
            case Contact():
                self.contacts.touch(document, at_ms)
            case Payment():
                self.payments.touch(document, at_ms)
            case Credit():
                self.credits.touch(document, at_ms)

    def _index(self, document: AnyDocument) -> None:
        match document:
            case Invoice():
                _put(self.numbers, self.number_key(document.number), document.id)
                self.by_contact.setdefault(document.contact_id, {})[document.id] = None
            case Credit():
                self.credits_of.setdefault(document.contact_id, {})[document.id] = None
            case Contact():
                self.drawn_contacts.pop(document.id, None)
                _put(self.names, self.name_key(document.name), document.id)
                if document.number:
                    _put(self.contact_numbers, document.number.casefold(), document.id)
                if document.account_number:
                    _put(self.account_numbers, document.account_number.casefold(), document.id)

    def _unindex(self, document: AnyDocument) -> None:
        match document:
            case Invoice():
                _drop(self.numbers, self.number_key(document.number), document.id)
                del self.by_contact[document.contact_id][document.id]
            case Credit():
                del self.credits_of[document.contact_id][document.id]
            case Contact():
                _drop(self.names, self.name_key(document.name), document.id)
                if document.number:
                    _drop(self.contact_numbers, document.number.casefold(), document.id)
                if document.account_number:
                    _drop(self.account_numbers, document.account_number.casefold(), document.id)

    def _tell(self, document: AnyDocument, author: Author, kind: str, cause: str) -> None:
        content: dict[str, str] = {}
        match document:
            case Invoice():
                category = "INVOICE"
            case Contact():
                category = "CONTACT"
            case Payment():
                category, content = "PAYMENT", {"Status": document.status}
            case Credit():
                category = document.kind.upper()
                content = {"Type": document.type, "Status": document.status}
        self._announce(
            WebhookEvent(
                category=category,
                type=kind,
                resource_id=document.id,
                tenant_id=self.organisation.id,
                at_ms=author.at_ms,
                by=author.who,
                cause=cause,
                content=content,
            )
        )


def _put(index: dict[str, tuple[str, ...]], key: str, identifier: str) -> None:
    index[key] = (*index.get(key, ()), identifier)


def _drop(index: dict[str, tuple[str, ...]], key: str, identifier: str) -> None:
    left = tuple(each for each in index.get(key, ()) if each != identifier)
    if left:
        index[key] = left
    else:
        index.pop(key, None)


def _told(lines: Iterable[Any]) -> list[str]:
    return [" ".join(_words_of(each)) for each in lines]


def _words_of(line: Any) -> Iterator[str]:
    yield f"{line.description}: {line.quantity} × {line.unit_amount}"
    yield f"{line.account_code} {line.tax_type}"
    if line.discount_rate or line.discount_amount:
        yield f"less {line.discount_rate or 0} % {line.discount_amount or 0}"


def _is_silent(document: AnyDocument, moved: list[str]) -> bool:
    """DueDate and SentToContact on a part-paid document move without a new UpdatedDateUTC."""
    silent = {"DueDate", "SentToContact"}
    return isinstance(document, Invoice) and document.has_money and set(moved) <= silent
