"""From the engine's values to what the API says, and to its bytes."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.result import Difference
from syncd.domain.model.trouble import WaitsFor
from syncd.domain.model.value import like
from syncd.domain.rules.compare import following
from syncd.engine.operator.pages import Page
from syncd.engine.operator.statuses import InvoiceDetails, ObjectStatus, TenantStatus
from syncd.ports.billing import ChangeKind
from syncd.store.views import InvoiceSides
from syncd.web.api import shapes
from syncd.web.api.documents import agreed_side, payment, pipeline_invoice
from syncd.web.api.overview import actions


def tenant(of: TenantStatus) -> shapes.Tenant:
    """A tenant as JSON says it."""
    card = of.card
    return shapes.Tenant(
        id=of.tenant,
        status=str(card.status),
        mode=of.mode,
        paused=of.is_paused,
        named_in="store" if of.is_added else "configuration",
        halted=of.halt,
        organisation=card.organisation,
        organisation_id=card.organisation_id,
        connected_at=card.connected_at,
        warning=card.warning,
        note=card.note,
        token_expires_at=card.access_expires_at,
        refresh_token_expires_at=card.refresh_expires_at,
        budget=shapes.Budget(
            minute=of.allowance.minute,
            minute_limit=of.allowance.minute_limit,
            minute_free_at=of.minute_free_at,
            day=of.allowance.day,
            day_limit=of.allowance.day_limit,
            day_free_at=of.day_free_at,
        ),
        backlog=of.backlog,
        invoices={str(state): count for state, count in of.invoices.items()},
        clears_in_s=of.clears_in_s,
        forecast=shapes.BacklogForecast(
            clears_at=of.clears_at,
            calls_needed=of.calls_needed,
            held_by=waits_for(of.writes_held_by),
        ),
        troubles=[like(shapes.Trouble, one) for one in of.troubles],
        waits_for=waits_for(of.waits_for),
        restore="looking" if of.is_look_outstanding else None,
    )


def pressed(of: TenantStatus, message: str) -> shapes.Pressed:
    """A tenant after a button."""
    return like(shapes.Pressed, tenant(of), message=message)


def invoice(of: ObjectStatus) -> shapes.Invoice:
    """An invoice in a listing."""
    row, besides = of.row, of.particulars
    return like(
        shapes.Invoice,
        row,
        actions=actions.of_status(ChangeKind.INVOICE, of),
        customer_id=None if besides is None else besides.customer_id,
        customer=None if besides is None else besides.customer,
        invoice_date=None if besides is None else besides.invoice_on,
        total=None if besides is None else besides.total,
        currency=None if besides is None else besides.currency,
        amount_due=None if besides is None else besides.amount_due,
        id=row.key,
        number=row.label,
        state=of.state,
        reason_code=of.reason,
        reason=of.why,
        xero_invoice_id=row.xero_id,
        xero_invoice_number=row.xero_label,
        next_attempt_at=of.next_attempt_at,
    )


def invoices(page: Page, next_cursor: str | None) -> shapes.Invoices:
    """A page of invoices."""
    return shapes.Invoices(items=[invoice(one) for one in page.items], next_cursor=next_cursor)


def contact(of: ObjectStatus) -> shapes.Contact:
    """A customer and its contact."""
    row = of.row
    return like(
        shapes.Contact,
        row,
        actions=actions.of_status(ChangeKind.CUSTOMER, of),
        waiting_invoices=of.waiting_invoices,
        id=row.key,
        name=row.label,
        state=of.state,
        reason_code=of.reason,
        reason=of.why,
        xero_contact_id=row.xero_id,
        xero_contact_name=row.xero_label,
        next_attempt_at=of.next_attempt_at,
    )


def contacts(page: Page, next_cursor: str | None) -> shapes.Contacts:
    """A page of customers."""
    return shapes.Contacts(items=[contact(one) for one in page.items], next_cursor=next_cursor)


def invoice_in_full(of: InvoiceDetails) -> shapes.InvoiceInFull:
    """One invoice's story."""
    result, sides = of.result, of.sides
    return like(
        shapes.InvoiceInFull,
        invoice(of.status),
        withdrawn=of.status.row.is_withdrawn,
        trail=sides.trail,
        seen=of.seen,
        differences=differences(result.differences if result else ()),
        amount_paid=None if result is None else result.amount_paid,
        amount_credited=None if result is None else result.amount_credited,
        fully_paid_on=None if result is None else result.fully_paid_on,
        payments=[payment(one) for one in of.payments],
        xero_url=of.xero_url,
        open_write=None if of.open_write is None else like(shapes.OpenWrite, of.open_write),
        sides=_sides(sides),
        history=[like(shapes.HistoryEntry, entry) for entry in of.history],
    )


def _sides(of: InvoiceSides) -> shapes.Sides:
    base = of.base
    return shapes.Sides(
        pipeline=None if of.desired is None else pipeline_invoice(of.desired),
        agreed_pipeline=None if base is None else agreed_side(base.pipeline),
        agreed_xero=None if base is None else agreed_side(base.xero),
    )


def differences(of: Sequence[Difference]) -> list[shapes.Difference]:
    """Differences as JSON says them: what people changed first, what follows from it last."""
    followers = following.followers(of)
    shown = [like(shapes.Difference, one, follows=one.field in followers) for one in of]
    return sorted(shown, key=lambda one: one.follows)


def waits_for(of: WaitsFor | None) -> shapes.WaitsFor | None:
    """Why no call passes, as JSON says it."""
    return None if of is None else shapes.WaitsFor(text=of.text, until=of.until)
