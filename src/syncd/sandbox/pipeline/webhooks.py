"""Pipeline's webhooks: which note is due when, and what it looks like on the wire.

Called by `pipeline.app` for every change and by the server's sender. A pure state machine; notes
are thin, signed by the Standard Webhooks scheme, tried again on its schedule, and may be lost or
repeated (sync-api.yaml, webhooks).
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random

from syncd.sandbox.pipeline.books import Entry
from syncd.sandbox.pipeline.exact import encode

RETRY_AFTER_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits between attempts, in seconds, as the Standard Webhooks specification suggests."""
_GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to post one note."""

    id: str
    tenant: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    attempt: int = 0
    due_at: float = 0.0


class Webhooks:
    """Notes that wait to be posted, for all tenants."""

    def __init__(
        self, *, rng: Random, secrets: Mapping[str, str], chance: Callable[[str], float]
    ) -> None:
        self._rng = rng
        self._secrets = secrets
        self._chance = chance
        self._waiting: list[Delivery] = []
        self.url: str | None = None
        self.sent = 0

    def aim(self, url: str | None) -> None:
        """Post to `url` from now on, `{tenant}` in it replaced; None turns webhooks off."""
        self.url = url
        self._waiting = []

    def note(self, tenant: str, entry: Entry, *, deleted: bool, now: float) -> None:
        """Something moved in a tenant's books."""
        if self.url is None or self._rng.random() < self._chance("webhooks_lost"):
            return
        event = "deleted" if deleted else "created" if entry.version == 1 else "updated"
        note = {
            "type": f"{entry.kind}.{event}",
            "timestamp": entry.at,
            "data": {"id": entry.id, "version": entry.version},
        }
        delivery = Delivery(
            id=f"msg_{self._rng.getrandbits(96):024x}",
            tenant=tenant,
            url=self.url.replace("{tenant}", tenant),
            headers={},
            body=encode(note),
            due_at=now,
        )
        repeated = self._rng.random() < self._chance("webhooks_repeated")
        self._waiting += [delivery, delivery] if repeated else [delivery]

    def due(self, now: float) -> Sequence[Delivery]:
        """What is to be posted at `now` (world time, seconds), signed; each once per attempt."""
        ripe = [delivery for delivery in self._waiting if delivery.due_at <= now]
        if ripe:
            self._waiting = [delivery for delivery in self._waiting if delivery.due_at > now]
        return [self._signed(delivery, now) for delivery in ripe]

    def answered(self, delivery: Delivery, status: int | None, now: float) -> None:
        """Take the receiver's answer: 2xx ends it, 410 turns webhooks off, else it comes again."""
        self.sent += 1
        if status == _GONE:
            self.aim(None)
        elif status is not None and 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            return
        elif self.url is not None and delivery.attempt < len(RETRY_AFTER_S):
            due_at = now + RETRY_AFTER_S[delivery.attempt]
            self._waiting.append(replace(delivery, attempt=delivery.attempt + 1, due_at=due_at))

    def _signed(self, delivery: Delivery, now: float) -> Delivery:
        key = b64decode(self._secrets[delivery.tenant].removeprefix("whsec_"))
        signed = f"{delivery.id}.{int(now)}.".encode() + delivery.body
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": "v1," + b64encode(hmac.digest(key, signed, sha256)).decode(),
        }
        return replace(delivery, headers=headers)
