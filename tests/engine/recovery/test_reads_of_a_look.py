"""What looks for uncertain writes cost, and how soon they end in a repeat.

In the midst of a first sync our app has made thousands of documents within minutes, each read a
second away, and a minute has sixty calls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from syncd.domain.errors import Throttled
from syncd.domain.model.job import JobKind, JobState
from syncd.store import calls, intents, jobs
from syncd.store.unit_of_work import Statement
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

PUT = {"method": "PUT", "path": "/Invoices"}
POST = {"method": "POST", "path": "/Invoices"}
BY_MARK = {"method": "GET", "path": "/Invoices", "contains": "createdByMyApp"}
A_CALL = 50


class Full:
    """A ledger whose allowance has no room so many times, or only after so many seconds."""

    def __init__(self, ledger: Any, *, times: int = 0, waits_s: float = 0.0) -> None:
        self._ledger = ledger
        self.times = times
        self.waits_s = waits_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def reserve(self, *args: Any, **kwargs: Any) -> None:
        if self.times:
            self.times -= 1
            raise Throttled("the minute is spent", retry_after_s=30, limit="minute", system="xero")
        await worlds.passes(self.waits_s)
        await self._ledger.reserve(*args, **kwargs)


def full(rounds: Rounds, **how: Any) -> Full:
    """From here on; the worker, which asks before it claims, had its turn."""
    ledger = Full(rounds.context.ledger, **how)
    rounds.context = replace(rounds.context, ledger=ledger)  # type: ignore[arg-type]  (a double)
    return ledger


def batch(rounds: Rounds, customer: str, name: str, calls: int = 1) -> None:
    for number in range(calls * A_CALL):
        rounds.invoice(customer, f"{name}-{number}")


def looks(rounds: Rounds) -> Counter[str]:
    """How the documents were read since `sent` was cleared, and how often written."""
    found: Counter[str] = Counter()
    for request in rounds.xero.transport.sent:
        if "/Invoices" in request.url:
            by = "mark" if "createdByMyApp" in request.url else "number"
            found[request.method if request.method != "GET" else by] += 1
    return found


async def lose(rounds: Rounds, customer: str, calls: int, do: str = "drop_before_commit") -> None:
    """So many full calls are uncertain, each lost as it was sent; then only what follows counts."""
    rounds.fault(match=PUT, do=do, times=calls)
    batch(rounds, customer, "LOST", calls)
    await rounds.turn()
    rounds.xero.world.faults.set([])
    rounds.xero.transport.sent.clear()


@pytest.mark.parametrize(("before", "expected"), [(0, 1), (1_200, 2)])
def test_lost_call_costs_few_reads_and_goes_again_however_much_was_written_before(
    before: int, expected: int
) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.transport.latency_s = 1.0
        customer = rounds.customer()
        batch(rounds, customer, "OLD", before // A_CALL)
        await rounds.turn()
        await lose(rounds, customer, 1)

        await rounds.after(30)

        assert len(rounds.books()) == before + A_CALL
        assert looks(rounds) == {"number": 1, "mark": expected, "PUT": 1}

    play(story)


def test_calls_that_are_due_together_share_one_look() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        batch(rounds, customer, "OLD", 4)
        await rounds.turn()
        await lose(rounds, customer, 5)

        await rounds.after(60)

        assert len(rounds.books()) == 9 * A_CALL
        assert looks(rounds) == {"number": 3, "mark": 1, "PUT": 5}

    play(story)


def test_repeats_without_room_in_the_allowance_are_not_noted_as_sent() -> None:
    async def story(rounds: Rounds) -> None:
        await lose(rounds, rounds.customer(), 3)
        full(rounds, times=1)

        await rounds.after(25)
        (sent, waiting) = await _open(rounds)
        assert (sent, waiting) == ({1}, {JobState.UNCERTAIN})
        assert looks(rounds)["PUT"] == 0

        await rounds.after(60)
        assert looks(rounds)["PUT"] == 3
        assert len(rounds.books()) == 3 * A_CALL

    play(story)


async def _open(rounds: Rounds) -> tuple[set[int], set[JobState]]:
    """How often the open calls were sent, and how the jobs of their elements stand."""
    opened = await rounds.context.store.fetch(intents.open_of_tenant(TENANT))
    sent = await rounds.context.store.fetch(calls.get(sorted({one.call for one in opened})))
    read: Statement[Any] = jobs.get(TENANT, JobKind.PUSH_INVOICE, [one.key for one in opened])
    rows = await rounds.context.store.fetch(read)
    return {one.sends for one in sent}, {row.state for row in rows}


def test_create_is_not_repeated_once_xero_may_have_forgotten_its_key() -> None:
    async def story(rounds: Rounds) -> None:
        await lose(rounds, rounds.customer(), 1)
        full(rounds, waits_s=rounds.context.limits.replay_within_s)

        await rounds.after(25)
        assert looks(rounds)["PUT"] == 0

        await rounds.after(1_500, step_s=20)
        keys = {
            one.headers["Idempotency-Key"] for one in rounds.xero.transport.sent
            if one.method == "PUT"
        }  # fmt: skip
        assert len(keys) == looks(rounds)["PUT"] == 4  # given up after its looks, and in quarters
        assert len(rounds.books()) == A_CALL

    play(story)


def test_change_is_never_repeated_on_a_look_that_has_grown_old() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()
        rounds.xero.transport.latency_s = rounds.context.limits.live_max_age_s + 1

        await rounds.after(120)
        assert rounds.calls("POST Invoices") == 0
        assert await _open(rounds) == ({1}, {JobState.UNCERTAIN})

        rounds.xero.transport.latency_s = 0.5
        await rounds.after(120)
        assert rounds.calls("POST Invoices") == 1
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_what_a_number_shows_is_settled_although_the_look_by_mark_fails() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await lose(rounds, customer, 1, "drop_after_commit")
        rounds.fault(match=PUT, do="drop_before_commit", times=1)
        missing = rounds.invoice(customer, "MISSING")
        await rounds.turn()
        rounds.fault(match=BY_MARK, do="error_before", times=1)

        await rounds.after(25)
        (one,) = await rounds.context.store.fetch(intents.open_of_tenant(TENANT))
        assert one.key == missing

        await rounds.after(60)
        assert rounds.result(missing)["state"] == "synced"
        assert len(rounds.books()) == A_CALL + 1

    play(story)
