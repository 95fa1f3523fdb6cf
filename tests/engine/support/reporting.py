"""A month of mishaps between both worlds, for the control totals: one document for each cause."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import CodeMapping, XeroEdits
from syncd.engine.reports.control_totals import ReportService
from syncd.store import jobs
from syncd.web.http import endpoint
from syncd.web.report import shapes
from tests.engine.support import sums
from tests.engine.support.operating import Column
from tests.engine.support.rounds import COST_CODES, LINE, TENANT, Rounds

PUT = {"method": "PUT", "path": "/Invoices"}
START_ON = dt.date(2026, 11, 1)
CAUSES = {
    "A-ACCEPTED": "kept_by_decision",
    "A-APPROVED": "approved_in_xero",
    "A-BEFORE": "before_start_date",
    "A-BOTH": "out_of_sync",
    "A-COPY": "duplicate",
    "A-DELETED": "deleted_with_money",
    "A-EDITED": "edited_in_xero",
    "A-GONE": "gone_in_xero",
    "A-HELD": "held",
    "A-LOST": "uncertain",
    "A-MAPPED": "mapping_changed",
    "A-QUEUED": "pending",
    "A-ROUNDED": "rounding",
    "X-OLD": "before_start_date",
    "X-STRANGER": "xero_only",
    "A-USD-EDITED": "edited_in_xero",
}
"""What each planted document is to be listed for."""


async def read(rounds: Rounds) -> dict[str, Any]:
    """The report as the API says it."""
    reporting = ReportService(rounds.context, gates=Column())
    found = shapes.shape(await reporting.report(TENANT))
    return dict(json.loads(endpoint.encode(found)))


def objections(rounds: Rounds, report: dict[str, Any]) -> list[str]:
    """What the witness says, who has seen the books alone."""
    (organisation,) = rounds.xero.world.dump()["organisations"]
    return sums.objections(report, rounds.pipeline.dump()["tenants"][TENANT], organisation)


async def seeded(rounds: Rounds) -> None:
    """Ordinary invoices, and one document for each cause."""
    rounds.choose(
        start_on=START_ON,
        totals_tolerance=Decimal("0.05"),
        cost_codes={**COST_CODES, "MAT": CodeMapping(account="200")},
    )
    customer = rounds.customer()
    other = str(rounds.user(do="create_customer", ref="C2", name="Quay & Sons <Ltd>")["id"])
    for place in range(1, 9):
        rounds.invoice(
            customer if place % 2 else other,
            f"OK-{place}",
            invoiceDate=f"2026-{10 + place % 3:02}-{10 + place}" if place % 3 else "2026-12-01",
            lines=[{**LINE, "quantity": place}, {**LINE, "taxRate": 0, "unitAmount": "19.95"}],
            currencyCode="USD" if place == 8 else None,
            lineAmountTypes="Inclusive" if place == 5 else "Exclusive",
        )
    for number in ("ACCEPTED", "BOTH", "DELETED", "EDITED", "GONE", "ROUNDED"):
        rounds.invoice(customer, f"A-{number}")
    rounds.invoice(customer, "A-APPROVED", status="Draft")
    rounds.invoice(customer, "A-USD-EDITED", currencyCode="USD")
    rounds.invoice(customer, "A-BEFORE", invoiceDate="2026-10-31")
    rounds.invoice(customer, "A-HELD", lines=[{**LINE, "costCode": "NOBODY"}])
    rounds.invoice(other, "A-MAPPED", lines=[{**LINE, "costCode": "MAT"}])
    await rounds.after(30)
    await _stirred(rounds, customer, other)


async def _stirred(rounds: Rounds, customer: str, other: str) -> None:
    """What people do, some of it settled and some just now."""
    rounds.choose(xero_edits=XeroEdits.ACCEPT)
    _edit(rounds, "A-ACCEPTED", "111.11")
    await look(rounds, "A-ACCEPTED")
    rounds.choose(xero_edits=XeroEdits.HOLD)
    rounds.xero.do(do="approve", invoice="A-APPROVED")
    _edit(rounds, "A-BOTH", "99.90")
    rounds.user(do="edit_line", number="A-BOTH", line=0, set={"unitAmount": "88.80"})
    rounds.xero.do(do="pay", invoice="OK-1")
    rounds.xero.do(do="part_pay", invoice="OK-2", amount="10")
    rounds.xero.do(do="pay", invoice="A-DELETED", amount="50")
    rounds.user(do="delete", number="A-DELETED")
    rounds.xero.do(do="void", invoice="A-GONE")
    rounds.xero.do(do="adjust_totals", invoice="A-ROUNDED", by="0.02")
    for number in ("A-APPROVED", "A-GONE", "A-ROUNDED", "OK-1"):
        await look(rounds, number)
    line = {"Description": "Consulting", "Quantity": 1, "UnitAmount": 500, "AccountCode": "200"}
    strangers = {"X-STRANGER": "2026-11-20", "X-OLD": "2026-09-01", "A-COPY": "2026-11-20"}
    for number, date in strangers.items():
        fields: dict[str, Any] = {"InvoiceNumber": number, "Date": date, "DueDate": "2026-12-20"}
        if number == "A-COPY":
            fields["Url"] = _document(rounds, "OK-3")["Url"]
        fields |= {"Type": "ACCREC", "LineItems": [line], "Status": "AUTHORISED"}
        rounds.xero.do(do="create_invoice", contact="Harbour Build", set=fields)
    rounds.fault(match=PUT, do="drop_after_commit", times=1)
    rounds.invoice(customer, "A-LOST")
    await rounds.turn()
    rounds.invoice(other, "A-QUEUED", status="Draft")
    await rounds.turn()
    _edit(rounds, "A-EDITED", "123.40")
    _edit(rounds, "A-USD-EDITED", "7.70")
    rounds.xero.do(do="part_pay", invoice="OK-4", amount="5")
    rounds.choose(cost_codes={**COST_CODES, "MAT": CodeMapping(account="260")})


def _edit(rounds: Rounds, number: str, amount: str) -> None:
    line = {"place": 0, "set": {"UnitAmount": amount}}
    rounds.xero.do(do="edit", invoice=number, lines=[line])


def _document(rounds: Rounds, number: str) -> dict[str, Any]:
    (one,) = [each for each in rounds.books() if each["InvoiceNumber"] == number]
    return one


async def look(rounds: Rounds, number: str) -> None:
    """Somebody asks for another look at it."""
    books = rounds.pipeline.dump()["tenants"][TENANT]["invoices"]
    (key,) = [each for each, one in books.items() if one["number"] == number]
    await look_again(rounds, key)


async def look_again(rounds: Rounds, key: str) -> None:
    """The worker looks at an invoice."""
    now = rounds.context.now()
    wish = JobRequest(tenant=TENANT, kind=JobKind.PUSH_INVOICE, key=key, ready_at=now)
    await rounds.context.store.run(jobs.enqueue([wish], now))
    await rounds.turn()
