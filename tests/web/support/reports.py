"""Reports to be drawn: small, and full of what people may write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.control_totals import (
    Amounts,
    Cause,
    Contribution,
    Dimension,
    Part,
    ReadMoments,
)
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.rules.report.causes import PairCause, StoredInvoice
from syncd.domain.rules.report.control_totals import Tally
from syncd.engine.reports.control_totals import Report
from syncd.web.report import shapes
from syncd.web.report.shapes import ControlReport
from tests.store.build import AT, later

SCRIPT = '<script src="https://evil.example/x.js">alert(1)</script>'
FORMULA = '=HYPERLINK("https://evil.example","free")'


def side(total: str, customer: str = "c1", currency: str = "NZD") -> Contribution:
    """A document of that total, without tax."""
    amounts = Amounts(nett=Decimal(total), total=Decimal(total))
    places = {
        Dimension.CURRENCY: currency,
        Dimension.MONTH: "2026-11",
        Dimension.CUSTOMER: customer,
    }
    return Contribution(
        currency=currency,
        amounts=amounts,
        parts=tuple(
            Part(dimension=dimension, key=key, amounts=amounts) for dimension, key in places.items()
        ),
    )


def report(*, is_whole: bool = True) -> ControlReport:
    """`read`, as it is shown."""
    return shapes.shape(read(is_whole=is_whole))


def read(*, is_whole: bool = True) -> Report:
    """Two even documents and an exception; with one nobody can explain unless `is_whole`."""
    tally = Tally()
    tally.add(side("1234567.80"), side("1234567.80"), None)
    held = PairCause(cause=Cause.HELD, text=SCRIPT, fields=("total",))
    tally.add(side("10.50"), None, held, stored=StoredInvoice(key="k", number=FORMULA))
    if not is_whole:
        lost = PairCause(cause=None, text="Both sides differ, and nothing here says why.")
        tally.add(side("3.00"), side("2.99"), lost, stored=StoredInvoice(key="k2", number="PL-9"))
    tenant = TenantId("acme")
    return Report(
        tenant=tenant,
        organisation=OrganisationSettings(
            organisation_id=XeroOrganisationId("o1"),
            name="Demo & <Company>",
            base_currency="NZD",
            read_at=AT,
        ),
        policy=TenantPolicy(tenant=tenant, invoice_url="https://p.example.com/{id}"),
        moments=ReadMoments(
            feed_at=AT, began_at=later(1), ended_at=later(3), start_on=date(2026, 11, 1)
        ),
        totals=tally.total({(Dimension.CUSTOMER, "c1"): SCRIPT}),
    )


class ReportService:
    """Stands for the engine's: answers with a report that was read before, or an error."""

    def __init__(self, *, is_whole: bool = True, error: RemoteError | None = None) -> None:
        self._report = read(is_whole=is_whole)
        self._error = error

    def closed_by(self, _: TenantId) -> None:
        return None

    async def report(self, _: TenantId) -> Report:
        if self._error is not None:
            raise self._error
        return self._report
