"""Judges whether the daemon does as it was told: paused, observing, disconnected or halted.

What an operator has ordered, and what was answered with success, holds from that instant until he
asks for its end. So it is judged as each request leaves, on the wire; and what brakes let pass is
counted at the end in Xero's own history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from syncd.lab.judges.write_conduct import WRITES, documents_of
from syncd.lab.people.operator_acts import DISCONNECTED
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.watched_wire import Departure
from syncd.lab.watch.watched_xero import API, Arrival, WatchedXero
from syncd.ports.transport import HttpRequest
from syncd.sandbox.xero.ledger.model import APP

Json = Mapping[str, Any]
_DEATHS = ("VOIDED", "DELETED")
_MS = 1000
_ON_THE_WAY_S = 120.0
"""What was counted may have waited so long for its turn before it left."""


class ObedienceJudge:
    """Listens where requests leave; `violations` are sentences."""

    def __init__(
        self,
        xero: WatchedXero,
        stores: Mapping[str, StoreReader],
        witnesses: Mapping[str, OperatorWitness],
    ) -> None:
        """Both by organisation."""
        self._xero = xero
        self._stores = stores
        self._witnesses = witnesses
        self._departed: Counter[str] = Counter()
        self.violations: list[str] = []

    def departing(self, departure: Departure) -> None:
        """The daemon is about to send."""
        request = departure.request
        if not urlsplit(request.url).path.startswith(API):
            return
        headers = {name.lower(): value for name, value in request.headers.items()}
        is_write = request.method in WRITES
        organisation = headers.get("xero-tenant-id", "").lower()
        witness = self._witnesses.get(organisation)
        if witness is None:
            return  # whose it is, is another judge's business
        key = headers.get("idempotency-key", "")
        for what in witness.in_force(self._xero.clock.now(), key, self._departed[key]):
            if is_write or what == DISCONNECTED:
                self._wrong(request, f"the tenant is {what}")
        if is_write:
            self._departed[key] += 1
        if self._departed[key] == 1:
            self._shown_first(request, organisation, witness)
        if is_write and self._stores[organisation].was_opened_while_halted(key):
            self._wrong(request, "it was stored while a brake had halted the tenant")

    def _shown_first(
        self, request: HttpRequest, organisation: str, witness: OperatorWitness
    ) -> None:
        """A plan's apply lets nothing pass that the plan has not shown."""
        waiting = witness.left_out(self._xero.clock.now())
        written = documents_of(request.body, self._xero.books[organisation]) if waiting else ()
        for identity in sorted(waiting):
            if f"invoice {identity}" in written:
                self._wrong(request, f"invoice {identity} was left out by the plan applied")

    def _wrong(self, request: HttpRequest, text: str) -> None:
        at_s = self._xero.clock.now() - self._xero.born_at_s
        path = urlsplit(request.url).path
        self.violations.append(f"disobeyed: at {at_s:.3f} s, {request.method} {path}: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removal:
    number: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeJudge:
    """Counts what was voided or deleted without a person's word, in any window of a brake."""

    arrivals: Sequence[Arrival]
    witness: OperatorWitness
    most: int
    window_s: float

    def judge(self, organisation: Json) -> Iterator[str]:
        """Every window with more than may be, as a sentence."""
        removals = sorted(self._removals(organisation), key=lambda each: each.at_s)
        for first, earliest in enumerate(removals):
            within = [each for each in removals[first:] if self._counts_with(earliest, each)]
            unseen = self._unseen_since(earliest.at_s)
            if len(within) > self.most + unseen:
                named = ", ".join(each.number for each in within)
                yield (
                    f"brake: {len(within)} documents were voided or deleted within "
                    f"{self.window_s:g} s, {self.most} may be without a person's word: {named}"
                )
                return

    def _counts_with(self, first: _Removal, other: _Removal) -> bool:
        """In one window, of one store, by one clock."""
        is_within = other.at_s - first.at_s < self.window_s - _ON_THE_WAY_S
        breaks = [each.restored_s for each in self.witness.forgotten]
        breaks += [when_s for when_s, by_s in self.witness.steps if by_s > 0]
        return is_within and not any(first.at_s <= each <= other.at_s for each in breaks)

    def _unseen_since(self, at_s: float) -> int:
        released = self.witness.unseen_releases
        return sum(released[when_s] for when_s in released if when_s >= at_s - self.window_s)

    def _removals(self, organisation: Json) -> Iterator[_Removal]:
        for document in organisation["invoices"]:
            for entry in document["History"]:
                deaths = [name for name, _, after in entry["fields"] if after in _DEATHS]
                if entry["who"] != APP or deaths != ["Status"]:
                    continue
                at_s = self._sent_s(document["InvoiceID"], entry["at_ms"])
                released = self.witness.released.get(document["InvoiceID"], ())
                if not any(when_s <= at_s for when_s in released):
                    yield _Removal(number=document["InvoiceNumber"], at_s=at_s)

    def _sent_s(self, document: str, committed_ms: int) -> float:
        """When what was carried out then had left for the first time."""
        for each in self.arrivals:
            instants = (int(each.at_s * _MS), int(each.lives_until_s * _MS))
            if (
                each.is_write
                and committed_ms in instants
                and document.encode() in each.request.body
            ):
                return next(one.at_s for one in self.arrivals if one.key == each.key)
        return committed_ms / _MS
