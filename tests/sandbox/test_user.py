from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User, UserAtPlay


@pytest.fixture
def world(clock: SandboxClock) -> PipelineWorld:
    return PipelineWorld(clock=clock, tenants=("demo", "other"))


@pytest.fixture
def user(world: PipelineWorld) -> User:
    return User(world)


@pytest.fixture
def invoice(user: User) -> str:
    customer = user({"do": "create_customer", "ref": "C-1", "name": "Harbour Cafe"})["id"]
    line = {"description": "Install", "quantity": 2, "unitAmount": "50", "taxRate": "0.15"}
    made = user(
        {"do": "create_invoice", "number": "INV-1", "customerId": customer, "lines": [line]}
    )
    return str(made["id"])


def shown(world: PipelineWorld, invoice: str) -> dict[str, Any]:
    row: dict[str, Any] = world.dump()["tenants"]["demo"]["invoices"][invoice]
    return row


def test_invoice_goes_from_draft_to_sent_and_back(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    assert shown(world, invoice)["status"] == "Draft"
    for verb, status in (("approve", "Approved"), ("send", "Sent"), ("reopen", "Draft")):
        user({"do": verb, "number": "INV-1"})
        assert shown(world, invoice)["status"] == status
    assert shown(world, invoice)["version"] == 4


def test_edit_of_a_line_keeps_its_id_and_moves_the_totals(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    before = shown(world, invoice)
    user({"do": "edit_line", "id": invoice, "line": 0, "set": {"quantity": "3"}})
    after = shown(world, invoice)
    assert (before["total"], after["total"]) == ("115", "172.5")
    assert before["lines"][0]["id"] == after["lines"][0]["id"]


def test_total_can_be_planted_off_by_a_cent_until_the_next_edit(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    user({"do": "edit_invoice", "id": invoice, "set": {"total": "115.01"}})
    assert shown(world, invoice)["total"] == "115.01"
    user({"do": "edit_invoice", "id": invoice, "set": {"reference": "PO-1"}})
    assert shown(world, invoice)["total"] == "115"


def test_number_may_be_edited_but_never_shared(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    customer = shown(world, invoice)["customerId"]
    user({"do": "edit_invoice", "id": invoice, "set": {"number": "INV-2"}})
    user({"do": "create_invoice", "number": "INV-1", "customerId": customer})
    with pytest.raises(ValueError, match="INV-1"):
        user({"do": "edit_invoice", "id": invoice, "set": {"number": "INV-1"}})


def test_deleted_invoice_stays_in_the_dump_and_frees_its_number(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    user({"do": "delete", "id": invoice})
    row = shown(world, invoice)
    assert (row["deleted"], row["version"]) == (True, 2)
    user({"do": "create_invoice", "number": "INV-1", "customerId": row["customerId"]})
    with pytest.raises(ValueError, match=invoice):
        user({"do": "approve", "id": invoice})


def test_customer_is_found_by_ref_and_deleted(world: PipelineWorld, user: User) -> None:
    made = user({"do": "create_customer", "ref": "C-9", "name": "N"})["id"]
    user({"do": "edit_customer", "ref": "C-9", "set": {"phone": "1"}})
    user({"do": "delete_customer", "ref": "C-9"})
    assert world.dump()["tenants"]["demo"]["customers"][made]["deleted"] is True


def test_planted_reason_is_in_the_dump(world: PipelineWorld, user: User, invoice: str) -> None:
    user({"do": "plant", "id": invoice, "reason_code": "number_taken"})
    assert world.dump()["tenants"]["demo"]["planted"] == {invoice: "number_taken"}


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ({"do": "pay"}, "create_invoice"),
        ({}, "create_invoice"),
        ({"do": "approve", "tenant": "nobody"}, "nobody"),
        ({"do": "approve", "number": "none"}, "none"),
        ({"do": "create_customer", "ref": "C"}, "name"),
        ({"do": "create_customer", "ref": "C", "name": "N", "fax": "1"}, "fax"),
        ({"do": "create_invoice", "number": "1", "customerId": "x"}, "customerId"),
        ({"do": "create_invoice", "number": "1", "customerId": "x", "status": "Paid"}, "status"),
        ({"do": "edit_invoice", "number": "INV-1"}, "set"),
        ({"do": "edit_invoice", "number": "INV-1", "set": {"total": "1.00001"}}, "four decimals"),
        ({"do": "edit_line", "number": "INV-1", "line": 7, "set": {}}, "line"),
    ],
)
@pytest.mark.usefixtures("invoice")
def test_command_that_makes_no_sense_is_refused_by_name(
    user: User, command: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        user(command)


def test_user_at_play_stirs_the_same_books_for_the_same_dice(clock: SandboxClock) -> None:
    def play() -> tuple[dict[str, Any], Counter[str]]:
        world = PipelineWorld(clock=clock)
        command = UserAtPlay(world, "demo", Random(5))  # noqa: S311 - a test's dice
        verbs = Counter(command.step()["do"] for _ in range(300))
        return world.dump(), verbs

    (first, verbs), (second, again) = play(), play()
    assert (first, verbs) == (second, again)
    assert set(verbs) == {
        "create_customer",
        "create_invoice",
        "edit_line",
        "edit_invoice",
        "approve",
        "send",
        "delete",
    }


def test_user_at_play_leaves_planted_invoices_alone(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    user({"do": "plant", "id": invoice, "reason_code": "number_taken"})
    command = UserAtPlay(world, "demo", Random(5))  # noqa: S311 - a test's dice
    for _ in range(100):
        command.step()
    assert shown(world, invoice)["version"] == 1


def test_tenants_with_equal_ids_number_and_identify_alike_whatever_they_do(
    clock: SandboxClock,
) -> None:
    world = PipelineWorld(clock=clock, tenants=("a", "b"), equal_ids=True)
    for seed, tenant in enumerate(world.tenants):
        command = UserAtPlay(world, tenant, Random(seed))  # noqa: S311 - a test's dice
        for _ in range(100):
            command.step()

    first, second = (tenant.books.records for tenant in world.tenants.values())
    for kind in ("customer", "invoice"):
        both = [key for key in first[kind] if key in second[kind]]
        assert len(both) == min(len(first[kind]), len(second[kind]))
    numbers = [
        [each.document["number"] for each in books["invoice"].values()] for books in (first, second)
    ]
    assert len({*numbers[0]} & {*numbers[1]}) >= min(map(len, numbers))
    contents = [
        json.dumps(tenant.dump()["invoices"], sort_keys=True) for tenant in world.tenants.values()
    ]
    assert contents[0] != contents[1]


def test_many_are_deleted_at_once_but_none_that_was_planted(
    world: PipelineWorld, user: User, invoice: str
) -> None:
    customer = user({"do": "create_customer", "ref": "C-2", "name": "Two"})["id"]
    made = [
        user({"do": "create_invoice", "number": f"INV-{at}", "customerId": customer})["id"]
        for at in range(2, 5)
    ]
    user({"do": "plant", "id": invoice, "reason_code": "number_taken"})

    assert user({"do": "delete_many", "count": 2}) == {"deleted": 2}
    assert user({"do": "delete_many", "count": 9}) == {"deleted": 1}
    assert all(shown(world, each)["deleted"] for each in made)
    assert not shown(world, invoice)["deleted"]
    for count in (0, True, "3", None):
        with pytest.raises(ValueError, match="count: expected 1 or more"):
            user({"do": "delete_many", "count": count})
