"""People in the demo do the same for the same dice, and keep off what was planted."""

from __future__ import annotations

from random import Random

from syncd.lab.demo_day import Day, Play
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.seed import seed_books
from syncd.sandbox.xero.app import XeroWorld

AT = 1_780_000_000.0


def books(seed: int = 3) -> tuple[PipelineWorld, XeroWorld]:
    clock = SandboxClock(lambda: AT)
    pipeline, xero = PipelineWorld(clock=clock, seed=seed), XeroWorld(clock=clock, seed=seed)
    seed_books(pipeline, {"demo": xero.bookkeeper}, seed=seed, customers=4, invoices=40)
    return pipeline, xero


def dice() -> Random:
    return Random(1)  # noqa: S311 - a pretend world's dice


def test_day_writes_edits_approves_and_deletes() -> None:
    pipeline, _ = books()
    deeds = [*Day(pipeline, "demo", dice()).deeds()]

    verbs = {deed.removeprefix("The office ").rpartition(" ")[0] for deed in deeds}

    assert verbs == {
        "approved", "changed a line of", "changed the reference of", "deleted", "wrote",
    }  # fmt: skip


def test_day_is_the_same_for_the_same_dice() -> None:
    days = [[*Day(books()[0], "demo", dice()).deeds()] for _ in range(2)]

    assert days[0] == days[1]


def test_day_leaves_planted_invoices_alone() -> None:
    pipeline, _ = books()
    tenant = pipeline.tenants["demo"]

    for _ in Day(pipeline, "demo", dice()).deeds():
        pass

    records = tenant.books.records["invoice"]
    assert tenant.planted
    assert {records[key].document["version"] for key in tenant.planted} == {1}


def test_play_goes_on_and_says_what_was_done() -> None:
    pipeline, xero = books()
    xero.bookkeeper({"do": "create_invoice", "InvoiceNumber": "OWED-1"})
    people = Play(pipeline, xero, tenant="demo", rng=dice())

    deeds = [deed for deed in (people.step() for _ in range(60)) if deed]

    assert len(deeds) > 45
    assert {deed.partition(" in Xero")[0].split()[0] for deed in deeds} >= {"The"}
    assert any(" in Xero took a payment for " in deed for deed in deeds)
