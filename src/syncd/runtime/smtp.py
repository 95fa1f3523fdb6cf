"""The Mailer port over aiosmtplib: one connection a mail, closed behind it.

The only room that knows the library. Whether the line is sealed is settled before anything is said
on it: by TLS from the first byte, or by STARTTLS, without which nothing is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from syncd.domain.errors import NotSent, OutcomeUnknown, Refused
from syncd.domain.model.value import Value
from syncd.ports.clock import Clock
from syncd.ports.notifier import Mail

SYSTEM = "mail"
TIMEOUT_S = 15.0
"""Of each step: connecting, signing in, handing over."""


class MailServer(Value, frozen=True, kw_only=True):
    """Where mails are handed over, and as whom."""

    not_shown = ("password",)

    host: str
    port: int
    is_sealed: bool
    """TLS from the first byte; else by STARTTLS."""
    may_be_plain: bool = False
    """Without STARTTLS, where the server has none: on this machine."""
    user: str | None = None
    password: str | None = None


class SmtpMailer:
    """Hands mails to one server."""

    def __init__(self, server: MailServer, *, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """See `ports.notifier`; refused is what every receiver's address was."""
        async with self._connected() as smtp:
            try:
                await smtp.send_message(self._written(mail), sender=mail.sender, recipients=mail.to)
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as error:
                text = "a mail was handed over, its outcome is unknown"
                raise OutcomeUnknown(f"{text}: {_said(error)}", system=SYSTEM) from None
            except aiosmtplib.SMTPException as error:
                raise self._refused(error) from None

    async def try_out(self, sender: str, to: Sequence[str]) -> None:
        """See `ports.notifier`."""
        async with self._connected() as smtp:
            try:
                await smtp.mail(sender)
                for address in to:
                    await smtp.rcpt(address)
                await smtp.rset()
            except aiosmtplib.SMTPException as error:
                raise self._refused(error) from None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.is_sealed,
            start_tls=False,
            timeout=TIMEOUT_S,
        )
        try:
            await self._sealed(smtp)
            if server.user is not None and server.password is not None:
                await smtp.login(server.user, server.password)
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPNotSupported) as error:
            smtp.close()
            raise self._refused(error) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            smtp.close()
            where = f"{server.host}:{server.port}"
            raise NotSent(
                f"the mail server at {where} could not be reached: {_said(error)}", system=SYSTEM
            ) from None
        try:
            yield smtp
        finally:
            smtp.close()

    async def _sealed(self, smtp: aiosmtplib.SMTP) -> None:
        """Connect, and have the line sealed before anything is said on it."""
        await smtp.connect()
        if self._server.is_sealed:
            return
        await smtp.ehlo()
        if smtp.supports_extension("starttls"):
            await smtp.starttls()
        elif not self._server.may_be_plain:
            raise aiosmtplib.SMTPNotSupported(_NO_STARTTLS)

    def _refused(self, error: aiosmtplib.SMTPException) -> Refused:
        said = _said(error)
        return Refused(f"the mail server refused: {said}", system=SYSTEM, detail=said)

    def _written(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["Message-ID"] = f"<{mail.message_id}>"
        message["Date"] = format_datetime(self._clock.now())
        message["From"], message["To"] = mail.sender, ", ".join(mail.to)
        message["Subject"] = mail.subject
        for name, value in mail.headers:
            message[name] = value
        message.set_content(mail.text)
        return message


_NO_STARTTLS = "it has no STARTTLS; smtps:// asks for TLS from the first byte"
_LONGEST = 200


def _said(error: Exception) -> str:
    """What the server said, on one line; of several refused addresses the first."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    text = getattr(error, "message", "") or str(error) or type(error).__name__
    return " ".join(str(text).split())[:_LONGEST]
