"""Pipeline and Xero at their worst: one entry stops nothing, is told, and costs what it may."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.attack.attacker import THOROUGH, new_lines, peak_mb
from tests.attack.conftest import Figure
from tests.journeys.support.harness import Journey, call, wait_until

PASSES_WITHIN_S = 30.0
STANDING_S = 5.0 * THOROUGH
MOST_CALLS_A_SECOND = 3
MOST_MB = 150.0
HUGE = 60_000_000
FOR_EVER = 1_000_000
LINE = {
    "description": "ODDTEXT", "quantity": 2, "unitAmount": 10.5, "costCode": "LAB", "taxRate": 0.15
}  # fmt: skip
MORE = ('"hasMore":false', '"hasMore":true')
MOST_LINES = 60
CONTROLS = "\x1b]0;owned\x07 \x9b2J"


@contextmanager
def asleep(way: Journey) -> Iterator[None]:
    """The daemon sees nothing of what happens during the block until it is over."""
    assert way.daemon.process is not None
    way.daemon.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        way.daemon.process.send_signal(signal.SIGCONT)


def feed_text(way: Journey) -> str:
    """The whole feed as Pipeline sends it."""
    told = way.worlds.told["pipeline"]
    key = told["tenants"]["demo"]["key"]
    answer = call("GET", f"{told['url']}/changes?limit=500", Authorization=f"Bearer {key}")
    assert answer.status == 200
    return answer.body.decode()


def entry(feed: str, identity: str) -> str:
    """The text of one object's entry."""
    found = [each for each in json.loads(feed)["changes"] if each["id"] == identity]
    begin = feed.index(f'{{"seq":{found[-1]["seq"]},')
    _, length = json.JSONDecoder().raw_decode(feed[begin:])
    return feed[begin : begin + length]


def swap(find: str, put: str) -> Callable[[str], str]:
    def swapped(text: str) -> str:
        assert find in text, (find, text)
        return text.replace(find, put)

    return swapped


def with_value(name: str, value: str | None) -> Callable[[str], str]:
    """The entry's own field with another value, or without it."""

    def changed(text: str) -> str:
        given = json.dumps(json.loads(text)[name], separators=(",", ":"))
        return swap(f'"{name}":{given},', "" if value is None else f'"{name}":{value},')(text)

    return changed


def with_updated(instant: str) -> Callable[[str], str]:
    """The object's own instant, another one."""

    def changed(text: str) -> str:
        return text.replace(
            f'"updatedAt":"{json.loads(text)["data"]["updatedAt"]}"', f'"updatedAt":"{instant}"'
        )

    return changed


ODD: dict[str, Callable[[str], str]] = {
    "half an emoji": swap("ODDTEXT", "\\ud83d"),
    "an instant before the calendar": with_updated("0001-01-01T00:00:00+13:00"),
    "no instant": with_value("at", "null"),
    "no id": with_value("id", "null"),
    "an empty id": with_value("id", '""'),
    "no version": with_value("version", None),
    "a version above 63 bits": with_value("version", str(2**70)),
    "2,000 levels of nesting": swap('"tracking":[]', '"tracking":' + "[" * 2000 + "]" * 2000),
    "an amount without end": swap('"unitAmount":10.5', '"unitAmount":1e999999'),
    "a date at the end of time": swap('"dueDate":null', '"dueDate":"9999-12-31"'),
}


@contextmanager
def misbehaving(way: Journey, **rule: object) -> Iterator[None]:
    """Pipeline's feed does so, every time, for the length of the block."""
    way.worlds.pipeline(rules=[{"match": {"path": "changes"}, "times": FOR_EVER, **rule}])
    try:
        yield
    finally:
        way.worlds.pipeline(rules=[])


def troubles(way: Journey) -> list[str]:
    """What stands on the tenant's card."""
    card = way.daemon.get("/api/v1/tenants/demo").json()
    return [each["text"] for each in card["troubles"]]


def test_good_invoices_pass_behind_odd_entries_and_each_is_told(
    way: Journey, figure: Figure
) -> None:
    customer = way.customer("Odd")
    with ExitStack() as stack:
        with asleep(way):
            odd = {name: way.invoice(customer, lines=[LINE]) for name in ODD}
            good = [way.invoice(customer) for _ in ODD]
            feed = feed_text(way)
            texts = {name: entry(feed, identity) for name, identity in odd.items()}
            find = ",".join(texts.values())
            put = ",".join(change(texts[name]) for name, change in ODD.items())
            assert find in feed
            stack.enter_context(misbehaving(way, do="rewritten", find=find, put=put))
        began = time.monotonic()
        for each in good:
            way.wait_told(each, PASSES_WITHIN_S, state="synced")
        took_s = time.monotonic() - began
        told = wait_until(
            lambda: way.daemon.get("/api/v1/tenants/demo/findings").json()["items"],
            PASSES_WITHIN_S,
            way.daemon.tail,
        )
        shown = way.daemon.run("invoices", "list").stdout

    figure(f"seconds for {len(good)} good invoices behind {len(ODD)} odd entries", took_s, "s")
    assert {each["kind"] for each in told} <= {"unreadable_in_pipeline", "unreadable_feed"}
    assert "[<class" not in shown
    for text in texts.values():
        number = json.loads(text)["data"]["number"]
        assert number in shown + json.dumps(told), (number, told)


def test_huge_entry_costs_little_and_stops_nothing(way: Journey, figure: Figure) -> None:
    """It is read cut short, counted as one that cannot be read, and what is behind it goes on."""
    way.wait_told(way.invoice(way.customer("Before")), PASSES_WITHIN_S, state="synced")
    customer = way.customer("Huge")
    with (
        new_lines(way.daemon) as lines,
        misbehaving(way, do="rewritten", find="ODDTEXT", put="x" * HUGE),
    ):
        before_mb = peak_mb(way.daemon)
        way.invoice(customer, lines=[LINE])
        good = way.invoice(customer)
        way.wait_told(good, 2 * PASSES_WITHIN_S, state="synced")
        wait_until(lambda: '"unreadable": 1' in way.daemon.tail(), PASSES_WITHIN_S, way.daemon.tail)
        grown_mb = peak_mb(way.daemon) - before_mb

    figure("memory for a feed entry of 60 MB", grown_mb, "MB")
    assert grown_mb < MOST_MB
    assert len(lines) < MOST_LINES


@pytest.mark.parametrize(
    ("name", "misbehaviour"),
    [
        ("says there is more", {"do": "rewritten", "find": MORE[0], "put": MORE[1]}),
        ("is too old for ever", {"do": "gone"}),
        ("throttles with 0", {"do": "throttle", "retry_after": 0}),
    ],
)
def test_feed_that_stands_still_is_not_hammered(
    way: Journey, name: str, misbehaviour: dict[str, object], figure: Figure
) -> None:
    def calls() -> int:
        return sum(way.worlds.pipeline_books()["calls"].values())

    way.wait_told(way.invoice(way.customer(name)), PASSES_WITHIN_S, state="synced")
    with new_lines(way.daemon) as lines, misbehaving(way, **misbehaviour):
        began, before = time.monotonic(), calls()
        time.sleep(STANDING_S)
        rate = (calls() - before) / (time.monotonic() - began)
        told = troubles(way)

    way.wait_told(way.invoice(way.customer(f"{name}, mended")), PASSES_WITHIN_S, state="synced")
    figure(f"calls a second to a feed that {name}", rate, "/s")
    assert 0 < rate < MOST_CALLS_A_SECOND
    assert 0 < len(lines) < MOST_LINES * THOROUGH
    # To be throttled is no trouble until it has lasted five minutes.
    assert told or misbehaviour["do"] == "throttle"
    assert troubles(way) == []


def test_name_commands_no_terminal(way: Journey) -> None:
    customer = way.customer(f"Evil {CONTROLS}")
    invoice = way.invoice(customer, number=f"J-EVIL{len(CONTROLS)}")
    wait_until(lambda: way.told(invoice), PASSES_WITHIN_S, way.daemon.tail)

    for command in (("contacts", "list"), ("invoices", "list"), ("report", "demo")):
        shown = way.daemon.run(*command)
        assert not {"\x1b", "\x07", "\x9b"} & set(shown.stdout + shown.stderr), command
    listed = way.daemon.run("contacts", "list").stdout
    assert "\\x1b]0;owned\\x07" in listed.replace("\n", "")
