"""A message to people on one way, and a mail to a mail server: once, no retries of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from syncd.domain.model.concern import Notification
from syncd.domain.model.value import Value


class Notifier(Protocol):
    """Delivers a message on one way."""

    async def send(self, notification: Notification) -> None:
        """Deliver it; returns once the other side has taken it.

        Raises RemoteError. It may have arrived all the same: a second time it carries the same id.
        """
        ...


class Mail(Value, frozen=True, kw_only=True):
    """A plain text mail; `message_id` without angle brackets."""

    message_id: str
    sender: str
    to: Sequence[str]
    subject: str
    text: str
    headers: Sequence[tuple[str, str]] = ()


class Mailer(Protocol):
    """Hands mails to one mail server."""

    async def send(self, mail: Mail) -> None:
        """Hand one over to all its receivers. Raises NotSent, Refused, OutcomeUnknown."""
        ...

    async def try_out(self, sender: str, to: Sequence[str]) -> None:
        """Sign in and ask whether these addresses are taken, and send nothing.

        Raises NotSent, Refused, OutcomeUnknown.
        """
        ...
