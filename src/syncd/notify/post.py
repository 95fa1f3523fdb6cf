"""Notifications by HTTP: JSON, posted to one address and signed by Standard Webhooks.

Implements `ports.notifier`. The receiver knows by `webhook-id` what it has already, and by the
signature over id, instant and body that it comes from us. Introduced in `bootstrap.notifying`.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from http import HTTPStatus

import msgspec
from standardwebhooks import Webhook

from syncd.domain.errors import ConfigError, Refused, ServerTrouble
from syncd.domain.model.concern import ConcernKind, Notification
from syncd.domain.model.value import Value
from syncd.ports.clock import Clock
from syncd.ports.transport import HttpRequest, Transport

SYSTEM = "notify"
TIMEOUT_S = 15.0
_MOST_ANSWER_BYTES = 64 * 1024
_PREFIX, _LEAST_BYTES = "whsec_", 24
"""The form of a secret, and its least length (Standard Webhooks)."""


class PostedConcern(Value, frozen=True, kw_only=True):
    """The message's own part of the body; `tenant` is null where it is the daemon's."""

    kind: ConcernKind
    tenant: str | None
    title: str
    text: str
    since: datetime
    url: str | None


class PostedBody(Value, frozen=True, kw_only=True):
    """What is posted, in Standard Webhooks' form."""

    type: str
    """`concern.opened`, `concern.reminded` or `concern.resolved`."""
    timestamp: datetime
    data: PostedConcern


def signer(secret: str) -> Webhook:
    """What signs with this secret. Raises ConfigError, naming the key, for what is none."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        is_good = encoded != secret and len(b64decode(encoded, validate=True)) >= _LEAST_BYTES
    except ValueError:
        is_good = False
    if not is_good:
        expected = f"{_PREFIX} and {_LEAST_BYTES} bytes or more in base64 behind it"
        raise ConfigError((f"notify.secret: expected {expected}",))
    return Webhook(secret)


class PostNotifier:
    """Posts messages to one address. Raises ConfigError, naming the key, for what is no secret."""

    def __init__(self, transport: Transport, *, url: str, secret: str, clock: Clock) -> None:
        self._transport = transport
        self._url = url
        self._clock = clock
        self._signer = signer(secret)

    async def send(self, notification: Notification) -> None:
        """See `ports.notifier`. Anything but a 2xx is a refusal."""
        body = msgspec.json.encode(_body(notification))
        now = self._clock.now()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(notification.id, now, body.decode()),
        }
        request = HttpRequest(
            method="POST",
            url=self._url,
            headers=headers,
            body=body,
            timeout_s=TIMEOUT_S,
            max_bytes=_MOST_ANSWER_BYTES,
        )
        answer = await self._transport.send(request)
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        kind = ServerTrouble if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused
        raise kind(
            f"the receiver of notifications answered {answer.status}",
            system=SYSTEM,
            status=answer.status,
            detail=f"status {answer.status}",
        )


def _body(notification: Notification) -> PostedBody:
    concern = notification.concern
    return PostedBody(
        type=f"concern.{notification.phase}",
        timestamp=notification.at,
        data=PostedConcern(
            kind=concern.kind,
            tenant=concern.tenant,
            title=notification.title,
            text=concern.text,
            since=notification.since,
            url=notification.url,
        ),
    )
