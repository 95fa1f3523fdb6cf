"""What a webhook's POST consists of: events, raw body, signature (facts §6.1 to §6.3).

Called by `webhooks`; pure.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from syncd.sandbox.xero.ledger.events import COLLECTIONS, WebhookEvent
from syncd.sandbox.xero.ledger.wire_dates import event_text

API_URL = "https://api.xero.com/api.xro/2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One POST to make: these bytes, these headers. `is_good`: the signature is right."""

    number: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    is_intent: bool = False
    is_good: bool = True
    is_copy: bool = False


def wire(event: WebhookEvent, *, has_id: bool = True) -> dict[str, Any]:
    """One event as it is posted; INVOICE and CONTACT carry no state."""
    url = f"{API_URL}/{COLLECTIONS[event.category]}"
    if has_id:
        url = f"{url}/{event.resource_id}"
    row: dict[str, Any] = {
        "resourceUrl": url,
        "resourceId": event.resource_id,
        "eventDateUtc": event_text(event.at_ms),
        "eventType": event.type,
        "eventCategory": event.category,
        "tenantId": event.tenant_id,
        "tenantType": "ORGANISATION",
    }
    if event.content:
        row["data"] = dict(event.content)
    return row


def body_of(
    events: Sequence[Mapping[str, Any]],
    first: int,
    last: int,
    entropy: str,
    *,
    has_line_breaks: bool = True,
) -> bytes:
    """The raw body, with the spaces and line breaks Xero puts into it (recorded)."""
    # Both are Xero's: whoever parses and writes again breaks the signature.
    draw = _on_lines if has_line_breaks else _compact
    rows = ",".join(draw(each) for each in events)
    return (
        f'{{"events":[{rows}],"firstEventSequence": {first},"lastEventSequence": {last}, '
        f'"entropy": "{entropy}"}}'
    ).encode()


def _on_lines(event: Mapping[str, Any]) -> str:
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(own)}" for name, own in event.items())
    return f"{{\n{rows}\n}}"


def _compact(event: Mapping[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


def signature(key: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256; the key is used as its UTF-8 bytes (facts §6.1)."""
    return b64encode(hmac.new(key.encode(), body, sha256).digest()).decode()


def off_by_one(signed: str) -> str:
    """A signature that is wrong by one character, as in an intent-to-receive run."""
    return ("B" if signed[0] == "A" else "A") + signed[1:]
