from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.pipeline.totals import totals
from syncd.sandbox.seed import COST_CODES, REASONS, seed_books


def seeded(clock: SandboxClock, invoices: int = 60) -> tuple[PipelineWorld, list[dict[str, Any]]]:
    world = PipelineWorld(clock=clock, seed=3)
    asked: list[dict[str, Any]] = []

    def bookkeeper(command: dict[str, Any]) -> dict[str, Any]:
        asked.append(command)
        return {}

    seed_books(world, {"demo": bookkeeper}, seed=3, customers=7, invoices=invoices)
    return world, asked


def test_same_seed_gives_the_same_books(clock: SandboxClock) -> None:
    assert seeded(clock)[0].dump() == seeded(clock)[0].dump()


def test_books_hold_what_was_asked_for(clock: SandboxClock) -> None:
    world, _ = seeded(clock)
    dump = world.dump()["tenants"]["demo"]
    assert len(dump["invoices"]) == 60
    assert len(dump["customers"]) == 7 + list(dump["planted"].values()).count("contact_unmapped")
    statuses = {row["status"] for row in dump["invoices"].values()}
    assert statuses == {"Draft", "Approved", "Sent"}
    kinds = {row["lineAmountTypes"] for row in dump["invoices"].values()}
    assert kinds == {"Exclusive", "Inclusive", "NoTax"}


def test_every_reason_is_planted_and_nothing_else_is_wrong(clock: SandboxClock) -> None:
    world, asked = seeded(clock)
    tenant = world.tenants["demo"]
    assert Counter(tenant.planted.values()) == dict.fromkeys(REASONS, 1)
    wrong: dict[str, str] = {}
    taken = {command.get("InvoiceNumber") for command in asked}
    doubled = Counter(command.get("AccountNumber") for command in asked)
    customers = tenant.books.records["customer"]
    for identity, record in tenant.books.records["invoice"].items():
        row = record.document
        lines = row["lines"]
        summed = totals(lines, row["lineAmountTypes"])
        if not lines or max(len(line["description"]) for line in lines) > 4000:
            wrong[identity] = "invalid_document"
        elif any(line["costCode"] not in COST_CODES for line in lines):
            wrong[identity] = "account_unmapped"
        elif summed != {name: row[name] for name in summed}:
            wrong[identity] = "totals_mismatch"
            assert row["total"] - summed["total"] == Decimal("0.05")
        elif row["number"] in taken:
            wrong[identity] = "number_taken"
        elif doubled[customers[row["customerId"]].document["ref"]] == 2:
            wrong[identity] = "contact_unmapped"
    assert wrong == tenant.planted


def test_few_invoices_are_all_sound(clock: SandboxClock) -> None:
    world, asked = seeded(clock, invoices=5)
    assert (world.tenants["demo"].planted, asked) == ({}, [])


def test_customer_names_and_refs_are_unique(clock: SandboxClock) -> None:
    world, _ = seeded(clock)
    rows = world.dump()["tenants"]["demo"]["customers"].values()
    assert len({row["name"] for row in rows}) == len({row["ref"] for row in rows}) == len(rows)
