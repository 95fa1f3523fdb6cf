"""The webhooks of both pretend worlds on a simulated day, and the judge who walks with them.

A delivery answered with success is on disk at that very instant, whatever happens to the daemon
next: that is asked of the store, not of the daemon. What was announced, and heard, is remembered,
so that days without sweeps can be judged by what the daemon was told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from http import HTTPStatus
from random import Random
from typing import Any

import aiohttp

from syncd.lab.daemon.machine import PUBLIC_PATH
from syncd.lab.watch import ways
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.watched_xero import Announced, WatchedXero
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.webhooks.body import Delivery

POLLS_S = (1.0, 5.0, 5.0, 5.0)
"""How often the worlds are asked for webhooks to post: mostly rarely, for asking costs time."""
_FAULTS = (
    "webhook_delay_spread_s",
    "webhook_losses",
    "webhook_duplicates",
    "webhook_reorders",
    "webhook_strangers",
)
REFUSED = "a webhook was refused"


def session() -> aiohttp.ClientSession:
    """What webhooks are posted with: a connection each, to the daemon's public listener."""
    connector = aiohttp.UnixConnector(PUBLIC_PATH, force_close=True)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class WebhookSender:
    """Aims the webhooks of both worlds, and hears what is answered."""

    def __init__(self, xero: WatchedXero, pipeline: PipelineWorld, rng: Random) -> None:
        self._xero = xero
        self._pipeline = pipeline
        self._rng = rng
        self._stores: Mapping[str, StoreReader] = {}
        self._heard: dict[str, set[int]] = {}
        self.violations: list[str] = []
        self.sometimes: Counter[str] = Counter()

    @property
    def heard(self) -> Mapping[str, AbstractSet[int]]:
        """By document, the instants of the changes whose events were answered with success."""
        return self._heard

    def begin(self, stores: Mapping[str, StoreReader]) -> None:
        """Webhooks go to the daemon from here on; Xero tries the address first.

        `stores` has each organisation's look into the store.
        """
        self._stores = stores
        self._xero.webhooks.on_answer = self._answered
        self._xero.webhooks.aim("http://localhost/webhooks/xero")
        self._pipeline.webhooks.aim("http://localhost/webhooks/pipeline/{tenant}")

    def misbehave(self) -> None:
        """Late, lost, doubled and out of order, as the seed draws it."""
        self._xero.switches.turn(ways.switches(self._rng))
        lost, repeated = self._rng.random(), self._rng.random() / 2
        self._pipeline.set_switches({"webhooks_lost": lost, "webhooks_repeated": repeated})

    def behave(self) -> None:
        """Everything is announced from here on, once and soon."""
        calm: dict[str, Any] = dict.fromkeys(_FAULTS, 0.0)
        self._xero.switches.turn({**calm, "webhook_delay_s": 0.5})
        self._pipeline.set_switches({"webhooks_lost": 0.0, "webhooks_repeated": 0.0})

    @property
    def unrest(self) -> list[str]:
        """What Xero has announced and still wants to post."""
        kept = self._xero.webhooks.as_json()["kept"]
        return [f"Xero has {kept} events to post"] if kept else []

    def _answered(
        self, delivery: Delivery, events: Sequence[Announced], status: int | None
    ) -> None:
        if status is None or delivery.is_intent:
            return
        if status != HTTPStatus.OK:
            self.sometimes[REFUSED] += 1
            return
        first = json.loads(delivery.body)["firstEventSequence"]
        for sequence, (organisation, identity, happened_ms) in enumerate(events, start=first):
            if not identity:
                continue
            if not self._stores[organisation].is_kept(sequence, identity.lower()):
                self.violations.append(
                    f"webhook: event {sequence} of {identity} was answered 200 and is not on disk"
                )
            self._heard.setdefault(identity, set()).add(happened_ms)
