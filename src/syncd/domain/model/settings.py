"""What a tenant chose (policy), and what its Xero organisation allows (settings)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from syncd.domain.errors import NotServed
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value


class Mode(StrEnum):
    """`observe` reads, plans and shows; `live` writes."""

    OBSERVE = "observe"
    LIVE = "live"


class CreateContacts(StrEnum):
    """When a customer without a contact gets one made."""

    ALWAYS = "always"
    WHEN_INVOICED = "when_invoiced"
    NEVER = "never"


class XeroEdits(StrEnum):
    """What a one-sided edit in Xero means."""

    HOLD = "hold"
    ACCEPT = "accept"
    MIRROR = "mirror"


class CodeMapping(Value, frozen=True, kw_only=True):
    """Where a cost code leads: an account, and a tax type where it is set there."""

    account: str
    tax: str | None = None


class TenantPolicy(Value, frozen=True, kw_only=True):
    """A tenant's choices, as configured. `tax_types` maps a rate, compared as a number.

    `is_mode_stored`: the configuration names no mode, so the store's switch counts.
    `is_added`: while the daemon ran; the configuration does not name the tenant.
    """

    tenant: TenantId
    invoice_url: str
    mode: Mode = Mode.OBSERVE
    is_mode_stored: bool = False
    is_added: bool = False
    start_on: date | None = None
    approved_as: XeroStatus = XeroStatus.AUTHORISED
    create_contacts: CreateContacts = CreateContacts.ALWAYS
    xero_edits: XeroEdits = XeroEdits.HOLD
    totals_tolerance: Decimal = Decimal(0)
    due_days: int = 20
    brake_money: Decimal | None = None
    cost_codes: Mapping[str, CodeMapping] = {}
    tax_types: Mapping[Decimal, str] = {}

    @property
    def choices(self) -> str:
        """All that decisions go by beside the mode, as one text to compare."""
        by_rate = {rate.normalize(): tax for rate, tax in self.tax_types.items()}
        chosen = (
            *(self.invoice_url, self.approved_as, self.create_contacts, self.xero_edits),
            *(self.totals_tolerance.normalize(), self.due_days, self.start_on),
            *(sorted(self.cost_codes.items()), sorted(by_rate.items())),
        )
        return "; ".join(map(str, chosen))


class Policies(dict[TenantId, TenantPolicy]):
    """The choices of every tenant served. Asked for another's it raises NotServed."""

    def __missing__(self, tenant: TenantId) -> TenantPolicy:
        """Whoever asks was at work for a tenant that has been removed."""
        raise NotServed(f"This daemon serves {tenant} no more")


class Account(Value, frozen=True, kw_only=True):
    """A row of Xero's chart of accounts; `is_usable` on a sales line (active, no system one)."""

    code: str
    name: str
    tax_type: str
    is_usable: bool


class TaxRate(Value, frozen=True, kw_only=True):
    """A tax type of the organisation; `rate` is a fraction."""

    tax_type: str
    rate: Decimal
    is_usable: bool


class OrganisationSettings(Value, frozen=True, kw_only=True):
    """What the organisation allows, read at `read_at`. Lock dates are inclusive (facts §7)."""

    organisation_id: XeroOrganisationId
    name: str
    base_currency: str
    read_at: datetime
    accounts: Mapping[str, Account] = {}
    tax_rates: Mapping[str, TaxRate] = {}
    currencies: tuple[str, ...] = ()
    tracking: Mapping[str, tuple[str, ...]] = {}
    period_lock_on: date | None = None
    end_of_year_lock_on: date | None = None
    short_code: str = ""
    unread: tuple[str, ...] = ()
    """What of them could not be read, each in words; it counts as not being there."""
