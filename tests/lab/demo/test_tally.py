"""The demo counts calls and failures, and knows when an invoice rests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import facts
from syncd.domain.ids import TenantId
from syncd.lab.demo.tally import Tally, told
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld, Tenant

DEMO = TenantId("demo")


@pytest.fixture
def tenant() -> Tenant:
    world = PipelineWorld(clock=SandboxClock(lambda: 1_780_000_000.0))
    return world.tenants["demo"]


def invoice(tenant: Tenant) -> str:
    customer = tenant.books.create("customer", {"ref": "C-1", "name": "One"}, by="x")
    fields = {"number": "INV-1", "customerId": customer, "invoiceDate": "2026-07-01"}
    return tenant.books.create("invoice", fields, by="x")


def tell(tenant: Tenant, key: str, kind: str = "invoice", **item: Any) -> None:
    outcome = tenant.results.put({"kind": kind, "id": key, **item})
    assert outcome["outcome"] == "stored", outcome


def test_calls_are_counted_by_operation_and_refusals_apart() -> None:
    tally = Tally(tenant=DEMO)
    for status in (200, 429):
        tally.observe(
            facts.CallMade(
                tenant=DEMO, operation="read_invoices", status=status, took_s=0.1, bytes_read=1,
                minute_remaining=59, day_remaining=4999,
            )
        )  # fmt: skip
    rest = facts.RoundDeferred(tenant=DEMO, task="push", error="no room", retry_after_s=9.0)
    tally.observe(rest)
    assert tally.rest is rest
    tally.observe(facts.CallMade(tenant=DEMO, operation="x", status=0, took_s=0.1, bytes_read=0))
    tally.observe(facts.ServiceFailed(service="worker:demo", error="Boom", retry_after_s=1.0))
    tally.observe(facts.LeasesFreed(ready=1, uncertain=0))

    assert tally.rest is None
    assert tally.calls == {"read_invoices": 2, "x": 1}
    assert tally.refused == {"read_invoices 429": 1, "x 0": 1}
    assert (tally.minute_left, tally.day_left) == (59, 4999)
    assert tally.failures == ["worker:demo: Boom"]


def test_what_another_tenant_does_is_not_counted() -> None:
    tally, other = Tally(tenant=DEMO), TenantId("other")
    call = facts.CallMade(
        tenant=other, operation="read_invoices", status=200, took_s=0.1, bytes_read=1,
        minute_remaining=3,
    )  # fmt: skip
    tally.observe(call)
    tally.observe(facts.BrakeMoved(tenant=other, is_halted=True, kind="voids", text="Many."))

    assert (tally.calls, tally.minute_left, tally.brake) == ({}, None, None)


def test_brake_is_remembered_until_it_is_released() -> None:
    tally = Tally(tenant=DEMO)
    halted = facts.BrakeMoved(tenant=DEMO, is_halted=True, kind="voids", text="Many.")
    tally.observe(halted)
    held = tally.brake
    tally.observe(facts.BrakeMoved(tenant=DEMO, is_halted=False, kind="voids", text=""))

    assert (held, tally.brake) == (halted, None)


def test_invoice_rests_when_synced_at_its_newest_version(tenant: Tenant) -> None:
    key = invoice(tenant)
    untold = told(tenant)
    tell(tenant, key, revision=1, state="synced", syncedVersion=1)
    synced = told(tenant)
    tenant.books.edit("invoice", key, {"reference": "newer"}, by="x")
    edited = told(tenant)

    assert (untold.states, untold.unsettled) == ({"pending": 1}, 1)
    assert (synced.states, synced.unsettled) == ({"synced": 1}, 0)
    assert edited.unsettled == 1


def test_payment_counts_once_the_invoice_shows_it(tenant: Tenant) -> None:
    key = invoice(tenant)
    tell(tenant, key, revision=1, state="synced", syncedVersion=1, amountPaid=Decimal(0))
    before = told(tenant).payments
    part = {"type": "Payment", "amount": Decimal(4), "paidOn": "2026-07-03", "status": "Authorised"}
    tell(
        tenant, key, kind="payment", revision=1,
        paymentId="0b6f0f0e-0000-4000-8000-000000000009", **part,
    )  # fmt: skip
    alone = told(tenant).payments
    tell(tenant, key, revision=2, state="synced", syncedVersion=1, amountPaid=Decimal("4.00"))

    assert (before, alone, told(tenant).payments) == (0, 0, 1)


def test_planted_invoice_rests_when_it_waits(tenant: Tenant) -> None:
    key = invoice(tenant)
    tell(tenant, key, revision=1, state="waiting", reasonCode="number_taken", reason="Taken.")
    unforeseen = told(tenant).unsettled
    tenant.planted[key] = "number_taken"

    assert (unforeseen, told(tenant).unsettled) == (1, 0)


def test_deleted_invoice_rests_when_told_voided(tenant: Tenant) -> None:
    key = invoice(tenant)
    tenant.books.delete("invoice", key, by="x")
    before = told(tenant).unsettled
    tell(tenant, key, revision=1, state="voided")

    assert (before, told(tenant).unsettled) == (1, 0)


def test_customers_are_counted_with_those_told(tenant: Tenant) -> None:
    invoice(tenant)
    (customer,) = tenant.books.ids("customer")
    before = told(tenant)
    tell(tenant, customer, kind="customer", revision=1, state="synced")

    assert (before.customers, before.customers_told) == (1, 0)
    assert told(tenant).customers_told == 1
