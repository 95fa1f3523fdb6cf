"""Judges conduct as each request leaves and arrives: stored first, one at a time, within limits.

What stands in the books at the end does not show how it came there, and a kind world forgives.
So these are rules about behaviour: a write whose intent is not stored is wrong even if it harms
nobody. Each organisation has its own limits and its own tenant; the app's minute is everybody's.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from syncd.lab.judges.token_conduct import TokenJudge
from syncd.lab.judges.write_conduct import WRITES, WriteJudge
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_wire import Departure
from syncd.lab.watch.watched_xero import API, TOKEN, Arrival, WatchedXero
from syncd.ports.transport import HttpRequest

MINUTE_S = 60.0
ASKS_AFTER_S = 890.0
"""`allowance.DAY_READING_LASTS_S`, less what is on its way."""
_APP = "the app"


class ConductJudge:
    """Listens at the door; `violations` are sentences.

    `stores` has each organisation's look into the store, once there is one: before that nothing is
    written or refreshed.
    """

    def __init__(
        self,
        xero: WatchedXero,
        tenants: Sequence[Tenant],
        stores: Mapping[str, StoreReader],
        witnesses: Mapping[str, OperatorWitness],
        incarnation: Callable[[], int],
    ) -> None:
        self._xero = xero
        self._incarnation = incarnation
        self._counted_for = 0
        self._ordered = 0
        first_of_key: dict[str, Arrival] = {}
        self._writes = {
            each.organisation: WriteJudge(
                xero, each, stores, first_of_key, witnesses[each.organisation]
            )
            for each in tenants
        }
        self._tokens = TokenJudge(stores, witnesses)
        self._seen: defaultdict[str, deque[float]] = defaultdict(deque)
        self._called_at_s: dict[str, float] = {}
        self.violations: list[str] = []

    @property
    def sometimes(self) -> Counter[str]:
        """How often each named situation was reached."""
        return sum((each.sometimes for each in self._writes.values()), Counter())

    def departing(self, departure: Departure) -> None:
        """The daemon is about to send."""
        request = departure.request
        path = urlsplit(request.url).path
        if departure.too_early_s > 0:
            early_s = departure.too_early_s
            self._wrong_on_wire(
                request, [f"{early_s:.1f} s before the Retry-After it was told is over"]
            )
        if path == TOKEN:
            self._wrong_on_wire(request, self._tokens.departing(request, departure.under_way))
        if path.startswith(API):
            self._calling(request, departure.under_way)

    def _calling(self, request: HttpRequest, under_way: Iterable[HttpRequest]) -> None:
        organisation = _organisation(request)
        at_once = [
            each
            for each in under_way
            if urlsplit(each.url).path.startswith(API) and _organisation(each) == organisation
        ]
        if len(at_once) >= self._xero.switches.concurrent_limit:
            self._wrong_on_wire(request, [f"call {len(at_once) + 1} at once"])
        writes = self._writes.get(organisation)
        if writes is not None and request.method in WRITES:
            self._wrong_on_wire(request, writes.departing(request, at_once))

    def arriving(self, arrival: Arrival) -> None:
        """Before anything of it is done."""
        self._ordered = self._xero.faults.fired.get("throttle", 0)
        self._wrong(arrival, self._tokens.arriving(arrival))
        if not arrival.request.path.startswith(API):
            return
        self._within_limits(arrival)
        writes = self._writes.get(arrival.organisation)
        if writes is None:
            self._wrong(arrival, [f"for {arrival.organisation!r}, which is no tenant's"])
        elif arrival.is_write:
            self._wrong(arrival, writes.arriving(arrival))

    def done(self, arrival: Arrival) -> None:
        """It was carried out, or put off."""
        self._tokens.done(arrival)
        self._not_refused_by_limits(arrival)
        if arrival.is_write and arrival.organisation in self._writes:
            self._writes[arrival.organisation].done(arrival)

    def _within_limits(self, arrival: Arrival) -> None:
        """Xero counts by minutes of its own, which a new process learns from the first answer.

        Beyond them no process makes more calls than allowed in any minute it has lived in.
        """
        if self._counted_for != self._incarnation():
            self._counted_for = self._incarnation()
            self._seen.clear()
        switches = self._xero.switches
        for whose, most in (
            (arrival.organisation, switches.minute_limit),
            (_APP, switches.app_minute_limit),
        ):
            seen = self._seen[whose]
            seen.append(arrival.at_s)
            while seen[0] <= arrival.at_s - MINUTE_S:
                seen.popleft()
            if len(seen) > most:
                self._wrong(arrival, [f"call {len(seen)} within {MINUTE_S:g} s of {whose}"])

    def _not_refused_by_limits(self, arrival: Arrival) -> None:
        """A 429 that no fault has ordered is one call too many: Xero counts minute and day.

        When a spent day's calls come back only a call can tell: one may ask after a long silence.
        And what is left of the minute a new process learns from its first answer.
        """
        answer = arrival.answered
        silent_s = arrival.at_s - self._called_at_s.get(arrival.organisation, 0.0)
        self._called_at_s[arrival.organisation] = arrival.at_s
        if answer is None or answer.status != HTTPStatus.TOO_MANY_REQUESTS:
            return
        problem = answer.headers.get("X-Rate-Limit-Problem")
        is_asking = problem == "day" and silent_s >= ASKS_AFTER_S
        is_first = problem == "minute" and len(self._seen[arrival.organisation]) == 1
        is_ordered = self._ordered != self._xero.faults.fired.get("throttle", 0)
        if not (is_asking or is_first or is_ordered):
            self._wrong(arrival, ["a call too many, by Xero's own count"])

    def _wrong_on_wire(self, request: HttpRequest, texts: Iterable[str]) -> None:
        at_s = self._xero.clock.now() - self._xero.born_at_s
        said = f"at {at_s:.3f} s, {request.method} {urlsplit(request.url).path}"
        self.violations += [f"conduct: {said}: {text}" for text in texts]

    def _wrong(self, arrival: Arrival, texts: Iterable[str]) -> None:
        at_s, request = arrival.at_s - self._xero.born_at_s, arrival.request
        said = f"request {arrival.number} at {at_s:.3f} s, {request.method} {request.path}"
        self.violations += [f"conduct: {said}: {text}" for text in texts]


def _organisation(request: HttpRequest) -> str:
    return request.headers.get("xero-tenant-id", "").lower()
