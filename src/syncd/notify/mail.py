"""Notifications by mail: a subject that says it all, a few sentences, one thread a concern.

Implements `ports.notifier` over a `Mailer`. Introduced in `bootstrap.notifying`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.domain.model.concern import Notification, Phase
from syncd.domain.rules.text.printable import printable
from syncd.ports.notifier import Mail, Mailer

_LONGEST_SUBJECT = 150
_MADE_BY_PROGRAM = (("Auto-Submitted", "auto-generated"),)
"""So that no holiday reply comes back (RFC 3834)."""


class MailNotifier:
    """Writes a mail for each message, from one address to all of several."""

    def __init__(self, mailer: Mailer, *, sender: str, to: Sequence[str]) -> None:
        self._mailer = mailer
        self._sender = sender
        self._to = tuple(to)

    async def send(self, notification: Notification) -> None:
        """See `ports.notifier`."""
        await self._mailer.send(
            Mail(
                message_id=f"{notification.id}@{self._sender.rpartition('@')[2]}",
                sender=self._sender,
                to=self._to,
                subject=_line(f"[syncd] {notification.title}")[:_LONGEST_SUBJECT],
                text="\n".join(_lines(notification)) + "\n",
                headers=_MADE_BY_PROGRAM,
            )
        )


def _lines(notification: Notification) -> Iterator[str]:
    concern = notification.concern
    if notification.phase is Phase.RESOLVED:
        yield "This is over. It was:"
        yield ""
    yield _line(concern.text)
    yield ""
    if concern.tenant is not None:
        yield f"Tenant  {concern.tenant}"
    yield f"Since   {notification.since:%Y-%m-%d %H:%M} UTC"
    if notification.url is not None:
        yield f"See     {notification.url}"


def _line(text: str) -> str:
    """On one line, and nothing in it that a mail program would obey."""
    return " ".join(printable(text).split())
