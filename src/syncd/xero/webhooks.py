"""Xero's webhooks: the signature over the raw bytes, and what the events say.

Called by `web.public.receiver` through `ports.webhooks`. Every event is read alone, so that one of
an unknown shape costs no other. The key is used as its UTF-8 bytes, and the bytes are signed as
they came: read and written again they no longer match (facts §6.1, §6.2).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from syncd.domain.errors import Garbled
from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.inbox import ResourceChange
from syncd.domain.rules.text import json_text
from syncd.ports.clock import Clock
from syncd.xero import wire

HIGHEST_SEQUENCE = 2**63 - 1


class _Content(msgspec.Struct):
    type: str | None = msgspec.field(name="Type", default=None)


class _Event(msgspec.Struct, rename="camel"):
    resource_id: str | None = None
    tenant_id: str | None = None
    event_category: str | None = None
    event_type: str | None = None
    event_date_utc: str | None = None
    data: _Content | None = None


class _Plain(msgspec.Struct, rename="camel"):
    events: list[_Event]
    first_event_sequence: Annotated[int, Meta(ge=0, le=HIGHEST_SEQUENCE)] = 0


class _Body(msgspec.Struct, rename="camel"):
    events: list[msgspec.Raw]
    first_event_sequence: msgspec.Raw = msgspec.Raw(b"0")


_PLAIN = msgspec.json.Decoder(_Plain)
_BODY = msgspec.json.Decoder(_Body)
_EVENT = msgspec.json.Decoder(_Event)
LONGEST_TEXT = 64
"""Of an id or a word of an event; a UUID has 36 characters."""
_TEXT = msgspec.json.Decoder(str)
_CONTENT = msgspec.json.Decoder(_Content)
_NUMBER = msgspec.json.Decoder(Annotated[int, Meta(ge=0, le=HIGHEST_SEQUENCE)])
_EVENT_TEXTS = {
    one.name: one.encode_name for one in msgspec.structs.fields(_Event) if one.name != "data"
}


class XeroWebhookReader:
    """Reads what one of `keys` has signed; the second stands while the key is being changed."""

    def __init__(self, keys: Sequence[str], *, clock: Clock) -> None:
        self._keys = [key.encode() for key in keys if key]
        self._clock = clock

    def is_signed(self, body: bytes, signature: str) -> bool:
        """See `ports.webhooks`: compared with every key in constant time, whichever fits."""
        given = signature.encode("utf-8", "replace")
        is_good = False
        for key in self._keys:
            is_good |= hmac.compare_digest(b64encode(hmac.digest(key, body, "sha256")), given)
        return is_good

    def read(self, body: bytes) -> tuple[ResourceChange, ...]:
        """See `ports.webhooks`."""
        if plain := json_text.readable(_PLAIN, body):
            events, first = plain.events, plain.first_event_sequence
        else:
            listed, first = _listed(body)
            events = [_event(one) for one in listed]
        if first > HIGHEST_SEQUENCE - len(events):
            first = 0
        now = self._clock.now()
        return tuple(
            _change(event, first + place if first else 0, now) for place, event in enumerate(events)
        )


def _listed(body: bytes) -> tuple[Sequence[bytes | msgspec.Raw], int]:
    """The events, each as its own text, and the running count of the first; 0: none was given.

    Raises Garbled when there are none to be found.
    """
    try:
        found = wire.decode(_BODY, body)
    except Garbled:
        rest, events = json_text.apart(body, "events")
        if events is None:
            raise
        first = json_text.members(rest).get("firstEventSequence", b"0")
        return events, json_text.readable(_NUMBER, first) or 0
    return found.events, json_text.readable(_NUMBER, found.first_event_sequence) or 0


def _event(raw: bytes | msgspec.Raw) -> _Event:
    """An event; of one with an unknown shape whatever fields can be read."""
    if whole := json_text.readable(_EVENT, raw):
        return whole
    some = json_text.members(bytes(raw))
    texts = {
        name: json_text.readable(_TEXT, some.get(key, b"")) for name, key in _EVENT_TEXTS.items()
    }
    return _Event(data=json_text.readable(_CONTENT, some.get("data", b"")), **texts)


def _change(event: _Event, sequence: int, now: datetime) -> ResourceChange:
    """What an event says; without its category or id it is none of ours."""
    return ResourceChange(
        category=_short(event.event_category).upper(),
        event=_short(event.event_type).upper(),
        organisation_id=XeroOrganisationId(_short(event.tenant_id).lower()),
        resource_id=_short(event.resource_id).lower(),
        happened_at=_instant(event.event_date_utc, now),
        sequence=sequence,
        resource_type=_short(event.data.type if event.data else None).upper(),
    )


def _short(text: str | None) -> str:
    """A short text without anything odd in it; empty where there is none."""
    return text if text and len(text) <= LONGEST_TEXT and text.isprintable() else ""


def _instant(text: str | None, now: datetime) -> datetime:
    """UTC without a suffix (facts §6.3); what cannot be read happened when it came."""
    try:
        return wire.read_instant(text, "eventDateUtc")
    except Garbled:
        return now
