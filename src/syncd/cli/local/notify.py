"""`syncd notify`: whether messages to people arrive, tried before one is needed."""

from __future__ import annotations

from contextlib import AsyncExitStack

from cyclopts import App

from syncd.bootstrap import notifying
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.local.options import options_or_end
from syncd.cli.output import say
from syncd.cli.parameters import Config
from syncd.config.options import Options
from syncd.domain.errors import ConfigError, RemoteError
from syncd.domain.model.concern import Concern, ConcernKind, KnownConcern, Notification, Phase, Way
from syncd.domain.rules.tenant.notifying import ToTell, message
from syncd.domain.rules.text import wording
from syncd.ports.transport import Transport
from syncd.runtime.aiohttp_transport import AiohttpTransport, tcp_transport
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.system_entropy import SystemEntropy

_NOBODY = (
    "Nobody is told of anything: [notify] names no address. Give notify.url and notify.secret, or "
    "notify.smtp_url, notify.sender and notify.to."
)
notify = App(
    name="notify",
    help="Messages to people: try whether they arrive.",
    help_epilogue="Example: `syncd notify test`",
)


@notify.command(name="test")
async def try_out(*, config: Config = None) -> None:
    """Send one message on each way of [notify], now; exit 1 when one is not taken.

    Beside a running daemon or without one; nothing is stored and nothing tried again.
    """
    options = options_or_end(config)
    clock = SystemClock()
    async with AsyncExitStack() as stack:

        def transport(system: str) -> Transport:
            made: AiohttpTransport = tcp_transport(system)
            stack.push_async_callback(made.close)
            return made

        try:
            ways = notifying.notifiers(options, transport, clock)
        except ConfigError as error:
            end(Exit.BAD_CONFIGURATION, "; ".join(error.problems))
        if not ways:
            end(Exit.FAILED, _NOBODY)
        is_good = True
        for way, notifier in ways.items():
            try:
                await notifier.send(_trial(options, clock))
            except RemoteError as error:
                is_good = False
                complain(f"{way}: {_whom(options, way)}: {wording.what_happened(error)}")
            else:
                say(f"{way}: taken for {_whom(options, way)}")
    if not is_good:
        end(Exit.FAILED)


def _whom(options: Options, way: Way) -> str:
    return ", ".join(options.notify.to) if way is Way.MAIL else str(options.notify.url)


def _trial(options: Options, clock: SystemClock) -> Notification:
    now = clock.now()
    text = "Messages of syncd arrive here. Somebody tried it; nothing is wrong and nothing to do."
    concern = Concern(kind=ConcernKind.TEST, tenant=None, text=text)
    return message(
        ToTell(phase=Phase.OPENED, known=KnownConcern(concern=concern, since=now, told_at=now)),
        message_id=f"msg_{SystemEntropy().token(12)}",
        now=now,
        console=options.server.console_url,
    )
