"""People in the demo do the same for the same dice, and keep off what was planted."""

from __future__ import annotations

from random import Random

from syncd.lab.demo.day import Day, Play
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.seed import seed_books
from syncd.sandbox.xero.server.app import XeroWorld

AT = 1_780_000_000.0
LINES = {"set": {"LineItems": [{"Description": "x", "UnitAmount": "100", "AccountCode": "200"}]}}


def books(seed: int = 3) -> tuple[PipelineWorld, XeroWorld]:
    clock = SandboxClock(lambda: AT)
    pipeline, xero = PipelineWorld(clock=clock, seed=seed), XeroWorld(clock=clock, seed=seed)
    seed_books(pipeline, {"demo": xero.bookkeeper}, seed=seed, customers=4, invoices=40)
    return pipeline, xero


def dice() -> Random:
    return Random(1)  # noqa: S311 - a pretend world's dice


def test_day_writes_edits_approves_and_deletes() -> None:
    pipeline, xero = books()
    actions = [*Day(pipeline, xero, tenant="demo", rng=dice()).actions()]

    verbs = {action.removeprefix("The office ").rpartition(" ")[0] for action in actions}

    assert verbs == {
        "approved", "changed a line of", "changed the reference of", "deleted", "wrote",
    }  # fmt: skip


def test_day_is_the_same_for_the_same_dice() -> None:
    days = []
    for _ in range(2):
        pipeline, xero = books()
        days.append([*Day(pipeline, xero, tenant="demo", rng=dice()).actions()])

    assert days[0] == days[1]


def test_day_leaves_planted_invoices_alone() -> None:
    pipeline, xero = books()
    tenant = pipeline.tenants["demo"]

    for _ in Day(pipeline, xero, tenant="demo", rng=dice()).actions():
        pass

    records = tenant.books.records["invoice"]
    assert tenant.planted
    assert {records[key].document["version"] for key in tenant.planted} == {1}


def test_day_pays_what_stands_in_xero_and_nothing_that_the_office_works_on() -> None:
    pipeline, xero = books()
    tenant = pipeline.tenants["demo"]
    stands = {}
    for key, record in tenant.books.records["invoice"].items():
        if key in tenant.planted:
            continue
        command = {"do": "create_invoice", "InvoiceNumber": record.document["number"], **LINES}
        own = xero.bookkeeper(command)["InvoiceID"]
        stands[record.document["number"]] = own
        item = {"kind": "invoice", "id": key, "revision": 1, "state": "synced"}
        tenant.results.put({**item, "xeroInvoiceId": own})
    day = Day(pipeline, xero, tenant="demo", rng=dice())

    actions = [*day.actions()]

    paid = [action for action in actions if "took a payment" in action]
    office = {action.rpartition(" ")[2] for action in actions if action.startswith("The office")}
    assert len(paid) == day.payments > 0
    assert not office & {action.rpartition(" ")[2] for action in paid}
    invoices = next(iter(xero.books.values())).invoices.by_id
    dues = [invoices[stands[action.rpartition(" ")[2]]].amount_due for action in paid]
    assert all(due < 100 for due in dues)


def test_play_goes_on_and_says_what_was_done() -> None:
    pipeline, xero = books()
    xero.bookkeeper({"do": "create_invoice", "InvoiceNumber": "OWED-1"})
    people = Play(pipeline, xero, tenant="demo", rng=dice())

    actions = [action for action in (people.step() for _ in range(240)) if action]

    assert len(actions) > 180
    assert {action.partition(" in Xero")[0].split()[0] for action in actions} >= {"The"}
    books_kept = {action.partition(" in Xero ")[2].partition(" ")[0] for action in actions}
    assert {"took", "edited", "changed", "wrote", "moved"} <= books_kept
