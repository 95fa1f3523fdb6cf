"""Judges each write to one organisation: stored first, one key one body, one document one write.

And whose it is: what arrives in an organisation's books is its own tenant's, whoever else has equal
ids. What stands in the books at the end does not show how it came there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from syncd.lab.watch.marks import invoice_marked
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import Arrival, WatchedXero
from syncd.ports.transport import HttpRequest
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import APP

WRITES = ("PUT", "POST")
_MS = 1000
_IDS = ("InvoiceID", "ContactID")
Documents = frozenset[str]


class WriteJudge:
    """Looks at every write to one organisation; `wrong` is told what is."""

    def __init__(
        self,
        xero: WatchedXero,
        tenant: Tenant,
        stores: Mapping[str, StoreReader],
        first_of_key: dict[str, Arrival],
        witness: OperatorWitness,
    ) -> None:
        self._witness = witness
        self._xero = xero
        self._tenant = tenant
        self._books = xero.books[tenant.organisation]
        self._stores = stores
        self._first_of_key = first_of_key
        self._unsettled: list[tuple[Documents, Arrival]] = []
        self._newest: dict[str, Arrival] = {}
        self.sometimes: Counter[str] = Counter()

    def departing(self, request: HttpRequest, at_once: list[HttpRequest]) -> Iterator[str]:
        """What is wrong with a write that leaves beside these calls to the same organisation."""
        mine = documents_of(request.body, self._books)
        for other in at_once:
            shared = mine & documents_of(other.body, self._books)
            if self._is_repeated_create(request) or self._is_repeated_create(other):
                continue
            if other.method in WRITES and shared:
                yield f"{_named(shared)}: another write is on the wire"

    def arriving(self, arrival: Arrival) -> Iterator[str]:
        """What is wrong with a write at the door, before anything of it is done."""
        yield from self._paper(arrival)
        yield from self._key(arrival)
        yield from self._alone(arrival)
        yield from self._latest(arrival)
        yield from self._whose(arrival)

    def done(self, arrival: Arrival) -> None:
        """It was carried out, or put off: then nothing else may happen to its documents."""
        if arrival.lives_until_s:
            mine = documents_of(arrival.request.body, self._books)
            self._unsettled.append((mine, arrival))
            self.sometimes["a write was carried out late"] += 1

    def _paper(self, arrival: Arrival) -> Iterator[str]:
        store = self._stores[self._tenant.organisation]
        call = store.stored_call(arrival.key) if arrival.key else None
        if call is None:
            yield f"no call of {self._tenant.name} is stored under its key {arrival.key!r}"
        elif call.is_closed or not call.open_intents:
            yield "its stored call is settled already"
        elif call.intents != call.elements:
            yield f"{call.intents} stored intents for {call.elements} elements"
        elif call.body != arrival.request.body:
            yield "other bytes than those stored"

    def _key(self, arrival: Arrival) -> Iterator[str]:
        first = self._first_of_key.setdefault(arrival.key, arrival)
        if first is arrival:
            return
        self.sometimes["the same bytes were sent again"] += 1
        if _bytes(first) != _bytes(arrival):
            yield f"its key was used with other bytes in request {first.number}"

    def _alone(self, arrival: Arrival) -> Iterator[str]:
        """No other write of one of its documents may still be carried out."""
        now_s = self._xero.clock.now()
        self._unsettled = [each for each in self._unsettled if each[1].lives_until_s > now_s]
        mine = documents_of(arrival.request.body, self._books) if self._unsettled else frozenset()
        for documents, other in self._unsettled:
            if other.key == arrival.key or self._repeats_create(arrival, before=other):
                continue
            if self._witness.is_forgotten(other.at_s):
                continue  # the store that lives has never known of it
            if mine & documents and not self._was_done_by_hand(other):
                left_s = other.lives_until_s - now_s
                yield (
                    f"{_named(mine & documents)}: request {other.number}, sent "
                    f"{now_s - other.at_s:.1f} s ago, may still be carried out for {left_s:.1f} s"
                )

    def _latest(self, arrival: Arrival) -> Iterator[str]:
        """A repeated update is the newest write of each of its documents, or takes that back."""
        is_repeat = self._first_of_key[arrival.key] is not arrival
        for document in documents_of(arrival.request.body, self._books):
            newest = self._newest.get(document, arrival)
            if not is_repeat:
                self._newest[document] = arrival
                continue
            is_older = newest.key != arrival.key and arrival.request.method != "PUT"
            if is_older and not self._witness.is_forgotten(newest.at_s):
                yield f"{document}: it was written since, by request {newest.number}"

    def _whose(self, arrival: Arrival) -> Iterator[str]:
        """No document of another tenant's ever arrives."""
        others = [each for each in self._xero.books.values() if each is not self._books]
        for name, value in _named_values(_parsed(arrival.request.body)):
            if name == "Url" and invoice_marked(value) and not value.startswith(self._tenant.marks):
                yield f"{value} is the mark of no invoice of {self._tenant.name}"
            elif name in _IDS and any(_stands_in(books, value) for books in others):
                yield f"{name} {value} stands in the books of another tenant"

    def _is_repeated_create(self, request: HttpRequest) -> bool:
        """A create that has arrived before under its key: it cannot overwrite anything."""
        key = request.headers.get("Idempotency-Key", "")
        return request.method == "PUT" and key in self._first_of_key

    def _repeats_create(self, arrival: Arrival, *, before: Arrival) -> bool:
        """A create sent first before the other write: repeated, it cannot overwrite anything."""
        first = self._first_of_key[arrival.key]
        return arrival.request.method == "PUT" and first.number < before.number

    def _was_done_by_hand(self, pending: Arrival) -> bool:
        """A person has been at it since: what is pending may show by his doing, and be over."""
        return any(
            entry.who != APP and entry.at_ms >= pending.at_s * _MS
            for document in self._books.invoices.current()
            if document.id.encode() in pending.request.body
            for entry in document.history
        )


def documents_of(sent: bytes | None, books: Books) -> Documents:
    """Which documents a write is about: invoices by their mark, contacts by their number."""
    body = _parsed(sent)
    found = []
    for element in body.get("Invoices", ()):
        stands = books.invoices.by_id.get(element.get("InvoiceID", ""))
        url = element.get("Url") or (stands.url if stands is not None else "") or ""
        found.append(f"invoice {invoice_marked(url)}")
    for element in body.get("Contacts", ()):
        contact = books.contacts.by_id.get(element.get("ContactID", ""))
        number = element.get("ContactNumber") or (contact.number if contact is not None else "")
        found.append(f"contact {number}")
    return frozenset(found)


def _parsed(sent: bytes | None) -> dict[str, Any]:
    try:
        body = json.loads(sent or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _named_values(value: Any) -> Iterator[tuple[str, str]]:
    """Every text with the name it stands under, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield name, inner
            else:
                yield from _named_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_values(inner)


def _stands_in(books: Books, identity: str) -> bool:
    return identity in books.invoices.by_id or identity in books.contacts.by_id


def _bytes(arrival: Arrival) -> tuple[str, str, str, str, bytes]:
    request = arrival.request
    path = urlsplit(request.path).path
    return arrival.organisation, request.method, path, request.raw_query, request.body


def _named(documents: Documents) -> str:
    return ", ".join(sorted(documents))
