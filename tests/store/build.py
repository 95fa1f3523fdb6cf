"""Values the store's tests begin with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from syncd.domain.ids import IncarnationId, PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes, Tracking
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.snapshot import LineSnapshot, Snapshot
from syncd.domain.model.statuses import PipelineStatus

ACME = TenantId("acme")
BETA = TenantId("beta")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST_RUN = IncarnationId("first-run")
SECOND_RUN = IncarnationId("second-run")


def sqlite_alone(reason: str) -> pytest.MarkDecorator:
    """A test of one engine: `reason` says why the other has nothing to show."""
    assert reason
    return pytest.mark.parametrize("opening", ["sqlite"], indirect=True)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def wish(
    key: str,
    *,
    ready_at: datetime = AT,
    tenant: TenantId = ACME,
    kind: JobKind = JobKind.PUSH_INVOICE,
) -> JobRequest:
    return JobRequest(tenant=tenant, kind=kind, key=key, ready_at=ready_at)


def snapshot(number: str = "INV-1") -> Snapshot:
    line = LineSnapshot(id="l1", description="Work", quantity="2", unit_amount="50")
    return Snapshot(status="Draft", number=number, total="115", lines=(line,))


def invoice(key: str = "i1", *, number: str = "INV-1", version: int = 1) -> Invoice:
    return Invoice(
        id=PipelineInvoiceId(key),
        number=number,
        customer_id=PipelineCustomerId("c1"),
        status=PipelineStatus.DRAFT,
        invoice_on=date(2026, 11, 20),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        lines=(
            Line(
                id="l1",
                description='Größe "M"\u0000',
                quantity=Decimal("2.0000"),
                unit_amount=Decimal("0.1"),
                tax_rate=Decimal("0.15"),
                tracking=(Tracking(name="Region", option="North"),),
            ),
        ),
        nett=Decimal("0.20"),
        tax=Decimal("0.03"),
        total=Decimal("0.23"),
        version=version,
        updated_at=AT,
    )


def customer(key: str = "c1", *, name: str = "Ada & Söhne", version: int = 1) -> Customer:
    return Customer(
        id=PipelineCustomerId(key),
        ref="A-1",
        name=name,
        version=version,
        updated_at=AT,
        postal_address=PostalAddress(city="Ōtautahi"),
    )
