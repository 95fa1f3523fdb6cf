"""Makes the ways on which people are told what only they can mend, from `[notify]`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import unquote, urlsplit

import anyio

from syncd.bootstrap.machine import Machine
from syncd.config.access import is_loopback
from syncd.config.options import Options
from syncd.domain.errors import ConfigError, NotSent, RemoteError
from syncd.domain.model.concern import Way
from syncd.domain.rules.tenant.notifying import Patience
from syncd.domain.rules.text import wording
from syncd.engine.connection.gate import Connections
from syncd.engine.core.context import SyncContext
from syncd.engine.loops.loop import Round
from syncd.engine.loops.notifications import Notifying
from syncd.engine.operator import concerns
from syncd.engine.operator.tenant_troubles import Allowance
from syncd.notify.mail import MailNotifier
from syncd.notify.post import SYSTEM, PostNotifier, signer
from syncd.ports.clock import Clock
from syncd.ports.notifier import Notifier
from syncd.ports.transport import Transport
from syncd.runtime.smtp import MailServer, SmtpMailer

_PORTS = {"smtps": 465, "smtp": 587}
_TRIED_WITHIN_S = 30.0


def notifiers(
    options: Options, transport: Callable[[str], Transport], clock: Clock
) -> dict[Way, Notifier]:
    """The ways that are configured, none to both. Raises ConfigError for what is no secret."""
    notify, found = options.notify, dict[Way, Notifier]()
    if notify.url is not None and notify.secret is not None:
        secret = notify.secret.get_secret_value()
        found[Way.HTTP] = PostNotifier(
            transport(SYSTEM), url=notify.url, secret=secret, clock=clock
        )
    if (server := _server(options)) is not None and notify.sender is not None:
        mailer = SmtpMailer(server, clock=clock)
        found[Way.MAIL] = MailNotifier(mailer, sender=notify.sender, to=notify.to)
    return found


def rounds(
    options: Options,
    machine: Machine,
    context: SyncContext,
    gates: Connections,
    allowance: Allowance,
) -> Round | None:
    """One round of telling people; None where nobody is to be told. Raises ConfigError."""
    found = notifiers(options, machine.transport, machine.clock)
    if not found:
        return None
    return Notifying(
        context,
        standing=partial(concerns.standing, context, gates, allowance),
        notifiers=found,
        patience=Patience(
            after_s=options.notify.after_s, repeat_every_s=options.notify.repeat_every_s
        ),
        console=options.server.console_url,
    ).once


def secret_problem(options: Options) -> str | None:
    """Why what signs messages is no secret, by its key."""
    try:
        if options.notify.secret is not None:
            signer(options.notify.secret.get_secret_value())
    except ConfigError as error:
        return error.problems[0]
    return None


async def mail_problem(options: Options, clock: Clock) -> str:
    """What the mail server refuses, or that it does not answer, by key; empty for nothing."""
    server, sender = _server(options), options.notify.sender
    if server is None or sender is None:
        return ""
    where = f"notify.smtp_url: {server.host}:{server.port}"
    try:
        with anyio.fail_after(_TRIED_WITHIN_S):
            await SmtpMailer(server, clock=clock).try_out(sender, options.notify.to)
    except NotSent:
        return f"{where} cannot be reached: its name is unknown, or no mail server listens there"
    except TimeoutError:
        return f"{where} does not answer within {_TRIED_WITHIN_S:g} s"
    except RemoteError as error:
        return f"{where}: {wording.what_happened(error)}"
    return ""


def _server(options: Options) -> MailServer | None:
    notify = options.notify
    if notify.smtp_url is None:
        return None
    parts = urlsplit(notify.smtp_url)
    host = parts.hostname or ""
    return MailServer(
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        is_sealed=parts.scheme == "smtps",
        may_be_plain=is_loopback(host) or options.security.allow_plain_http,
        user=None if parts.username is None else unquote(parts.username),
        password=None if notify.password is None else notify.password.get_secret_value(),
    )
