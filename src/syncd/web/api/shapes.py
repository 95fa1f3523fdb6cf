"""What the API says, word for word: one struct per JSON object.

Documents of Pipeline keep the sync API's field names; everything else is in snake case. Made by
`shaping`; the OpenAPI document's schemas are generated from these classes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec

from syncd.engine.contacts.link_requests import Particulars
from syncd.web.api.documents import AgreedSide, InvoicePayment, PipelineInvoice
from syncd.web.api.overview.actions import PossibleAction


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Calls to Xero left; `day` is null until Xero has said, and 0 once it is spent.

    `day_limit` is Xero's, as far as it can be told; the `_free_at` are when a spent minute gives a
    call again, and when a spent day is looked at again.
    """

    minute: int
    minute_limit: int
    minute_free_at: dt.datetime | None
    day: int | None
    day_limit: int | None
    day_free_at: dt.datetime | None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a tenant: `kind` of a closed set, `text` for people.

    `until` is when it is tried again, where that is known.
    """

    kind: str
    text: str
    since: dt.datetime | None
    until: dt.datetime | None


class WaitsFor(msgspec.Struct, frozen=True, kw_only=True):
    """Why no call to Xero passes at this moment, and until when, where that is known."""

    text: str
    until: dt.datetime | None


class BacklogForecast(msgspec.Struct, frozen=True, kw_only=True):
    """When the backlog is expected to clear, and the calls it needs; or why it does not clear."""

    clears_at: dt.datetime | None
    calls_needed: int
    held_by: WaitsFor | None


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's connection card and its work.

    `halted` says why a brake holds all writes. `backlog` counts invoices with work queued;
    `clears_in_s` is a forecast in seconds, null when nothing waits or nothing may pass.
    `troubles` are all that is wrong with it as a whole, the first one to look at first;
    `waits_for` says why no call to Xero passes now, null when calls pass.
    `restore` is `looking` while a restored store reads what Xero has of ours since the backup,
    before anything is created; else null. `named_in` is `configuration`, or `store` for one that
    was added while the daemon ran and can be removed so.
    """

    id: str
    status: str
    mode: str
    paused: bool
    named_in: str
    halted: str | None
    organisation: str | None
    organisation_id: str | None
    connected_at: dt.datetime | None
    warning: str | None
    note: str | None
    token_expires_at: dt.datetime | None
    refresh_token_expires_at: dt.datetime | None
    budget: Budget
    backlog: int
    invoices: dict[str, int]
    clears_in_s: float | None
    forecast: BacklogForecast
    troubles: list[Trouble]
    waits_for: WaitsFor | None
    restore: str | None


class ModeWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mode to switch to: `observe` or `live`."""

    mode: str


class Tenants(msgspec.Struct, frozen=True, kw_only=True):
    """Every tenant this daemon serves."""

    items: list[Tenant]
    next_cursor: str | None


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice in a listing; `reason` is in plain words, `reason_code` from the closed set.

    `cause` is the filter of the need it belongs to. `customer`, `invoice_date`, `total` and
    `currency` are Pipeline's now, null where it is deleted there; `amount_due` is Xero's.
    """

    id: str
    number: str
    state: str
    reason_code: str | None
    reason: str
    cause: str | None
    actions: list[PossibleAction]
    customer_id: str | None
    customer: str | None
    invoice_date: dt.date | None
    total: Decimal | None
    currency: str | None
    amount_due: Decimal | None
    seen_at: dt.datetime | None
    """When its document in Xero was last seen."""
    xero_invoice_id: str | None
    xero_invoice_number: str | None
    xero_status: str | None
    version: int
    synced_version: int | None
    changed_at: dt.datetime
    changed_by: str
    settled_at: dt.datetime | None
    next_attempt_at: dt.datetime | None


class Unlisted(msgspec.Struct, frozen=True, kw_only=True):
    """Why a number is in no listing; `id` is Pipeline's, where it has told of the invoice.

    `elsewhere` names the other tenants that have an invoice of that number or id.
    """

    number: str
    id: str | None
    text: str
    feed_read_at: dt.datetime
    elsewhere: list[str]


class Invoices(msgspec.Struct, frozen=True, kw_only=True):
    """A page of invoices by number."""

    items: list[Invoice]
    next_cursor: str | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A field that shows differently; `moved_by` null: kept so by decision."""

    field: str
    pipeline: str | None
    xero: str | None
    agreed: str | None
    moved_by: str | None
    follows: bool
    """A total that lines of the same side explain."""


class OpenWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A write whose outcome is not known yet; `certain_at` as long as Xero can be read."""

    step: str
    since: dt.datetime | None
    next_look_at: dt.datetime | None
    certain_at: dt.datetime | None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the audit trail."""

    at: dt.datetime
    record_type: str
    description: str
    who: str


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored: Pipeline now, and what each side showed when they last agreed."""

    pipeline: PipelineInvoice | None
    agreed_pipeline: AgreedSide | None
    agreed_xero: AgreedSide | None


class InvoiceInFull(Invoice, frozen=True, kw_only=True):
    """One invoice's story. `seen` stays the same until something shown of its sides has moved."""

    withdrawn: bool
    trail: str | None
    """By which the log has the news that led to its newest state, and all that followed."""
    seen: str
    differences: list[Difference]
    amount_paid: Decimal | None
    amount_credited: Decimal | None
    fully_paid_on: dt.date | None
    payments: list[InvoicePayment]
    xero_url: str | None
    open_write: OpenWrite | None
    sides: Sides
    history: list[HistoryEntry]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A Pipeline customer and the Xero contact it stands as."""

    id: str
    name: str
    state: str
    reason_code: str | None
    reason: str
    actions: list[PossibleAction]
    waiting_invoices: int
    """How many invoices wait for its contact."""
    xero_contact_id: str | None
    xero_contact_name: str | None
    xero_status: str | None
    seen_at: dt.datetime | None
    version: int
    synced_version: int | None
    changed_at: dt.datetime
    next_attempt_at: dt.datetime | None


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers by name."""

    items: list[Contact]
    next_cursor: str | None


class ConsentUrl(msgspec.Struct, frozen=True, kw_only=True):
    """Where to give consent, in a browser; good once."""

    url: str
    expires_at: dt.datetime


class Pressed(Tenant, frozen=True, kw_only=True):
    """The tenant after a command of its connection card, and what became of it."""

    message: str


class RetryWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that waits or failed with this reason code."""

    reason: str


class LinkWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Xero's uuid of the contact that the customer is."""

    contact_id: str


class ContactWanted(Particulars, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The eight fields of Create in Xero & Link; what is left out is as Pipeline's customer has it.

    A contact needs a company name.
    """


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """How many invoices and contacts are looked at again."""

    released: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something people should know of, open since `opened_at`; `id` of the object it is about.

    `object_type`: invoice, customer, or null; `pipeline_id` and `xero_id` are its ids on both
    sides, as far as they are known.
    """

    kind: str
    id: str
    label: str
    text: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    looked_at: dt.datetime
    """When what it says was last looked at."""
    closed_at: dt.datetime | None
    object_type: str | None
    pipeline_id: str | None
    xero_id: str | None
    actions: list[PossibleAction]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """A page of open findings by kind."""

    items: list[Finding]
    next_cursor: str | None


class ReconcileWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reconcile round; with a ticket, what has come of an earlier order."""

    full: bool = False
    ticket: str | None = None


class Reconciled(Findings, frozen=True, kw_only=True):
    """What a round has found so far; ask again with the ticket until it is complete.

    `waits_for` says why it does not go on at this moment; null while it does. `refused` says what
    Xero would not be read for, so that findings may be missing; null where it was.
    """

    complete: bool
    ticket: str
    waits_for: WaitsFor | None
    refused: str | None


class PlanWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be planned: all, or what a changed mapping would recode; refused ones anew."""

    remap: bool = False
    retry_failed: bool = False


class AppliedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a plan and what became of it; `outcome`: applied, already_applied, refused."""

    kind: str
    key: str
    name: str
    action: str
    outcome: str
    why: str


class PlanApplied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan: counts of all so far, and the items of this answer.

    Send the same plan with the ticket until it is complete.
    """

    complete: bool
    ticket: str
    hash: str
    mode: str
    applied: int
    already_applied: int
    refused: int
    withheld: int
    """Pending changes that this plan left out when it set the tenant live; they stay held."""
    items: list[AppliedItem]
