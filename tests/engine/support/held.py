"""Every reason to wait: how an invoice comes to it, how the reason goes, and who can see it go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from syncd.domain.model.job import Reason
from syncd.domain.model.settings import CreateContacts, Mode
from syncd.domain.model.statuses import XeroStatus
from syncd.engine.core import tenant_mode
from syncd.engine.operator.release_brake import BrakeService
from syncd.sandbox.xero.ledger.books import Books
from tests.engine.support.coming_back import Coming
from tests.engine.support.rounds import LINE
from tests.xero.support.worlds import TENANT


class Reader(StrEnum):
    """Whoever may see that a reason has gone."""

    ACT = "the act itself"
    """The person's order or reload that takes the reason away."""
    WEBHOOK = "webhook"
    SWEEP = "sweep of changes"
    FULL_SWEEP = "full sweep"
    FEED = "feed"
    """A new version of the invoice in Pipeline."""
    CUSTOMER_FEED = "feed of customers"
    SETTINGS = "settings read"
    RETRY = "retry"
    RETRY_REASON = "retry by reason"
    RECONCILE = "reconcile"
    CATCH_UP = "reconnection"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One reason. `blind`: who cannot see that it has gone, and why that is so."""

    into: Callable[[Coming], Awaitable[str]]
    gone: Callable[[Coming, str], Awaitable[None]]
    blind: Mapping[Reader, str] = field(default_factory=dict)


def books_of(coming: Coming) -> Books:
    (books,) = coming.rounds.xero.world.books.values()
    return books


async def _synced(coming: Coming, **more: Any) -> str:
    invoice = coming.rounds.invoice(coming.rounds.customer(), reference="PO", **more)
    await coming.after(4)
    assert coming.rounds.result(invoice)["state"] == "synced", coming.rounds.result(invoice)
    return invoice


async def _new(coming: Coming, **more: Any) -> str:
    invoice = coming.rounds.invoice(coming.rounds.customer(), **more)
    await coming.after(4)
    return invoice


# --- out of sync


async def _apart(coming: Coming) -> str:
    invoice = await _synced(coming)
    coming.do("edit", invoice="PL-1", set={"Reference": "hers"})
    coming.rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await coming.after(4)
    return invoice


async def _aligned(coming: Coming, _: str) -> None:
    coming.do("edit", invoice="PL-1", set={"Reference": "ours"})


async def _set_back(coming: Coming) -> str:
    coming.rounds.choose(approved_as=XeroStatus.SUBMITTED)
    invoice = await _synced(coming)
    coming.do("edit", invoice="PL-1", set={"Status": "DRAFT"})
    await coming.after(6)
    return invoice


async def _raised(coming: Coming, _: str) -> None:
    coming.do("edit", invoice="PL-1", set={"Status": "SUBMITTED"})


async def _voided(coming: Coming) -> str:
    invoice = await _synced(coming)
    coming.do("void", invoice="PL-1")
    await coming.after(6)
    return invoice


async def _deleted(coming: Coming, invoice: str) -> None:
    coming.rounds.user(do="delete", id=invoice)


# --- the tenant


async def _observing(coming: Coming) -> str:
    coming.rounds.choose(mode=Mode.OBSERVE, is_mode_stored=True)
    return await _new(coming)


async def _live(coming: Coming, _: str) -> None:
    await tenant_mode.set_mode(coming.context, TENANT, Mode.LIVE, "Ada")


async def _halted(coming: Coming) -> str:
    limits = replace(coming.context.limits, brake_voids=1)
    coming.rounds.context = replace(coming.context, limits=limits)
    customer = coming.rounds.customer()
    made = [coming.rounds.invoice(customer, f"PL-{at}") for at in range(3)]
    await coming.after(4)
    for each in made:
        coming.rounds.user(do="delete", id=each)
    await coming.after(4)
    return made[0]


async def _released(coming: Coming, _: str) -> None:
    braking = BrakeService(coming.context, wake=lambda _: None)
    (brake,) = await braking.halted()
    await braking.release(TENANT, brake.seen, "Ada")


# --- the contact


async def _unmapped(coming: Coming) -> str:
    coming.rounds.choose(create_contacts=CreateContacts.NEVER)
    return await _new(coming)


async def _contact_made(coming: Coming, _: str) -> None:
    coming.do("create_contact", set={"Name": "Harbour Build", "AccountNumber": "C1"})


async def _archived(coming: Coming) -> str:
    invoice = await _synced(coming)
    coming.do("archive", contact="Harbour Build")
    await coming.after(6)
    (customer,) = coming.rounds.pipeline.tenants[TENANT].books.ids("customer")
    waiting = coming.rounds.invoice(customer, "PL-2")
    await coming.after(4)
    assert invoice != waiting
    return waiting


async def _restored(coming: Coming, _: str) -> None:
    coming.do("edit_contact", contact="Harbour Build", set={"ContactStatus": "ACTIVE"})


async def _name_taken(coming: Coming) -> str:
    coming.do("create_contact", set={"Name": "Harbour Build"})
    return await _new(coming)


async def _renamed(coming: Coming, _: str) -> None:
    coming.do("edit_contact", contact="Harbour Build", set={"Name": "Harbour Building"})


# --- the organisation's settings


async def _no_account(coming: Coming) -> str:
    settings = books_of(coming).settings
    settings.accounts[:] = [each for each in settings.accounts if each.code != "200"]
    return await _new(coming)


async def _account(coming: Coming, _: str) -> None:
    settings = books_of(coming).settings
    like = next(each for each in settings.accounts if each.code == "260")
    settings.accounts.append(replace(like, id=f"{like.id[:-1]}f", code="200", name="Sales"))


async def _no_rate(coming: Coming) -> str:
    books_of(coming).settings.tax_rates["OUTPUT2"].status = "DELETED"
    return await _new(coming)


async def _rate(coming: Coming, _: str) -> None:
    books_of(coming).settings.tax_rates["OUTPUT2"].status = "ACTIVE"


async def _no_currency(coming: Coming) -> str:
    return await _new(coming, currencyCode="AUD")


async def _currency(coming: Coming, _: str) -> None:
    books_of(coming).settings.currencies["AUD"] = "Australian Dollar"


async def _locked(coming: Coming) -> str:
    books_of(coming).organisation.period_lock_on = date(2026, 11, 25)
    return await _new(coming)


async def _unlocked(coming: Coming, _: str) -> None:
    books_of(coming).organisation.period_lock_on = None


async def _other_rate(coming: Coming) -> str:
    books_of(coming).settings.tax_rates["OUTPUT2"].rate = Decimal("0.12")
    return await _new(coming)


async def _usual_rate(coming: Coming, _: str) -> None:
    books_of(coming).settings.tax_rates["OUTPUT2"].rate = Decimal("0.15")


async def _no_option(coming: Coming) -> str:
    category = books_of(coming).settings.tracking[0]
    tracking = [{"name": category.name, "option": "Moon"}]
    return await _new(coming, lines=[{**LINE, "tracking": tracking}])


async def _option(coming: Coming, _: str) -> None:
    books_of(coming).settings.tracking[0].options.append(("moon", "Moon"))


# --- the document


async def _taken(coming: Coming) -> str:
    line = {"Description": "x", "UnitAmount": "10", "AccountCode": "200", "TaxType": "OUTPUT2"}
    coming.do(
        "create_invoice", set={"Type": "ACCREC", "InvoiceNumber": "PL-1", "LineItems": [line]}
    )
    return await _new(coming)


async def _let_go(coming: Coming, _: str) -> None:
    coming.do("edit", invoice="PL-1", set={"InvoiceNumber": "X-1"})


async def _paid(coming: Coming) -> str:
    invoice = await _synced(coming)
    coming.do("pay", invoice="PL-1", amount="10")
    await coming.after(6)
    coming.rounds.user(do="edit_line", id=invoice, line=0, set={"quantity": 7})
    await coming.after(4)
    return invoice


async def _unpaid(coming: Coming, _: str) -> None:
    coming.do("delete_payment", invoice="PL-1")


async def _invalid(coming: Coming) -> str:
    return await _new(coming, lines=[{**LINE, "description": " "}])


async def _worded(coming: Coming, invoice: str) -> None:
    coming.rounds.user(do="edit_line", id=invoice, line=0, set={"description": "Install"})


# --- who cannot see what

_OF_XERO = (Reader.WEBHOOK, Reader.SWEEP, Reader.FULL_SWEEP)
_IN_XERO = {Reader.ACT: "it goes in Xero, where nobody orders anything of us"}
_UNANNOUNCED = dict.fromkeys(_OF_XERO, "Xero tells of no change of its settings") | _IN_XERO
_NO_SETTING = {Reader.SETTINGS: "no setting of the organisation's has anything to do with it"}
_NO_CONTACT = {Reader.CUSTOMER_FEED: "the invoice waits for nothing of its customer's"}
_IN_PIPELINE = {
    reader: "Pipeline's side is read by its feed alone"
    for reader in Reader
    if reader not in (Reader.FEED, Reader.CUSTOMER_FEED, Reader.RECONCILE)
}
_A_CONTACT = {
    Reader.FULL_SWEEP: "it reads invoices",
    Reader.FEED: "an invoice's new version has the contact as it was last seen",
}
GATES = (Reason.PAUSED, Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED)
"""A closed gate is read, never written into a job."""
BY_TIME = (Reason.RATE_LIMITED, Reason.BREAKER_OPEN)
"""Their instant is their clock: nothing but time takes them away."""
_SETTING = {Reader.SETTINGS: "no setting of the organisation's has anything to do with it"}
_NO_CONTACT = {Reader.CUSTOMER_FEED: "the invoice waits for nothing of its customer's"}
_IN_PIPELINE = {
    reader: "Pipeline's side is read by its feed alone"
    for reader in Reader
    if reader not in (Reader.FEED, Reader.CUSTOMER_FEED, Reader.RECONCILE)
}
_A_CONTACT = {
    Reader.FULL_SWEEP: "it reads invoices",
    Reader.FEED: "an invoice's new version has the contact as it was last seen",
}
GATES = dict.fromkeys(
    (Reason.PAUSED, Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED),
    "a closed gate is read, never written into a job",
)
BY_TIME = dict.fromkeys(
    (Reason.RATE_LIMITED, Reason.BREAKER_OPEN),
    "its instant is its clock: nothing but time takes it away",
)
_SETTING = _UNANNOUNCED | _NO_CONTACT
_OF_DOCUMENT = _IN_XERO | _NO_SETTING | _NO_CONTACT

WAITS: Mapping[Reason | None, Wait] = {
    None: Wait(into=_apart, gone=_aligned, blind=_OF_DOCUMENT),
    Reason.OBSERVING: Wait(into=_observing, gone=_live),
    Reason.CONTACT_UNMAPPED: Wait(
        into=_unmapped, gone=_contact_made, blind=_IN_XERO | _NO_SETTING | _A_CONTACT
    ),
    Reason.CONTACT_ARCHIVED: Wait(
        into=_archived, gone=_restored, blind=_IN_XERO | _NO_SETTING | _A_CONTACT
    ),
    Reason.CONTACT_NAME_TAKEN: Wait(
        into=_name_taken, gone=_renamed, blind=_IN_XERO | _NO_SETTING | _A_CONTACT
    ),
    Reason.ACCOUNT_UNMAPPED: Wait(into=_no_account, gone=_account, blind=_SETTING),
    Reason.TAX_UNMAPPED: Wait(into=_no_rate, gone=_rate, blind=_SETTING),
    Reason.CURRENCY_UNAVAILABLE: Wait(into=_no_currency, gone=_currency, blind=_SETTING),
    Reason.LOCKED_PERIOD: Wait(into=_locked, gone=_unlocked, blind=_SETTING),
    Reason.NUMBER_TAKEN: Wait(
        into=_taken,
        gone=_let_go,
        blind=_OF_DOCUMENT | {Reader.FULL_SWEEP: "a stranger's document is in no summary of ours"},
    ),
    Reason.TOTALS_MISMATCH: Wait(into=_other_rate, gone=_usual_rate, blind=_SETTING),
    Reason.HAS_PAYMENTS: Wait(into=_paid, gone=_unpaid, blind=_OF_DOCUMENT),
    Reason.INVALID_DOCUMENT: Wait(into=_invalid, gone=_worded, blind=_IN_PIPELINE),
    Reason.STATUS_REGRESSION: Wait(into=_set_back, gone=_raised, blind=_OF_DOCUMENT),
    Reason.GONE_IN_XERO: Wait(into=_voided, gone=_deleted, blind=_IN_PIPELINE),
    Reason.BRAKE_HALTED: Wait(into=_halted, gone=_released),
    Reason.REFUSED: Wait(into=_no_option, gone=_option, blind=_SETTING),
}
"""None: out of sync."""
