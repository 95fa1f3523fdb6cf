"""What Pipeline does not take is told to people, told again, and keeps nothing else back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from syncd.domain.model.result import RevisedResult
from syncd.ports.billing import Billing, PutAnswer, PutOutcome
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found


def test_a_result_that_pipeline_does_not_take_is_told_to_people_until_it_is_taken() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.rewrite('"outcome":"stored"', '"outcome":"invalid"')
        standing = rounds.pipeline.tenants[rounds.tenant].results
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        standing.standing.clear()
        (told,) = [one for one in (await found(rounds))["result_refused"] if one.key == invoice]
        assert "does not take what it is told of the invoice PL-1" in told.text

        rounds.pipeline.faults.set([])
        await rounds.after(3700, step_s=100)

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


def test_a_result_that_pipeline_refuses_whole_is_told_to_people() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        odd = rounds.invoice(customer, "PL-odd")
        refused = {"method": "POST", "path": "/sync-results", "contains": odd}
        rule = {"match": refused, "do": "error_before", "status": 400, "times": None}
        rounds.pipeline.faults.set([rule])
        await rounds.after(60)

        (told,) = (await found(rounds))["result_refused"]
        assert (told.key, told.label) == (odd, "PL-odd")

        rounds.pipeline.faults.set([])
        await rounds.after(3700, step_s=100)
        assert rounds.result(odd)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


@pytest.mark.parametrize(("status", "within_s"), [(400, 60), (500, 300)])
def test_one_result_that_pipeline_refuses_or_fails_at_keeps_no_other_back(
    status: int, within_s: int
) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        odd = rounds.invoice(customer, "PL-odd")
        failing = {"method": "POST", "path": "/sync-results", "contains": odd}
        rule = {"match": failing, "do": "error_before", "status": status, "times": None}
        rounds.pipeline.faults.set([rule])
        others = [rounds.invoice(customer, f"PL-{number}") for number in range(20)]

        await rounds.after(within_s)

        assert {rounds.result(one).get("state") for one in others} == {"synced"}

    play(story)


def test_pipeline_that_refuses_everything_is_told_as_failing_and_asked_seldom() -> None:
    async def story(rounds: Rounds) -> None:
        path = {"method": "POST", "path": "/sync-results"}
        rule = {"match": path, "do": "error_before", "status": 400, "times": None}
        rounds.pipeline.faults.set([rule])
        customer = rounds.customer()
        for number in range(40):
            rounds.invoice(customer, f"PL-{number}")
        await rounds.after(300)

        asked = rounds.pipeline.dump()["tenants"][rounds.tenant]["calls"]["putSyncResults"]
        assert asked <= 40
        assert rounds.context.reached[rounds.tenant].sending is not None
        told = (await found(rounds))["result_refused"]
        assert len(told) == 1

    play(story)


@dataclass
class Answering:
    """Pipeline, which has one answer to whatever it is told of one invoice."""

    own: Billing
    invoice: str
    answer: Callable[[RevisedResult], PutAnswer | None]
    asked: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)

    async def put_results(
        self, tenant: Any, some: Sequence[RevisedResult]
    ) -> tuple[PutAnswer | None, ...]:
        self.asked += 1
        given = await self.own.put_results(tenant, some)
        return tuple(
            self.answer(one) if one.result.id == self.invoice else said
            for one, said in zip(some, given, strict=True)
        )


def answering(
    rounds: Rounds, invoice: str, answer: Callable[[RevisedResult], PutAnswer | None]
) -> Answering:
    double = Answering(rounds.context.billing, invoice, answer)
    rounds.context = replace(rounds.context, billing=double)  # type: ignore[arg-type]  # the rest is passed on
    return double


@pytest.mark.parametrize(
    "answer",
    [
        lambda one: PutAnswer(outcome=PutOutcome.STALE, revision=one.revision),
        lambda one: PutAnswer(outcome=PutOutcome.STALE, revision=one.revision + 1),
        lambda _: PutAnswer(outcome=PutOutcome.STALE),
        lambda _: None,
    ],
    ids=["stale as it is", "stale behind another", "stale behind nobody knows what", "unreadable"],
)
def test_a_result_that_is_never_taken_is_told_ever_more_rarely_and_people_hear_of_it(
    answer: Callable[[RevisedResult], PutAnswer | None],
) -> None:
    async def story(rounds: Rounds) -> None:
        odd = rounds.invoice(rounds.customer())
        pipeline = answering(rounds, odd, answer)

        await rounds.after(7200, step_s=60)

        assert pipeline.asked <= 16
        (told,) = (await found(rounds))["result_refused"]
        assert told.key == odd

        pipeline.invoice = ""
        await rounds.after(3700, step_s=60)
        assert rounds.result(odd)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


def test_a_stale_answer_that_names_no_revision_loses_no_result() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        future = rounds.result(invoice)["revision"] + 100_000
        standing = {"kind": "invoice", "id": invoice, "revision": future, "state": "failed"}
        rounds.pipeline.tenants[rounds.tenant].results.put(standing)
        own = rounds.context.billing

        class Silent(Answering):
            async def put_results(self, tenant: Any, some: Any) -> Any:
                answers = await own.put_results(tenant, some)
                return tuple(one and replace(one, revision=None) for one in answers)

        double = Silent(own, invoice, lambda _: None)
        rounds.context = replace(rounds.context, billing=double)  # type: ignore[arg-type]  # the rest is passed on
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await rounds.after(300)

        assert (rounds.result(invoice)["state"], rounds.result(invoice)["syncedVersion"]) == (
            "synced",
            2,
        )

    play(story)
