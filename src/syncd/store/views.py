"""What people see: listings for the console, the API and the command line. Read-only.

The only room of the store that the surfaces may read. What is shown of an object is put together in
one place, the SQL view `objects`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.invoice import Invoice, StepKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.settings import Mode
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.text.beginnings import Beginning
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Scalar
from syncd.store import bases, journal, rows, sql
from syncd.store.consents import FailedConsent
from syncd.store.journal import WrittenEntry
from syncd.store.unit_of_work import Statement, ask

_QUERIES = sql.load("views")
_INVOICE = msgspec.json.Decoder(Invoice)

_LONGEST_CARRIED = 255
"""A number's and a name's own limit in Pipeline; longer ones come in and are shown all the same."""
START = ("", "")
"""Where a listing begins."""


class ObjectRow(Value, frozen=True, kw_only=True):
    """One invoice or customer in a listing; `label` is the invoice's number, the customer's name.

    `place` is the cursor for the page after it. `detail` is the JSON that the settlement left.
    """

    not_shown = ("detail",)

    key: str
    label: str
    version: int
    is_withdrawn: bool
    changed_at: datetime
    changed_by: str
    problem: str | None
    state: PublicState
    reason: Reason | None
    cause: str | None
    note: str | None
    attempt: int
    ready_at: datetime | None
    first_wanted_at: datetime
    settled_at: datetime | None
    xero_id: str | None
    xero_status: str | None
    xero_label: str | None
    synced_version: int | None
    seen_at: datetime | None
    detail: bytes | None

    @property
    def place(self) -> tuple[str, str]:
        """Where the page after this row begins.

        A label too long to be carried about is left out: then the row is found by its key.
        """
        return (self.label if len(self.label) <= _LONGEST_CARRIED else "", self.key)

    @property
    def place_by_change(self) -> tuple[str, str]:
        """Where the page after this row begins, newest first."""
        return (str(rows.to_ms(self.changed_at)), self.key)


class InvoiceParticulars(Value, frozen=True, kw_only=True):
    """What a listing says of an invoice besides: whose it is, of when, and how much.

    `currency` is the organisation's base where Pipeline names none; `amount_due` is Xero's, as
    Pipeline was last told.
    """

    not_shown = ("customer",)

    key: str
    customer_id: str | None
    customer: str | None
    invoice_on: date | None
    total: Decimal | None
    currency: str | None
    amount_due: Decimal | None


class InvoiceSides(Value, frozen=True, kw_only=True):
    """What is stored of an invoice's sides; Xero's side now is read from Xero, not from here.

    `result` is the JSON Pipeline was last told. `open_step` is the write whose outcome is unknown.
    """

    not_shown = ("desired", "base", "result")

    desired: Invoice | None
    base: Base | None
    result: bytes | None
    open_step: StepKind | None
    open_since: datetime | None
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    sends: int | None
    was_uncertain: bool
    trail: str | None = None
    """Of the news that asked for work on it last."""


class TenantCard(Value, frozen=True, kw_only=True):
    """A tenant's connection card, without any token."""

    tenant: TenantId
    mode: Mode
    is_paused: bool
    connection: ConnectionState
    organisation_id: XeroOrganisationId | None
    organisation_name: str | None
    connected_at: datetime | None
    access_expires_at: datetime | None
    refresh_issued_at: datetime | None
    refresh_started_at: datetime | None
    refresh_failed_since: datetime | None
    scopes: str | None
    note: str | None
    settings_read_at: datetime | None
    paused_at: datetime | None
    paused_by: str | None
    halt: str | None
    """Why a brake has halted the tenant, in plain words."""
    failed_consent: FailedConsent | None
    """How the last consent failed; None once one ended in Connected."""


class Narrowed(Value, frozen=True, kw_only=True):
    """Which rows of a listing are wanted; `text` finds a part of a number or name, in any case.

    `beginning` keeps to numbers and names in its range; only a listing by number knows it.
    """

    state: PublicState | None = None
    reason: Reason | None = None
    text: str | None = None
    cause: str | None = None
    """As `HoldCause.text` writes it."""
    beginning: Beginning | None = None

    @property
    def is_rare(self) -> bool:
        """Whether an index leads to what is wanted, more shortly than numbers in their order."""
        return (
            self.state not in (None, PublicState.SYNCED)
            or self.reason is not None
            or self.cause is not None
        )


EVERYTHING = Narrowed()


def listing(
    tenant: TenantId,
    kind: ChangeKind,
    narrowed: Narrowed = EVERYTHING,
    *,
    after: tuple[str, str] = START,
    limit: int,
) -> Statement[ObjectRow]:
    """A page of invoices by number, or of customers by name."""
    within = narrowed.beginning
    ends = (None, None) if within is None else (within.first, within.end)
    if within is not None and not narrowed.is_rare:
        ranged = (*after, narrowed.state, limit, *ends)
        return ask(_QUERIES["beginning"], tenant, kind, *ranged, decode=_object)
    asked = (*after, *_filters(narrowed, limit), *ends)
    return ask(_QUERIES["listing"], tenant, kind, *asked, decode=_object)


def recent(
    tenant: TenantId,
    kind: ChangeKind,
    narrowed: Narrowed = EVERYTHING,
    *,
    after: tuple[str, str] = START,
    limit: int,
) -> Statement[ObjectRow]:
    """A page of those that changed last in Pipeline; `after` is a `place_by_change`."""
    changed_ms, key = after
    asked = (int(changed_ms) if changed_ms else None, key, *_filters(narrowed, limit))
    return ask(_QUERIES["recent"], tenant, kind, *asked, decode=_object)


def particulars(tenant: TenantId, keys: Iterable[str]) -> Statement[InvoiceParticulars]:
    """What the rows of a page say besides, for these invoices."""
    return ask(_QUERIES["particulars"], tenant, rows.json_list(keys), decode=_particulars)


def one(tenant: TenantId, kind: ChangeKind, key: str) -> Statement[ObjectRow]:
    """One invoice or customer by its Pipeline id; no row when it is not in scope."""
    return ask(_QUERIES["one"], tenant, kind, key, decode=_object)


def invoice_sides(tenant: TenantId, key: str) -> Statement[InvoiceSides]:
    """What is stored of one invoice's sides."""
    return ask(_QUERIES["invoice_sides"], tenant, key, decode=_sides)


def history(
    tenant: TenantId,
    object_type: str,
    object_key: str,
    *,
    before: int = journal.NEWEST,
    limit: int = 100,
) -> Statement[WrittenEntry]:
    """One object's journal entries, newest first."""
    return journal.of_object(tenant, object_type, object_key, before=before, limit=limit)


def cards(tenant: TenantId | None = None) -> Statement[TenantCard]:
    """Every tenant's card by name, or the one asked for."""
    return ask(_QUERIES["cards"], tenant, decode=_card)


def _filters(narrowed: Narrowed, limit: int) -> tuple[Scalar, ...]:
    # Letters of any case but a to z are as they are, in what is looked for as in what is stored.
    text = None if narrowed.text is None else narrowed.text.encode().lower().decode()
    return (narrowed.state, narrowed.reason, text, limit, narrowed.cause)


_particulars = rows.decoder(InvoiceParticulars)
_object = rows.decoder(ObjectRow)
_sides = rows.decoder(InvoiceSides, desired=_INVOICE.decode, base=bases.decode)
_card = rows.decoder(TenantCard)
