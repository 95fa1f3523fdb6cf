from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.pipeline.totals import totals
from syncd.sandbox.seed import (
    COST_CODES,
    REASONS,
    TAX_TYPES_OF,
    Country,
    closed_until,
    seed_books,
)
from syncd.sandbox.xero.ledger import tax_rates


def seeded(
    clock: SandboxClock, invoices: int = 60, country: Country = "NZ"
) -> tuple[PipelineWorld, list[dict[str, Any]]]:
    world = PipelineWorld(clock=clock, seed=3)
    asked: list[dict[str, Any]] = []

    def bookkeeper(command: dict[str, Any]) -> dict[str, Any]:
        asked.append(command)
        return {}

    seed_books(world, {"demo": bookkeeper}, seed=3, customers=7, invoices=invoices, country=country)
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


@pytest.mark.parametrize("country", TAX_TYPES_OF)
def test_country_invoices_at_rates_its_xero_takes_on_sales(
    clock: SandboxClock, country: Country
) -> None:
    world, asked = seeded(clock, country=country)
    rates = tax_rates.of_country(country)

    mapped = {Decimal(rate): kind for rate, kind in TAX_TYPES_OF[country].items()}
    rows = [each.document for each in world.tenants["demo"].books.records["invoice"].values()]
    lines = [line for row in rows for line in row["lines"] if row["lineAmountTypes"] != "NoTax"]
    assert {line["taxRate"] for line in lines} == set(mapped)
    for rate, kind in mapped.items():
        assert (rates[kind].rate, rates[kind].status) == (rate, "ACTIVE")
        assert "Revenue" in rates[kind].applies_to
    locks = [command["period"] for command in asked if command["do"] == "lock"]
    assert bool(locks) is (country in {"AU", "GB"})
    assert all(row["invoiceDate"] > lock for row in rows for lock in locks)


@given(today=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_quarter_is_closed_whole_and_never_the_last_two_months(today: date) -> None:
    closed = closed_until("AU", today)

    assert closed is not None
    assert (closed + timedelta(days=1)).day == 1
    assert (closed + timedelta(days=1)).month in {1, 4, 7, 10}
    assert timedelta(days=60) < today - closed < timedelta(days=155)
    assert closed_until("NZ", today) is None
