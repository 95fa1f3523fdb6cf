"""Xero's webhooks: what is posted, when, and what follows from the answer (facts §6).

The world hands every event in; whoever does HTTP asks `due`, posts the exact bytes and tells the
status with `answered`. No clock and no socket here.

    off ──aim──► validating ──all signatures judged rightly──► healthy ◄──────┐
                    ▲    │                                        │ failure   │ success
                    │    └──judged wrongly: refused               ▼           │
                    └──────aim, enable──── disabled ◄──24 h──── failing ──────┘
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from syncd.sandbox.xero.ledger.events import WebhookEvent
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.webhooks.body import Delivery, body_of, off_by_one, signature, wire

RETRY_S = 900.0
GIVE_UP_S = 86_400.0
KEEP_S = 31 * 86_400.0
LARGEST_BATCH = 50
State = Literal["off", "validating", "refused", "healthy", "failing", "disabled"]
_MONEY_CAUSES = ("paid", "payment_deleted", "allocated", "deallocated")
_CREDITS = ("CREDITNOTE", "OVERPAYMENT", "PREPAYMENT")
_RIDDLES: tuple[dict[str, Any], ...] = (
    {"resourceId": None},
    {"resourceId": "not an id"},
    {"eventDateUtc": "yesterday"},
    {"eventCategory": 7},
    {"tenantId": ""},
    {"eventType": {"of": "a new kind"}},
)
_ITR_GOOD = (False, False, False, True)


@dataclass(slots=True)
class Waiting:
    """An event on its way: not before `ready_at`, thrown away 31 days after it happened."""

    ready_at: float
    happened_at: float
    event: dict[str, Any]
    is_readable: bool = True


@dataclass(slots=True)
class Webhooks:
    """The one subscription of the app; `states` tells what became of it, newest last."""

    key: str
    seed: int
    switches: Switches
    url: str | None = None
    state: State = "off"
    sequence: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    _waiting: deque[Waiting] = field(default_factory=deque)
    _current: tuple[Delivery, list[Waiting]] | None = None
    _first: int = 0
    _retry_at: float | None = None
    _failing_since: float | None = None
    _handed_out: bool = False
    _intents: dict[int, bool | None] = field(default_factory=dict)
    _intent_again_at: float | None = None
    _copies: list[tuple[float, Delivery]] = field(default_factory=list)
    _number: int = 0
    _dice: Random = field(init=False)
    _mint: Mint = field(init=False)

    def __post_init__(self) -> None:
        self._dice = Random(f"{self.seed}-webhooks")  # noqa: S311 - drawn from the seed
        self._mint = Mint(f"{self.seed}-entropy")

    # --- the portal

    def aim(self, url: str | None) -> None:
        """Post to this address from now on, after an intent-to-receive run; None turns it off."""
        self.url = url
        if url is None:
            self.state = "off"
            self._waiting.clear()
            self._current = None
        else:
            self.enable()

    def enable(self) -> None:
        """Press the portal's button: validate, then deliver what was kept."""
        self.state = "validating"
        self._intents, self._intent_again_at = {}, None
        self._failing_since = None
        if self._current is not None:
            # What was kept goes out again from the start, in order.
            self._waiting.extendleft(reversed(self._current[1]))
            self._current = None

    # --- events in

    def collect(self, event: WebhookEvent) -> None:
        """Take what happened in the books; whether it is announced is up to the switches."""
        if self.state == "off" or not self._is_announced(event):
            return
        if self._dice.random() < self.switches.webhook_losses:
            self._count("lost")
            return
        at = event.at_ms / 1000
        spread = self.switches.webhook_delay_spread_s
        late = self._dice.random() * spread if spread else 0.0
        if self._dice.random() < self.switches.webhook_reorders:
            late += self.switches.webhook_reorder_s
        ready_at = at + self.switches.webhook_delay_s + late
        self._waiting.append(
            Waiting(ready_at, at, wire(event, has_id=self.switches.resource_url_has_id))
        )
        if self._dice.random() < self.switches.webhook_strangers:
            stranger = {
                **wire(event, has_id=self.switches.resource_url_has_id),
                "eventCategory": "TIMESHEET",
            }
            self._waiting.append(Waiting(ready_at, at, stranger))
        if self.switches.webhook_riddles and self._dice.random() < self.switches.webhook_riddles:
            riddle = {**wire(event, has_id=True), **self._dice.choice(_RIDDLES)}
            self._waiting.append(Waiting(ready_at, at, riddle, is_readable=False))

    def _is_announced(self, event: WebhookEvent) -> bool:
        switches = self.switches
        if event.by == "app" and not switches.own_writes_raise_events:
            return False
        if event.category == "INVOICE" and event.cause in _MONEY_CAUSES:
            return switches.payment_raises_invoice_event
        if event.category == "PAYMENT":
            return switches.payment_events
        return switches.credit_events if event.category in _CREDITS else True

    # --- deliveries out

    def due(self, now: float) -> list[Delivery]:
        """What is to be posted at this instant of world time; each is handed out once."""
        if self.url is None:
            return []
        if self.state == "validating":
            return self._intents_due(now)
        if self.state not in {"healthy", "failing"}:
            return []
        copies = [each for at, each in self._copies if at <= now]
        self._copies = [each for each in self._copies if each[0] > now]
        return copies + self._events_due(now)

    def _intents_due(self, now: float) -> list[Delivery]:
        if self._intents or (self._intent_again_at is not None and now < self._intent_again_at):
            return []
        run = [
            self._post(body_of([], 0, 0, self._mint.letters(20)), is_intent=True, is_good=good)
            for good in _ITR_GOOD
        ]
        self._intents = {each.number: None for each in run}
        return run

    def _events_due(self, now: float) -> list[Delivery]:
        if self._current is not None:
            if self._handed_out or (self._retry_at is not None and now < self._retry_at):
                return []
            return [self._pack(self._current[1], now)]
        self._forget_old(now)
        if not any(each.ready_at <= now for each in self._waiting):
            return []
        self._first = self.sequence + 1
        delivery = self._pack([], now)
        if self._dice.random() < self.switches.webhook_duplicates:
            later = now + self._dice.random() * self.switches.webhook_duplicate_within_s
            copy = Delivery(
                number=self._next_number(),
                url=delivery.url,
                headers=delivery.headers,
                body=delivery.body,
                is_copy=True,
            )
            self._copies.append((later, copy))
        return [delivery]

    def _pack(self, standing: list[Waiting], now: float) -> Delivery:
        """A body of what could not be delivered and, behind it, of what happened since (§6.4)."""
        batch = [*standing, *self._ready(standing, now)]
        self.sequence = self._first + len(batch) - 1
        body = body_of(
            [each.event for each in batch],
            self._first,
            self.sequence,
            self._mint.letters(20),
            has_line_breaks=self.switches.webhook_line_breaks,
        )
        delivery = self._post(body)
        self._current, self._handed_out, self._retry_at = (delivery, batch), True, None
        return delivery

    def _ready(self, standing: list[Waiting], now: float) -> list[Waiting]:
        ready = [each for each in self._waiting if each.ready_at <= now]
        if ready and not self.switches.events_across_tenants:
            tenant = [*standing, *ready][0].event["tenantId"]
            ready = [each for each in ready if each.event["tenantId"] == tenant]
        ready = ready[: LARGEST_BATCH - len(standing)]
        taken = {id(each) for each in ready}
        self._waiting = deque(each for each in self._waiting if id(each) not in taken)
        return ready

    def _forget_old(self, now: float) -> None:
        kept = deque(each for each in self._waiting if now - each.happened_at <= KEEP_S)
        self._count("forgotten", len(self._waiting) - len(kept))
        self._waiting = kept

    def _post(self, body: bytes, *, is_intent: bool = False, is_good: bool = True) -> Delivery:
        signed = signature(self.key, body)
        return Delivery(
            number=self._next_number(),
            url=self.url or "",
            headers={
                "Accept": "*/*",
                "Accept-Encoding": "gzip,deflate",
                "Content-Type": "application/json; charset=utf-8",
                "x-xero-signature": signed if is_good else off_by_one(signed),
            },
            body=body,
            is_intent=is_intent,
            is_good=is_good,
        )

    # --- answers

    def answered(self, delivery: Delivery, status: int | None, now: float) -> None:
        """Take the receiver's answer; None when none came within five seconds."""
        if delivery.is_intent:
            self._intent_answered(delivery, status, now)
            return
        if delivery.is_copy or self._current is None or self._current[0].number != delivery.number:
            return
        self._handed_out = False
        if status is not None and 200 <= status < 300:  # noqa: PLR2004 - success
            self._count("delivered", len(self._current[1]))
            self._current, self._retry_at, self._failing_since = None, None, None
            self.state = "healthy"
            return
        self._count("failed")
        if self._failing_since is None:
            # The first retry follows at once, the others every quarter of an hour.
            self._failing_since, self._retry_at = now, now
        else:
            self._retry_at = now + RETRY_S
        self.state = "failing"
        if now - self._failing_since >= GIVE_UP_S:
            self.state = "disabled"

    def _intent_answered(self, delivery: Delivery, status: int | None, now: float) -> None:
        if delivery.number not in self._intents:
            return
        good = status is not None and 200 <= status < 300  # noqa: PLR2004 - success
        judged = good if delivery.is_good else status == 401  # noqa: PLR2004 - the only right no
        self._intents[delivery.number] = judged
        if None in self._intents.values():
            return
        if all(self._intents.values()):
            self.state = "healthy"
            return
        self._count("intents_refused")
        self._intents = {}
        if self.switches.portal_tries_again_s:
            self._intent_again_at = now + self.switches.portal_tries_again_s
        else:
            self.state = "refused"

    # --- for judges

    def as_json(self) -> dict[str, Any]:
        """How the subscription stands."""
        kept = len(self._waiting) + (len(self._current[1]) if self._current else 0)
        return {
            "url": self.url,
            "state": self.state,
            "sequence": self.sequence,
            "kept": kept,
            **self.counts,
        }

    def _count(self, what: str, by: int = 1) -> None:
        if by:
            self.counts[what] = self.counts.get(what, 0) + by

    def _next_number(self) -> int:
        self._number += 1
        return self._number
