"""What the demo shows: every number of a glance, every row of the verdict."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from syncd.cli.pretend.demo_screen import (
    LiveScreen,
    PlainScreen,
    addresses,
    listed,
    picture,
    summary,
)
from syncd.domain import facts
from syncd.domain.ids import TenantId
from syncd.lab.demo.judge import Held, Verdict
from syncd.lab.demo.stage import Stage
from syncd.lab.demo.story import Act, DemoStatus, Outcome
from syncd.lab.demo.tally import Tally, Told

DEMO = TenantId("demo")
STAGE = cast(
    "Stage",
    SimpleNamespace(
        operator_url="http://127.0.0.1:1",
        login_link="http://127.0.0.1:1/login/ticket",
        worlds=SimpleNamespace(xero_url="http://127.0.0.1:2", pipeline_url="http://127.0.0.1:3"),
        log=Path("/run/demo/syncd.log"),
        config=Path("/run/demo/syncd.toml"),
    ),
)


def status(act: Act = Act.INVOICES, **changes: Any) -> DemoStatus:
    tally = Tally(
        tenant=DEMO,
        calls=Counter(read_invoices=2, create_invoices=5),
        minute_left=53,
        day_left=4993,
    )
    told = Told(
        customers=4,
        customers_told=4,
        invoices=40,
        states={"synced": 31, "waiting": 2, "pending": 7, "out_of_sync": 3},
        unsettled=7,
    )
    fields: dict[str, Any] = {
        "act": act,
        "at_s": 3.0,
        "organisation": "Harbour Build",
        "told": told,
        "tally": tally,
        "rate": 20.4,
        "first_sync_s": 0.6,
        "books_stood_s": None,
    }
    return DemoStatus(**(fields | changes))


def held() -> DemoStatus:
    found = status()
    found.tally.brake = facts.BrakeMoved(
        tenant=DEMO, is_halted=True, kind="voids", text="40 invoices would be voided."
    )
    return found


def out(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=terminal, width=110, highlight=False), stream


def test_addresses_name_both_dumps_and_the_other_shell() -> None:
    told = dict(addresses(STAGE, ".venv/bin/syncd"))

    assert told["pretend Xero"] == "http://127.0.0.1:2/_sandbox/dump"
    assert told["pretend Pipeline"] == "http://127.0.0.1:3/_sandbox/dump"
    assert told["in another shell"] == "export SYNCD_CONFIG=/run/demo/syncd.toml"
    assert ".venv/bin/syncd status" in told["  what waits"]
    assert ".venv/bin/syncd plan by-hand" in told["  plan, apply"]
    assert told["  trip the brake"].endswith("http://127.0.0.1:3/_sandbox/user")


def test_the_console_is_what_is_named_first() -> None:
    console, stream = out()
    with PlainScreen(console, "syncd") as screen:
        screen.raised(STAGE)

    first = stream.getvalue().splitlines()[0]
    assert first.split() == ["Console", "http://127.0.0.1:1/login/ticket"]


def test_plain_screen_says_when_an_act_begins_and_no_more_than_moves() -> None:
    console, stream = out()
    with PlainScreen(console, "syncd") as screen:
        screen.raised(STAGE)
        before = len(stream.getvalue().splitlines())
        screen.seen(status())
        screen.seen(status(at_s=3.2))
        screen.seen(status(at_s=9.0))
        screen.acted("The office wrote DAY-0001")

    lines = stream.getvalue().splitlines()[before:]
    assert len(lines) == 2
    for part in (
        "31 synced",
        "7 pending",
        "2 waiting",
        "3 out of sync",
        "4/4 customers",
        "7 calls to Xero",
        "53",
    ):
        assert part in lines[0]


def test_plain_screen_says_what_ends_it_and_that_it_ends() -> None:
    console, stream = out()
    with PlainScreen(console, "syncd") as screen:
        screen.raised(STAGE)
        before = stream.getvalue()
        screen.ending()

    assert "Ctrl-C" in before
    assert stream.getvalue().removeprefix(before).startswith("Ending: ")


def test_brake_is_said_once_with_the_word_that_releases_it() -> None:
    console, stream = out()
    with PlainScreen(console, "bin/syncd") as screen:
        screen.seen(status())
        screen.seen(held())
        screen.seen(replace(held(), at_s=20.0))
        screen.seen(replace(status(), at_s=30.0))

    shown = stream.getvalue()
    assert shown.count("40 invoices would be voided. bin/syncd brakes release demo") == 1
    assert shown.count("The brake is released.") == 1


@pytest.mark.parametrize("act", [Act.DAY, Act.PLAY])
def test_picture_fits_a_small_terminal_with_a_brake_and_the_last_deeds(act: Act) -> None:
    width, height = 80, 24
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, height=height)
    places = tuple(addresses(STAGE, "syncd"))
    deeds = [f"The office approved INV-{at}" for at in range(3)]

    shown = picture(replace(held(), act=act), places, deeds, program="syncd", is_roomy=False)

    lines = console.render_lines(shown, console.options.update(height=None))
    text = ["".join(part.text for part in line).strip() for line in lines]
    assert len(lines) <= height
    assert text[-1] == deeds[-1]


def test_screen_says_how_long_work_waits_for_the_limit() -> None:
    shown = []
    for rests_s in (34.2, 0.5):
        console, stream = out()
        with PlainScreen(console, "syncd") as screen:
            screen.seen(status(rests_s=rests_s))
        shown.append("work waits 34 s for Xero's limit" in stream.getvalue())

    assert shown == [True, False]


def test_live_screen_draws_acts_states_numbers_places_and_deeds() -> None:
    console, stream = out(terminal=True)
    with LiveScreen(console, "syncd") as screen:
        screen.raised(STAGE)
        screen.acted("The office approved INV-1012")
        screen.seen(status())

    shown = stream.getvalue()
    for part in (
        "connected to Harbour Build", "33/40", "out of sync", "31", "53 left this minute",
        "http://127.0.0.1:1/login/ticket",
        "first invoice synced after 0.6 s", "20 invoices/s", "SYNCD_CONFIG", "INV-1012",
    ):  # fmt: skip
        assert part in shown


def test_live_screen_names_the_last_act() -> None:
    shown = []
    for act in (Act.DAY, Act.PLAY):
        console, stream = out(terminal=True)
        with LiveScreen(console, "syncd") as screen:
            screen.seen(status(act))
        shown.append(stream.getvalue())

    assert "a day in the office" in shown[0]
    assert "people at work" in shown[1]


def test_summary_shows_every_reason_with_its_words_and_the_calls() -> None:
    verdict = Verdict(
        customers=4, contacts=3, invoices=40, equal=38, created=39, edited=5, voided=1,
        held={"number_taken": Held(count=2, sample="Its number is held.")},
        payments=3, paid={"NZD": Decimal("1234.50")},
    )  # fmt: skip
    console, stream = out()

    console.print(summary(Outcome(verdict=verdict, last=status(books_stood_s=2.5))))

    shown = stream.getvalue()
    for part in ("held: number_taken", "Its number is held.", "5 create_invoices", "2.5 s"):
        assert part in shown
    assert "1,234.50 NZD" in shown
    assert "Every invoice and its money is equal in both books" in shown


def test_summary_counts_what_is_wrong() -> None:
    console, stream = out()

    console.print(summary(Outcome(verdict=Verdict(wrong=["INV-1: total"]), last=status())))

    assert "Not as it must be: 1" in stream.getvalue()


def test_counts_are_listed_largest_first() -> None:
    assert listed({"b": 1, "a": 1, "c": 3}) == "3 c, 1 a, 1 b"
