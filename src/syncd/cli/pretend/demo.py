"""`syncd demo`: the whole system offline, watched live; with `--once` judged at its end."""

from __future__ import annotations

import shlex
import signal
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import anyio

from syncd.cli.ending import complain, end, first_words
from syncd.cli.exits import Exit
from syncd.cli.output import console
from syncd.cli.pretend.demo_screen import LiveScreen, PlainScreen, Screen, summary
from syncd.domain.errors import SyncdError
from syncd.lab.demo.stage import DemoFailed
from syncd.lab.demo.story import EarlyEnd, Outcome, play
from syncd.sandbox.seed import Country

OVER = "The demo is over; its folder is removed, with the log and the configuration named above."


def demo(
    *,
    seed: int = 1,
    once: bool = False,
    customers: int = 40,
    invoices: int = 300,
    country: Country = "NZ",
) -> None:
    """Run the whole system offline: a pretend Xero, a pretend Pipeline, the daemon between them.

    Seeded books flow into Xero first. Then people keep working on both sides until Ctrl-C, or,
    with --once, a scripted day follows, in which customers pay, and both books are compared: exit 0
    when every invoice and its money is equal in both or held for the reason the seed planted, else
    1.

    Parameters
    ----------
    seed
        Same seed, same books and deeds.
    once
        A scripted day instead of play without end; ends with a table.
    customers
        How many customers Pipeline begins with.
    invoices
        How many invoices it begins with; from ten on, some cannot be sent.
    country
        Where its Xero organisation is: chart, tax types, currency and the quarters that are closed.
    """
    for name, value, least in (("--customers", customers, 1), ("--invoices", invoices, 0)):
        if value < least:
            end(Exit.USAGE, f"{name}: expected {least} or more, got {value}")
    fast = find_spec("uvloop") is not None
    screen, failed = screen_of(_program()), ""
    try:
        story = partial(
            watched,
            screen,
            seed=seed,
            customers=customers,
            invoices=invoices,
            once=once,
            country=country,
        )
        outcome = anyio.run(story, backend_options={"use_uvloop": fast})
    except* (SyncdError, DemoFailed, OSError) as group:
        failed = first_words(group)
    if failed:
        end(Exit.FAILED, f"The demo could not go on: {failed}")
    if outcome is None:
        console().print(OVER)
        return
    report(outcome)


def report(outcome: Outcome) -> None:
    """The table, then what differs; exit 1 when something does."""
    console().print(summary(outcome))
    console().print(OVER)
    for line in outcome.verdict.wrong:
        complain(f"differs: {line}")
    for line in outcome.last.tally.failures:
        complain(f"unforeseen in the daemon: {line}")
    if not outcome.verdict.is_good:
        end(Exit.FAILED)


def screen_of(program: str) -> Screen:
    """A live view on a terminal, else a line now and then."""
    out = console()
    return LiveScreen(out, program) if out.is_terminal else PlainScreen(out, program)


async def watched(
    screen: Screen,
    *,
    seed: int,
    customers: int,
    invoices: int,
    once: bool,
    country: Country = "NZ",
) -> Outcome | None:
    """The demo on a screen; Ctrl-C or TERM ends it, a second one at once."""
    early_end = EarlyEnd()
    with screen, anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                async for _signal in signals:
                    screen.ending()
                    early_end.fall()

            group.start_soon(listen)
            outcome = await play(
                screen,
                seed=seed,
                customers=customers,
                invoices=invoices,
                once=once,
                country=country,
                early_end=early_end,
            )
            group.cancel_scope.cancel()
    return outcome


def _program() -> str:
    """How this program was called, so that its neighbours can be called the same way."""
    called = Path(sys.argv[0])
    return shlex.quote(str(called)) if called.name == "syncd" else "syncd"
