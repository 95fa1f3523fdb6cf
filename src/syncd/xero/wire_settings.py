"""What an organisation allows, on Xero's wire: its own row, accounts, taxes, currencies, tracking.

Called by `ledger.settings`. Source: Xero docs, Accounting API (facts §7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.settings import Account, OrganisationSettings, TaxRate
from syncd.xero import wire
from syncd.xero.wire import Wire

_ACTIVE = "ACTIVE"
_BANK = "BANK"
_PERCENT = Decimal(100)
_T = TypeVar("_T")
_V = TypeVar("_V")
_OPTIONAL = ("Currencies", "TrackingCategories")
"""Left out altogether where there are none."""
_ANY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NULL = msgspec.Raw(b"null")


class OrganisationWire(Wire):
    """The organisation's own row."""

    organisation_id: str | None = None
    name: str | None = None
    base_currency: str | None = None
    short_code: str | None = None
    period_lock_date: str | None = None
    end_of_year_lock_date: str | None = None


class AccountWire(Wire):
    """A row of the chart of accounts; bank accounts may have no code."""

    code: str | None = None
    name: str | None = None
    type: str | None = None
    status: str | None = None
    tax_type: str | None = None
    system_account: str | None = None


class TaxRateWire(Wire):
    """A tax rate, in percent."""

    tax_type: str | None = None
    status: str | None = None
    effective_rate: Decimal | None = None
    display_tax_rate: Decimal | None = None
    can_apply_to_revenue: bool | None = None


class CurrencyWire(Wire):
    """A currency the organisation is subscribed to."""

    code: str | None = None


class OptionWire(Wire):
    """An option of a tracking category."""

    name: str | None = None
    status: str | None = None


class TrackingCategoryWire(Wire):
    """A tracking category."""

    name: str | None = None
    status: str | None = None
    options: list[OptionWire] | None = None


_ORGANISATION = msgspec.json.Decoder(OrganisationWire)
_ACCOUNT = msgspec.json.Decoder(AccountWire)
_TAX_RATE = msgspec.json.Decoder(TaxRateWire)
_CURRENCY = msgspec.json.Decoder(CurrencyWire)
_CATEGORY = msgspec.json.Decoder(TrackingCategoryWire)


READS = {
    "Organisations": ("read_organisation", "/Organisation"),
    "Accounts": ("read_accounts", "/Accounts"),
    "TaxRates": ("read_tax_rates", "/TaxRates"),
    "Currencies": ("read_currencies", "/Currencies"),
    "TrackingCategories": ("read_tracking", "/TrackingCategories"),
}
"""The lists that together say what an organisation allows, each with its operation and path."""


def to_settings(bodies: Mapping[str, bytes], *, read_at: datetime) -> OrganisationSettings:
    """Our words for the answers to `READS`; what cannot be read is left out and named.

    Raises Garbled without any.
    """
    unread: list[str] = []

    def listed(
        decoder: msgspec.json.Decoder[_T], name: str, to: Callable[[_T], _V | None]
    ) -> list[_V]:
        body = bodies[name]
        if name in _OPTIONAL and wire.decode(_ANY, body).get(name, _NULL) == _NULL:
            return []
        found, problems = wire.elements(decoder, body, name, to)
        unread.extend(f"{name}: {each}" for each in problems)
        return found

    found = listed(_ORGANISATION, "Organisations", lambda one: one)
    if not found:
        wire.garbled("Organisations", "empty")
    own = found[0]
    base = wire.required(own.base_currency, "Organisations[0].BaseCurrency")
    codes = [base, *listed(_CURRENCY, "Currencies", lambda one: one.code or None)]
    return OrganisationSettings(
        organisation_id=XeroOrganisationId(
            wire.required(own.organisation_id, "Organisations[0].OrganisationID")
        ),
        name=own.name or "",
        base_currency=base,
        read_at=read_at,
        accounts={one.code: one for one in listed(_ACCOUNT, "Accounts", _account)},
        tax_rates={one.tax_type: one for one in listed(_TAX_RATE, "TaxRates", _tax_rate)},
        currencies=tuple(dict.fromkeys(codes)),
        tracking=dict(listed(_CATEGORY, "TrackingCategories", _tracking)),
        period_lock_on=wire.read_day(None, own.period_lock_date, "PeriodLockDate"),
        end_of_year_lock_on=wire.read_day(None, own.end_of_year_lock_date, "EndOfYearLockDate"),
        short_code=own.short_code or "",
        unread=tuple(unread),
    )


def _account(one: AccountWire) -> Account | None:
    """Archived, system and bank accounts are refused on sales lines (facts §7)."""
    if not one.code:
        return None
    return Account(
        code=one.code,
        name=one.name or "",
        tax_type=one.tax_type or "",
        is_usable=one.status == _ACTIVE and not one.system_account and one.type != _BANK,
    )


def _tax_rate(one: TaxRateWire) -> TaxRate | None:
    """By its type; names are the user's to edit, so they are not looked at (facts §7)."""
    if not one.tax_type:
        return None
    percent = one.display_tax_rate if one.effective_rate is None else one.effective_rate
    return TaxRate(
        tax_type=one.tax_type,
        rate=wire.amount(percent, f"{one.tax_type}.EffectiveRate") / _PERCENT,
        is_usable=one.status == _ACTIVE and one.can_apply_to_revenue is not False,
    )


def _tracking(one: TrackingCategoryWire) -> tuple[str, tuple[str, ...]] | None:
    if not one.name or (one.status or _ACTIVE) != _ACTIVE:
        return None
    active = (each for each in one.options or () if (each.status or _ACTIVE) == _ACTIVE)
    return one.name, tuple(each.name for each in active if each.name)
