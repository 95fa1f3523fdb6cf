"""Builders of model values and their hypothesis strategies, shared by the tests of the rules.

Each builder makes a plain, sendable value; name only what the test is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from syncd.domain.ids import (
    InstallationId,
    PipelineCustomerId,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
    XeroInvoiceId,
    XeroOrganisationId,
)
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.model.invoice import (
    Invoice,
    InvoiceWrite,
    Line,
    LineAmountTypes,
    LiveInvoice,
    LiveLine,
    LiveMoney,
    MoneyKind,
    Tracking,
)
from syncd.domain.model.settings import (
    Account,
    CodeMapping,
    Mode,
    OrganisationSettings,
    TaxRate,
    TenantPolicy,
)
from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import ownership_mark, snapshots
from syncd.domain.rules.compare.comparison import Comparison, compare
from syncd.domain.rules.compare.translation import Translation, expected, translate
from syncd.domain.rules.decide import write_builder

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
INSTALLATION = InstallationId("s-7f3a")
INVOICE_ID = PipelineInvoiceId("11111111-1111-4111-8111-111111111111")
OTHER_INVOICE_ID = PipelineInvoiceId("22222222-2222-4222-8222-222222222222")
CUSTOMER_ID = PipelineCustomerId("33333333-3333-4333-8333-333333333333")
CONTACT_ID = XeroContactId("44444444-4444-4444-8444-444444444444")
XERO_ID = XeroInvoiceId("55555555-5555-4555-8555-555555555555")
TEMPLATE = "https://app.pipeline.example/invoices/{id}"


def line(**fields: Any) -> Line:
    return Line(
        **{
            "id": "p1",
            "description": "Labour",
            "quantity": Decimal(2),
            "unit_amount": Decimal(50),
            "cost_code": "LAB",
            "tax_rate": Decimal("0.15"),
        }
        | fields
    )


def invoice(**fields: Any) -> Invoice:
    """An approved invoice of one line, 100.00 + 15.00 unless told."""
    return Invoice(
        **{
            "id": INVOICE_ID,
            "number": "INV-1001",
            "customer_id": CUSTOMER_ID,
            "status": PipelineStatus.APPROVED,
            "invoice_on": date(2026, 11, 2),
            "due_on": date(2026, 11, 20),
            "line_amount_types": LineAmountTypes.EXCLUSIVE,
            "lines": (line(),),
            "nett": Decimal("100.00"),
            "tax": Decimal("15.00"),
            "total": Decimal("115.00"),
            "version": 1,
            "updated_at": NOW,
            "reference": "JOB-7",
        }
        | fields
    )


def live_line(**fields: Any) -> LiveLine:
    return LiveLine(
        **{
            "line_item_id": "x1",
            "description": "Labour",
            "quantity": Decimal(2),
            "unit_amount": Decimal(50),
            "line_amount": Decimal("100.00"),
            "tax_amount": Decimal("15.00"),
            "account_code": "200",
            "tax_type": "OUTPUT2",
        }
        | fields
    )


def live_invoice(**fields: Any) -> LiveInvoice:
    """What Xero shows for `invoice()` once it has been pushed."""
    return LiveInvoice(
        **{
            "id": XERO_ID,
            "type": "ACCREC",
            "number": "INV-1001",
            "status": XeroStatus.AUTHORISED,
            "contact_id": CONTACT_ID,
            "invoice_on": date(2026, 11, 2),
            "due_on": date(2026, 11, 20),
            "line_amount_types": LineAmountTypes.EXCLUSIVE,
            "lines": (live_line(),),
            "sub_total": Decimal("100.00"),
            "total_tax": Decimal("15.00"),
            "total": Decimal("115.00"),
            "amount_due": Decimal("115.00"),
            "amount_paid": Decimal(0),
            "amount_credited": Decimal(0),
            "updated_at": NOW,
            "currency_code": "NZD",
            "reference": "JOB-7",
            "url": ownership_mark.mark_url(TEMPLATE, INVOICE_ID, INSTALLATION),
        }
        | fields
    )


def live_money(**fields: Any) -> LiveMoney:
    return LiveMoney(
        **{
            "kind": MoneyKind.PAYMENT,
            "id": "66666666-6666-4666-8666-666666666666",
            "amount": Decimal("15.00"),
            "paid_on": date(2026, 11, 10),
        }
        | fields
    )


def paid(live: LiveInvoice, amount: Decimal | None = None) -> LiveInvoice:
    """`live` with a payment on it: of everything due, unless told."""
    amount = live.amount_due if amount is None else amount
    due = live.amount_due - amount
    return replace(
        live,
        status=XeroStatus.AUTHORISED if due else XeroStatus.PAID,
        amount_paid=live.amount_paid + amount,
        amount_due=due,
        money=(*live.money, live_money(amount=amount)),
    )


def policy(**fields: Any) -> TenantPolicy:
    return TenantPolicy(
        **{
            "tenant": TenantId("acme"),
            "invoice_url": TEMPLATE,
            "mode": Mode.LIVE,
            "cost_codes": {"LAB": CodeMapping(account="200"), "MAT": CodeMapping(account="260")},
            "tax_types": {Decimal("0.15"): "OUTPUT2", Decimal(0): "ZERORATED"},
        }
        | fields
    )


def settings(**fields: Any) -> OrganisationSettings:
    accounts = [
        Account(code=code, name=name, tax_type="OUTPUT2", is_usable=True)
        for code, name in (("200", "Sales"), ("260", "Materials"))
    ]
    rates = [
        TaxRate(tax_type=name, rate=rate, is_usable=True)
        for name, rate in (
            ("OUTPUT2", Decimal("0.15")),
            ("ZERORATED", Decimal(0)),
            ("NONE", Decimal(0)),
        )
    ]
    return OrganisationSettings(
        **{
            "organisation_id": XeroOrganisationId("77777777-7777-4777-8777-777777777777"),
            "name": "Acme Ltd",
            "base_currency": "NZD",
            "read_at": NOW,
            "accounts": {each.code: each for each in accounts},
            "tax_rates": {each.tax_type: each for each in rates},
            "currencies": ("NZD", "AUD"),
            "tracking": {"Region": ("North", "South")},
        }
        | fields
    )


def customer(**fields: Any) -> Customer:
    return Customer(
        **{
            "id": CUSTOMER_ID,
            "ref": "C-17",
            "name": "Kiwi Builders",
            "version": 1,
            "updated_at": NOW,
        }
        | fields
    )


def live_contact(**fields: Any) -> LiveContact:
    return LiveContact(
        **{
            "id": CONTACT_ID,
            "name": "Kiwi Builders",
            "status": ContactStatus.ACTIVE,
            "updated_at": NOW,
            "number": CUSTOMER_ID,
            "account_number": "C-17",
        }
        | fields
    )


def as_shown(said: Invoice, meant: Translation, **fields: Any) -> LiveInvoice:
    """What Xero would show after exactly this was written, its lines as `x-<Pipeline line id>`.

    Totals are Pipeline's; tests about arithmetic make their own.
    """
    assert meant.contact_id is not None
    lines = tuple(
        live_line(
            line_item_id=f"x-{each.id}",
            description=each.description.strip(),
            quantity=each.quantity,
            unit_amount=each.unit_amount,
            line_amount=each.quantity * each.unit_amount,
            tax_amount=Decimal(0),
            discount_rate=each.discount_percent,
            account_code=codes.account_code,
            tax_type=codes.tax_type,
            tracking=each.tracking,
        )
        for each, codes in zip(said.lines, meant.lines, strict=True)
    )
    shown = {
        "number": said.number,
        "reference": said.reference,
        "status": meant.status,
        "contact_id": meant.contact_id,
        "invoice_on": said.invoice_on,
        "due_on": meant.due_on,
        "line_amount_types": said.line_amount_types,
        "lines": lines,
        "sub_total": said.nett,
        "total_tax": said.tax,
        "total": said.total,
        "amount_due": said.total,
        "currency_code": meant.currency_code,
        "sent_to_contact": meant.sent_to_contact,
        "url": ownership_mark.mark_url(TEMPLATE, said.id, INSTALLATION),
    }
    return live_invoice(**shown | fields)


# --- strategies ---------------------------------------------------------------------------------

words = st.text(alphabet="abcXYZ äß0123456789-&'\n", min_size=1, max_size=12).filter(str.strip)
totals = st.decimals(min_value=-99_999, max_value=99_999, places=2)
amounts = st.decimals(min_value=-99_999, max_value=99_999, places=4)
quantities = st.decimals(min_value=0, max_value=999, places=4)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
trackings = st.sampled_from(
    [(), (Tracking(name="Region", option="North"),), (Tracking(name="Region", option="South"),)]
)


@st.composite
def lines(draw: st.DrawFn, line_id: str = "p1") -> Line:
    return Line(
        id=line_id,
        description=draw(words),
        quantity=draw(quantities),
        unit_amount=draw(amounts),
        discount_percent=draw(st.none() | st.sampled_from([Decimal(5), Decimal("12.5")])),
        cost_code=draw(st.sampled_from(["LAB", "MAT"])),
        account_code=draw(st.none() | st.sampled_from(["200", "260"])),
        tax_type=draw(st.none() | st.just("OUTPUT2")),
        tax_rate=draw(st.sampled_from([Decimal("0.15"), Decimal("0.150"), Decimal(0)])),
        tracking=draw(trackings),
    )


@st.composite
def invoices(draw: st.DrawFn, max_lines: int = 4) -> Invoice:
    """Any invoice that translates under `policy()`; its totals are arbitrary."""
    count = draw(st.integers(min_value=1, max_value=max_lines))
    return invoice(
        number=draw(words),
        reference=draw(st.just("") | words),
        status=draw(st.sampled_from(PipelineStatus)),
        invoice_on=draw(days),
        due_on=draw(st.none() | days),
        currency_code=draw(st.none() | st.sampled_from(["NZD", "AUD"])),
        line_amount_types=draw(st.sampled_from(LineAmountTypes)),
        lines=tuple(draw(lines(line_id=f"p{index}")) for index in range(count)),
        nett=draw(totals),
        tax=draw(totals),
        total=draw(totals),
    )


# --- agreement ----------------------------------------------------------------------------------


def meaning(said: Invoice, **policy_fields: Any) -> Translation:
    return translate(said, policy(**policy_fields), settings(), contact_of(said.customer_id))


def contact_of(customer_id: PipelineCustomerId) -> XeroContactId:
    """The contact a customer is linked to."""
    return CONTACT_ID if customer_id == CUSTOMER_ID else XeroContactId(f"contact-of-{customer_id}")


def in_xero(said: Invoice) -> Snapshot:
    """`said` in Xero's words under `policy()`."""
    return expected(said, meaning(said))


def shown(said: Invoice, **fields: Any) -> LiveInvoice:
    """What Xero shows once `said` has been written."""
    return as_shown(said, meaning(said), **fields)


def agreed(said: Invoice, live: LiveInvoice | None = None, **fields: Any) -> Base:
    """The base after `said` was written and Xero showed `live` for it."""
    live = live or shown(said)
    return Base(
        **{
            "pipeline": snapshots.of_pipeline(said),
            "xero": snapshots.of_xero(live),
            "pairs": tuple(
                (mine.id, theirs.line_item_id)
                for mine, theirs in zip(said.lines, live.lines, strict=True)
            ),
        }
        | fields
    )


def compared(
    base: Base | None, said: Invoice | None, live: LiveInvoice | None, **fields: Any
) -> Comparison:
    """`base`, Pipeline and Xero beside each other under `policy()`."""
    return compare(
        **{
            "base": base,
            "desired": snapshots.of_pipeline(said) if said else None,
            "live": snapshots.of_xero(live) if live else None,
            "expected": in_xero(said) if said else None,
            "sent_in_xero": bool(live and live.sent_to_contact),
        }
        | fields
    )


def pairs_after(
    write: InvoiceWrite,
    said: Invoice,
    after: LiveInvoice,
    pairs: Sequence[tuple[str, str]] = (),
) -> tuple[tuple[str, str], ...]:
    """Which line of Pipeline's has become which of Xero's by the answer `after`."""
    meant = in_xero(said)
    return write_builder.pairs_after(write, meant.lines, snapshots.of_xero(after).lines, pairs)


# --- a Xero of a few lines -----------------------------------------------------------------------


def applied(live: LiveInvoice | None, write: InvoiceWrite) -> LiveInvoice:
    """What Xero shows after `write`: what is left out stays, lines not listed go (facts §3.7).

    Totals are left alone; tests that need them set them.
    """
    before = live or live_invoice(status=XeroStatus.DRAFT, reference="", url="", lines=())
    sent = {
        theirs: value
        for ours, theirs in (
            ("number", "number"),
            ("reference", "reference"),
            ("contact_id", "contact_id"),
            ("invoice_on", "invoice_on"),
            ("due_on", "due_on"),
            ("status", "status"),
            ("sent_to_contact", "sent_to_contact"),
            ("currency_code", "currency_code"),
            ("line_amount_types", "line_amount_types"),
            ("url", "url"),
        )
        if (value := getattr(write, ours)) is not None
    }
    if write.lines is not None:
        known = [each.line_item_id for each in before.lines]
        assert all(each.line_item_id in (None, *known) for each in write.lines)
        fresh = iter(f"new-{len(known)}-{count}" for count in range(len(write.lines)))
        sent["lines"] = tuple(
            live_line(
                line_item_id=each.line_item_id or next(fresh),
                description=each.description.strip(),
                quantity=each.quantity,
                unit_amount=each.unit_amount,
                discount_rate=each.discount_rate or None,
                account_code=each.account_code,
                tax_type=each.tax_type,
                tracking=each.tracking,
            )
            for each in write.lines
        )
    return replace(before, **sent)
