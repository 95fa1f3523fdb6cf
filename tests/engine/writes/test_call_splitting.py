"""A batch whose outcome nobody knows comes apart until the document Xero fails at is alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.support.rounds import Rounds, play

BATCH = 17
POISON = "PL-poison"


def poisoned(rounds: Rounds, text: str = POISON, *, do: str = "error_before", **more: Any) -> None:
    """From here on Xero answers 500 to every write that holds this text."""
    for_writes = [{"method": method, "contains": text} for method in ("PUT", "POST")]
    rules = [{"do": do, "match": match, "times": None, **more} for match in for_writes]
    rounds.xero.world.faults.set(rules)


def numbers(rounds: Rounds) -> list[str]:
    return sorted(str(book["InvoiceNumber"]) for book in rounds.books())


def sizes(rounds: Rounds, method: str, element: str) -> list[int]:
    """How many elements each write of this kind had, as it left."""
    return [
        len(json.loads(sent.body or b"{}")[element])
        for sent in rounds.xero.transport.sent
        if sent.method == method and f"/{element}" in sent.url
    ]


async def named(rounds: Rounds, culprit: str) -> dict[str, Any]:
    """What Pipeline is told of the culprit once it waits; between two waits it is tried again."""
    for _ in range(120):
        await rounds.after(20, step_s=20)
        told = rounds.result(culprit)
        if told["state"] == "waiting":
            return told
    raise AssertionError(f"never named: {rounds.result(culprit)}")


def _batch(rounds: Rounds, customer: str) -> tuple[list[str], str]:
    good = [rounds.invoice(customer, f"PL-{index}") for index in range(BATCH - 1)]
    return good, rounds.invoice(customer, POISON)


def test_one_document_xero_fails_at_is_named_and_its_neighbours_stand_once() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        poisoned(rounds)
        good, culprit = _batch(rounds, customer)

        await rounds.after(3600, step_s=20)

        assert [rounds.result(each)["state"] for each in good] == ["synced"] * len(good)
        assert numbers(rounds) == sorted(f"PL-{index}" for index in range(BATCH - 1))
        told = await named(rounds, culprit)
        assert told["reasonCode"] == "refused"
        assert "also alone" in told["reason"]
        assert "sent again by itself" in told["reason"]

        rounds.xero.world.faults.clear()
        await rounds.after(3600, step_s=60)

        assert rounds.result(culprit)["state"] == "synced"
        assert len(numbers(rounds)) == len(set(numbers(rounds))) == BATCH

    play(story)


def test_neighbours_in_other_parts_stand_after_the_first_call_that_was_given_up() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        poisoned(rounds)
        _batch(rounds, customer)

        await rounds.after(800, step_s=10)

        assert len(numbers(rounds)) >= BATCH * 3 // 4 - 1
        first, *rest = dict.fromkeys(sizes(rounds, "PUT", "Invoices"))
        assert first == BATCH
        assert max(rest) <= BATCH // 4 + 1

    play(story)


def test_document_that_is_changed_in_pipeline_goes_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        poisoned(rounds, "poison text")
        culprit = rounds.invoice(customer, reference="poison text")
        await named(rounds, culprit)

        rounds.user(do="edit_invoice", id=culprit, set={"reference": "plain"})
        await rounds.turn()

        assert rounds.result(culprit)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


@pytest.mark.parametrize("commit", [1, 5])
def test_elements_saved_before_the_error_are_recorded_and_never_sent_again(commit: int) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        poisoned(rounds, do="partial_commit", commit=commit)
        _batch(rounds, customer)

        await rounds.after(7200, step_s=30)

        assert set(numbers(rounds)) >= {f"PL-{index}" for index in range(BATCH - 1)}
        assert len(numbers(rounds)) == len(set(numbers(rounds)))

    play(story)


def test_updates_come_apart_as_well() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        good, culprit = _batch(rounds, customer)
        await rounds.turn()
        poisoned(rounds, "poison text")
        for each in good:
            rounds.user(do="edit_invoice", id=each, set={"reference": "PO 9"})
        rounds.user(do="edit_invoice", id=culprit, set={"reference": "poison text"})

        await rounds.after(3600, step_s=20)

        shown = {str(book["InvoiceNumber"]): book["Reference"] for book in rounds.books()}
        assert shown.pop(POISON) != "poison text"
        assert set(shown.values()) == {"PO 9"}
        assert "also alone" in (await named(rounds, culprit))["reason"]

    play(story)


def test_contacts_come_apart_as_well() -> None:
    async def story(rounds: Rounds) -> None:
        poisoned(rounds, "Poison Ltd")
        for index in range(BATCH - 1):
            rounds.user(do="create_customer", ref=f"C{index}", name=f"Good {index} Ltd")
        rounds.user(do="create_customer", ref="C-poison", name="Poison Ltd")

        await rounds.after(3600, step_s=20)

        organisations = rounds.xero.world.dump()["organisations"]
        (one,) = organisations.values() if isinstance(organisations, dict) else organisations
        found = one["contacts"]
        contacts = list(found.values()) if isinstance(found, dict) else list(found)
        assert sorted(each["Name"] for each in contacts) == sorted(
            f"Good {index} Ltd" for index in range(BATCH - 1)
        )

    play(story)


def test_write_lost_once_is_made_anew_without_a_rest() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        poisoned(rounds)
        rounds.invoice(customer, POISON)
        await rounds.after(600, step_s=10)
        rounds.xero.world.faults.clear()

        await rounds.after(200, step_s=10)

        assert numbers(rounds) == [POISON]

    play(story)
