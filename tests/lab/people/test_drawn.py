# ruff: noqa: S311 - dice of pretend worlds
"""The rarer hands: half of the seeds draw none, every kind is known and does what it says."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from syncd.lab.faults import fault_mix
from syncd.lab.people import drawn, drawn_bookkeeping, drawn_content
from syncd.lab.people.drawn_bookkeeping import RareBookkeeper
from syncd.lab.people.drawn_content import ContentActor, Mix
from syncd.lab.people.office_people import Meeting
from syncd.lab.watch import tenancy
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import UserAtPlay
from syncd.sandbox.xero.ledger.model import APP, Change
from syncd.sandbox.xero.server.app import XeroWorld

MIX = fault_mix.draw(Random(1))
NOW_S = 1_798_761_600.0


def worlds(seed: int = 1) -> tuple[XeroWorld, PipelineWorld]:
    clock = SandboxClock(lambda: NOW_S)
    return XeroWorld(clock=clock, seed=seed), PipelineWorld(clock=clock, seed=seed)


def content_actor(kind: str) -> tuple[PipelineWorld, ContentActor]:
    _, pipeline = worlds()
    at_play = UserAtPlay(pipeline, "demo", Random(1))
    for _ in range(30):
        at_play.step()
    for each in range(3):
        fields = {"ref": f"C-{each}", "name": f"Customer {each}"}
        pipeline.tenants["demo"].books.create("customer", fields, by="a test")
    actor = ContentActor(pipeline, "demo", Random(2))
    actor.mix = Mix((kind,), 10.0)
    return pipeline, actor


def marked(xero: XeroWorld) -> list[dict[str, Any]]:
    """Invoices and contacts as the app makes them."""
    made = []
    for number in range(1, 5):
        contact = xero.bookkeeper(
            {"do": "create_contact", "Name": f"Customer {number}", "ContactNumber": f"c{number}"}
        )
        url = f"https://app.test/invoices/{number:08d}-0000-4000-8000-000000000000?syncd=1"
        fields = {"Url": url, "Contact": {"ContactID": contact["ContactID"]}}
        made.append(xero.bookkeeper({"do": "create_invoice", "set": fields}))
    return made


def test_half_of_the_seeds_draw_nothing_and_some_a_single_kind() -> None:
    mixes = [drawn_content.drawn(Random(seed), ("a", "b", "c", "d", "e")) for seed in range(200)]
    plain = [each for each in mixes if not each.kinds]

    assert 70 < len(plain) < 130
    assert all(not each.an_hour for each in plain)
    assert {len(each.kinds) for each in mixes} == {0, 1, 2, 3, 4, 5}


def hands_of(seed: int) -> list[tuple[str, drawn.Actor]]:
    xero, pipeline = worlds()
    (tenant,) = tenancy.tenants(tenancy.NAMES[:1], xero)

    def dice(purpose: str) -> Random:
        return Random(f"{seed}/{purpose}")

    return list(drawn.actors(dice, xero, pipeline, tenant, Meeting()))


def test_hands_of_a_seed_are_the_same_every_time() -> None:
    def mixes() -> list[tuple[str, float]]:
        return [(who, actor.an_hour) for seed in range(9) for who, actor in hands_of(seed)]

    assert mixes() == mixes()


@pytest.mark.parametrize("kind", drawn_content.KINDS)
def test_every_kind_of_content_is_taken_by_pipeline(kind: str) -> None:
    pipeline, actor = content_actor(kind)
    before = len(pipeline.tenants["demo"].books.feed)

    actions = [actor.step() for _ in range(40)]

    assert any(action.verb for action in actions)
    assert len(pipeline.tenants["demo"].books.feed) > before


@pytest.mark.parametrize("kind", drawn_bookkeeping.KINDS)
def test_every_rare_deed_is_taken_by_xero(kind: str) -> None:
    xero, _ = worlds()
    invoices = marked(xero)
    if kind in ("allocate", "take_back"):
        for each in invoices:
            key = each["InvoiceID"]
            xero.bookkeeper({"do": "credit", "invoice": key, "amount": "1", "allocate": False})
            xero.bookkeeper({"do": "pay", "invoice": key, "amount": "1"})
    if kind == "taken_back":
        for books in xero.books.values():
            for each in books.invoices.current():
                wrote = (("Reference", "PO 1", "PO 2"),)
                each.history.append(Change(at_ms=0, who=APP, what="edited", fields=wrote))
    actor = RareBookkeeper(xero, next(iter(xero.books)), Random(2))
    actor.mix = Mix((kind,), 10.0)

    actions = [actor.step() for _ in range(30)]

    assert any(action.verb == f"rare {kind}" for action in actions)


def test_a_side_that_goes_away_is_back_when_all_behaves() -> None:
    xero, pipeline = worlds()
    outages = drawn.Outages(xero, pipeline, replace(MIX, outage="both"))

    assert outages.step().verb == "goes away"
    assert xero.switches.offline
    assert pipeline.switches["offline"]
    drawn.behave(xero, pipeline)
    assert not xero.switches.offline
    assert not pipeline.switches["offline"]


def test_a_side_that_stalls_answers_late_and_is_counted_as_such() -> None:
    xero, pipeline = worlds()
    outages = drawn.Outages(xero, pipeline, replace(MIX, outage="both", stall_s=90.0))

    outages.step()

    assert (xero.switches.stall_s, pipeline.switches["stall_s"]) == (90.0, 90.0)
    assert not xero.switches.offline
    assert outages.counted == {"Xero stalled": 1, "Pipeline stalled": 1}
    drawn.behave(xero, pipeline)
    assert (xero.switches.stall_s, pipeline.switches["stall_s"]) == (0.0, 0.0)


def test_a_pipeline_that_was_set_back_has_what_was_changed_since_entered_again() -> None:
    _, pipeline = worlds()
    books = pipeline.tenants["demo"].books
    kept, changed = (
        books.create("customer", {"ref": ref, "name": ref}, by="a test") for ref in ("C-1", "C-2")
    )
    backups = drawn.PipelineBackups(pipeline, "demo", 1.0)
    backups.step()
    books.edit("customer", changed, {"name": "Another"}, by="a test")
    gone = books.create("customer", {"ref": "C-3", "name": "Gone"}, by="a test")

    backups.step()

    assert books.alive("customer", gone) is None
    shown = {key: books.records["customer"][key].document for key in (kept, changed)}
    assert [(each["name"], each["version"]) for each in shown.values()] == [
        ("C-1", 1),
        ("Another", 2),
    ]
    assert shown[changed]["phone"]
    assert backups.counted == {"Pipeline was restored from a backup": 1}


def test_a_spent_day_leaves_so_many_calls_and_ends_after_the_storm() -> None:
    xero, _ = worlds()
    tenant = next(iter(xero.books))
    drawn.misbehave(xero, replace(MIX, day_left=200))

    left = xero.limits.headers(tenant, NOW_S)["X-DayLimit-Remaining"]
    assert left == "200"
    assert 3600 < xero.limits.of(tenant).day.resets_in_s(NOW_S) < 7200
    assert xero.limits.headers(tenant, NOW_S + 7200)["X-DayLimit-Remaining"] == "1000"
