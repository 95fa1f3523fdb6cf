"""Pipeline's webhooks: Standard Webhooks over the raw bytes, and what the note says.

Called by `web.public.receiver` through `ports.webhooks`. The library makes the signature; its own
check of the timestamp reads the machine's clock, so that check is made here, against ours.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from syncd.domain.errors import BadSignature, ConfigError
from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import PipelineNote
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted
from syncd.ports.clock import Clock

TOLERANCE = timedelta(minutes=5)
"""How far a note's timestamp may be from our clock (Standard Webhooks)."""
_MOST_DIGITS = 11
"""Of whole seconds: up to the year 5138, so that every number of them is an instant."""


class _Note(msgspec.Struct):
    type: str


LONGEST_TYPE = 64
_NOTE = msgspec.json.Decoder(_Note)


def _signer(tenant: TenantId, secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        where = f"tenants.{tenant}.pipeline_webhook_secret"
        raise ConfigError((f"{where}: expected whsec_ and base64 behind it",)) from None


class PipelineWebhookReader:
    """Reads what a tenant's secret has signed; several while a secret is being changed.

    Raises ConfigError, naming the key, for what is no secret.
    """

    def __init__(self, secrets: Mapping[TenantId, Sequence[str]], *, clock: Clock) -> None:
        self._signers = {
            tenant: [_signer(tenant, secret) for secret in some] for tenant, some in secrets.items()
        }
        self._clock = clock

    def decode(self, tenant: TenantId, body: bytes, headers: Mapping[str, str]) -> PipelineNote:
        """See `ports.webhooks`."""
        note_id, sent_at = headers.get("webhook-id", ""), self._sent_at(headers)
        passed = [
            part.encode("utf-8", "replace")
            for part in headers.get("webhook-signature", "").split()
            if part.startswith("v1,")
        ]
        text = body.decode("utf-8", "surrogateescape")
        is_good = False
        for signer in self._signers.get(tenant, ()):
            try:
                expected = signer.sign(note_id, sent_at, text).encode()
            except UnicodeError:
                break
            for one in passed:
                is_good |= hmac.compare_digest(expected, one)
        if not is_good or not note_id:
            raise BadSignature(f"webhook-signature does not belong to a note for {tenant}")
        return PipelineNote(id=note_id, tenant=tenant, type=_type(body), sent_at=sent_at)

    def _sent_at(self, headers: Mapping[str, str]) -> datetime:
        """The signed timestamp. Raises BadSignature when it is none, or of another time."""
        text = headers.get("webhook-timestamp", "")
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            raise BadSignature("webhook-timestamp: expected whole seconds")
        sent_at = datetime.fromtimestamp(int(text), UTC)
        if abs(self._clock.now() - sent_at) > TOLERANCE:
            raise BadSignature("webhook-timestamp is more than five minutes from our clock")
        return sent_at


def _type(body: bytes) -> str:
    """What a signed note is about, empty where it does not say: the feed is polled all the same."""
    note = json_text.readable(_NOTE, body)
    return quoted(note.type, longest=LONGEST_TYPE) if note else ""
