"""Judges conduct as each request leaves and arrives: paper first, one at a time, within limits.

What stands in the books at the end does not show how it came there, and a kind world forgives.
So these are rules about behaviour: a write whose intent is not on paper is wrong even if it harms
nobody.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from syncd.lab.marks import invoice_marked
from syncd.lab.store_reader import StoreReader
from syncd.lab.watched_wire import Departure
from syncd.lab.watched_xero import API, TOKEN, Arrival, WatchedXero
from syncd.ports.transport import HttpRequest
from syncd.sandbox.xero.model import APP

MINUTE_S = 60.0
MOST_A_MINUTE = 60
MOST_AT_ONCE = 5
DAY_S = 86_400.0
MOST_A_DAY = 5_000
REFRESH_AHEAD_S = 600.0
"""An access token with more of its life left than this needs no successor."""
_MS = 1000
WRITES = ("PUT", "POST")


_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(slots=True, kw_only=True)
class _Pair:
    """A pair of tokens the pretend Xero has issued, and what became of it."""

    access_token: str = field(repr=False)
    ends_at_s: float
    is_refused: bool = False
    is_presented: bool = False


class ConductJudge:
    """Listens at the door; `violations` are sentences."""

    def __init__(
        self, xero: WatchedXero, store: StoreReader, incarnation: Callable[[], int]
    ) -> None:
        self._xero = xero
        self._incarnation = incarnation
        self._store = store
        self._first_of_key: dict[str, Arrival] = {}
        self._unsettled: list[tuple[frozenset[str], Arrival]] = []
        self._counted_for = 0
        self._ordered = 0
        self._minute: deque[float] = deque()
        self._day: deque[float] = deque()
        self._grants: dict[str, _Pair] = {}
        self.violations: list[str] = []
        self.sometimes: Counter[str] = Counter()

    def departing(self, departure: Departure) -> None:
        """The daemon is about to send."""
        request, under_way = departure.request, departure.under_way
        path = urlsplit(request.url).path
        if departure.too_early_s > 0:
            self._wrong_on_wire(
                request, f"{departure.too_early_s:.1f} s before the Retry-After it was told is over"
            )
        if path == TOKEN and any(urlsplit(each.url).path == TOKEN for each in under_way):
            self._wrong_on_wire(request, "a second call for tokens beside the first")
        if not path.startswith(API):
            return
        at_once = [each for each in under_way if urlsplit(each.url).path.startswith(API)]
        if len(at_once) >= MOST_AT_ONCE:
            self._wrong_on_wire(request, f"call {len(at_once) + 1} at once")
        if request.method in WRITES:
            mine = self._documents(request.body)
            for other in at_once:
                shared = mine & self._documents(other.body)
                if self._is_repeated_create(request) or self._is_repeated_create(other):
                    continue
                if other.method in WRITES and shared:
                    self._wrong_on_wire(request, f"{_named(shared)}: another write is on the wire")

    def arriving(self, arrival: Arrival) -> None:
        """Before anything of it is done."""
        self._ordered = self._xero.faults.fired.get("throttle", 0)
        if arrival.is_refresh:
            self._refresh(arrival)
        if arrival.request.path.startswith(API):
            self._within_limits(arrival)
        if arrival.is_write:
            self._paper(arrival)
            self._key(arrival)
            self._alone(arrival)

    def done(self, arrival: Arrival) -> None:
        """It was carried out, or put off: then nothing else may happen to its documents."""
        self._note_tokens(arrival)
        self._not_refused_by_limits(arrival)
        if arrival.is_write and arrival.lives_until_s:
            self._unsettled.append((self._documents(arrival.request.body), arrival))
            self.sometimes["a write was carried out late"] += 1

    # --- the rules

    def _wrong_on_wire(self, request: HttpRequest, text: str) -> None:
        at_s = self._xero.clock.now() - self._xero.born_at_s
        path = urlsplit(request.url).path
        self.violations.append(f"conduct: at {at_s:.3f} s, {request.method} {path}: {text}")

    def _wrong(self, arrival: Arrival, text: str) -> None:
        at_s = arrival.at_s - self._xero.born_at_s
        request = arrival.request
        self.violations.append(
            f"conduct: request {arrival.number} at {at_s:.3f} s, {request.method} {request.path}: "
            f"{text}"
        )

    def _paper(self, arrival: Arrival) -> None:
        call = self._store.paper(arrival.key) if arrival.key else None
        if call is None:
            self._wrong(arrival, f"no call on paper under its key {arrival.key!r}")
        elif call.is_closed or not call.open_intents:
            self._wrong(arrival, "its call on paper is settled already")
        elif call.intents != call.elements:
            self._wrong(arrival, f"{call.intents} intents on paper for {call.elements} elements")
        elif call.body != arrival.request.body:
            self._wrong(arrival, "other bytes than those on paper")

    def _key(self, arrival: Arrival) -> None:
        first = self._first_of_key.setdefault(arrival.key, arrival)
        if first is arrival:
            return
        self.sometimes["the same bytes were sent again"] += 1
        if _bytes(first) != _bytes(arrival):
            self._wrong(arrival, f"its key was used with other bytes in request {first.number}")

    def _alone(self, arrival: Arrival) -> None:
        """No other write of one of its documents may still be carried out."""
        now_s = self._xero.clock.now()
        self._unsettled = [each for each in self._unsettled if each[1].lives_until_s > now_s]
        mine = self._documents(arrival.request.body) if self._unsettled else frozenset()
        for documents, other in self._unsettled:
            if other.key == arrival.key or self._repeats_create(arrival, before=other):
                continue
            if mine & documents and not self._was_done_by_hand(other):
                left_s = other.lives_until_s - now_s
                self._wrong(
                    arrival,
                    f"{_named(mine & documents)}: request {other.number}, sent "
                    f"{now_s - other.at_s:.1f} s ago, may still be carried out for {left_s:.1f} s",
                )

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
        books = next(iter(self._xero.books.values()))
        return any(
            entry.who != APP and entry.at_ms >= pending.at_s * _MS
            for document in books.invoices.truth()
            if document.id.encode() in pending.request.body
            for entry in document.history
        )

    def _refresh(self, arrival: Arrival) -> None:
        """On paper first; and only of a pair that is old, was refused, or was presented before."""
        if not self._store.open_refreshes():
            self._wrong(arrival, "a refresh that is not on paper")
        body = parse_qs(arrival.request.body.decode())
        pair = self._grants.get(body.get("refresh_token", [""])[0])
        if pair is None:
            return
        left_s = pair.ends_at_s - arrival.at_s
        if left_s > REFRESH_AHEAD_S and not (pair.is_refused or pair.is_presented):
            self._wrong(
                arrival, f"the token it replaces was never refused and is good {left_s:g} s"
            )
        pair.is_presented = True

    def _note_tokens(self, arrival: Arrival) -> None:
        answer = arrival.answered
        if answer is None:
            return
        if arrival.request.path == TOKEN and answer.status == HTTPStatus.OK:
            issued: dict[str, Any] = json.loads(answer.body)
            self._grants[issued["refresh_token"]] = _Pair(
                access_token=issued["access_token"],
                ends_at_s=arrival.at_s + float(issued["expires_in"]),
            )
        elif answer.status in _REFUSED:
            bearer = arrival.request.headers.get("authorization", "").partition(" ")[2]
            for pair in self._grants.values():
                pair.is_refused |= pair.access_token == bearer

    def _within_limits(self, arrival: Arrival) -> None:
        """Xero counts by minutes of its own, which a new process learns from the first answer.

        Beyond them no process makes more than sixty calls in any minute it has lived in.
        """
        if self._counted_for != self._incarnation():
            self._counted_for = self._incarnation()
            self._minute.clear()
        windows = ((self._minute, MINUTE_S, MOST_A_MINUTE), (self._day, DAY_S, MOST_A_DAY))
        for seen, length_s, most in windows:
            seen.append(arrival.at_s)
            while seen[0] <= arrival.at_s - length_s:
                seen.popleft()
            if len(seen) > most:
                self._wrong(arrival, f"call {len(seen)} within {length_s:g} s")

    def _not_refused_by_limits(self, arrival: Arrival) -> None:
        """A 429 that no fault has ordered is one call too many, by Xero's own count."""
        answer = arrival.answered
        is_refused = answer is not None and answer.status == HTTPStatus.TOO_MANY_REQUESTS
        if is_refused and self._ordered == self._xero.faults.fired.get("throttle", 0):
            self._wrong(arrival, "a call too many, by Xero's own count")

    def _documents(self, body: bytes | None) -> frozenset[str]:
        return documents_of(body, self._xero)


def documents_of(sent: bytes | None, xero: WatchedXero) -> frozenset[str]:
    """Which documents a write is about: invoices by their mark, contacts by their number."""
    try:
        body: dict[str, Any] = json.loads(sent or b"{}")
    except ValueError:
        return frozenset()
    books = next(iter(xero.books.values()))
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


def _bytes(arrival: Arrival) -> tuple[str, str, str, bytes]:
    request = arrival.request
    return request.method, urlsplit(request.path).path, request.raw_query, request.body


def _named(documents: frozenset[str]) -> str:
    return ", ".join(sorted(documents))
