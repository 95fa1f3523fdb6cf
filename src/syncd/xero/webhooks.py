"""Xero's webhooks: the signature over the raw bytes, and what the events say.

Called by `web.receiver` through `ports.webhooks`. The key is used as its UTF-8 bytes, and the bytes
are signed as they came: read and written again they no longer match (facts §6.1, §6.2).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from syncd.domain.errors import BadSignature, Garbled
from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.inbox import ResourceChange
from syncd.ports.clock import Clock


class _Content(msgspec.Struct):
    type: str | None = msgspec.field(name="Type", default=None)


class _Event(msgspec.Struct, rename="camel"):
    resource_id: str | None = None
    tenant_id: str | None = None
    event_category: str | None = None
    event_type: str | None = None
    event_date_utc: str | None = None
    data: _Content | None = None


class _Body(msgspec.Struct, rename="camel"):
    events: list[_Event]
    first_event_sequence: int = 0
    last_event_sequence: int = 0


_BODY = msgspec.json.Decoder(_Body)


class XeroWebhookReader:
    """Reads what one of `keys` has signed; the second stands while the key is being changed."""

    def __init__(self, keys: Sequence[str], *, clock: Clock) -> None:
        self._keys = [key.encode() for key in keys if key]
        self._clock = clock

    def decode(self, body: bytes, signature: str) -> tuple[ResourceChange, ...]:
        """See `ports.webhooks`."""
        self._check(body, signature)
        try:
            found = _BODY.decode(body)
        except msgspec.MsgspecError as error:
            raise Garbled(
                f"a signed webhook is not what Xero documents: {error}", system="xero"
            ) from error
        first, now = found.first_event_sequence, self._clock.now()
        return tuple(
            _change(event, first + place if first else 0, now)
            for place, event in enumerate(found.events)
        )

    def _check(self, body: bytes, signature: str) -> None:
        """Compare with every key in constant time, whichever fits. Raises BadSignature."""
        given = signature.encode("utf-8", "replace")
        is_good = False
        for key in self._keys:
            is_good |= hmac.compare_digest(b64encode(hmac.digest(key, body, "sha256")), given)
        if not is_good:
            raise BadSignature("x-xero-signature does not belong to this body and our key")


def _change(event: _Event, sequence: int, now: datetime) -> ResourceChange:
    return ResourceChange(
        category=(event.event_category or "").upper(),
        event=(event.event_type or "").upper(),
        organisation_id=XeroOrganisationId((event.tenant_id or "").lower()),
        resource_id=(event.resource_id or "").lower(),
        happened_at=_instant(event.event_date_utc, now),
        sequence=sequence,
        resource_type=((event.data.type if event.data else None) or "").upper(),
    )


def _instant(text: str | None, now: datetime) -> datetime:
    """UTC without a suffix (facts §6.3); what cannot be read happened when it came."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return now
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
