"""What is in force for a tenant, and what its organisation allows, as read last."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from aiohttp import web

from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.model.value import like
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the configuration with the value that counts.

    `source`: `default`, `configuration`, `added` with a tenant that was added while the daemon ran,
    or `switch` for a person's word that the store keeps.
    """

    key: str
    value: str
    source: str
    needs_restart: bool


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of Xero's chart; `usable` on a sales line."""

    code: str
    name: str
    tax_type: str
    usable: bool


class TaxRate(msgspec.Struct, frozen=True, kw_only=True):
    """A tax type; `rate` is a fraction."""

    tax_type: str
    rate: Decimal
    usable: bool


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """The organisation as read at `read_at`. Lock dates are inclusive."""

    name: str
    base_currency: str
    read_at: dt.datetime
    period_lock_on: dt.date | None
    end_of_year_lock_on: dt.date | None
    currencies: list[str]
    accounts: list[Account]
    tax_rates: list[TaxRate]
    tracking: dict[str, list[str]]
    unread: list[str]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting by key; `organisation` is null before its settings were read."""

    items: list[Setting]
    organisation: Organisation | None
    next_cursor: str | None


class InForce(Handlers):
    """Settings."""

    async def settings(self, request: web.Request) -> Settings:
        """What is in force."""
        found = await self._operations.settings(self._asked(request))
        of = found.organisation
        return Settings(
            items=[like(Setting, one) for one in found.settings],
            organisation=None if of is None else _organisation(of),
            next_cursor=None,
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The row of the API's table."""
        return (
            Endpoint(
                name="getSettings", method="GET", path=TENANT + "/settings",
                role=Role.SUPER_USER, summary="What is in force, and what the organisation allows",
                answers=Settings, call=self.settings, refusals=(404,),
            ),
        )  # fmt: skip


def _organisation(of: OrganisationSettings) -> Organisation:
    return Organisation(
        name=of.name,
        base_currency=of.base_currency,
        read_at=of.read_at,
        period_lock_on=of.period_lock_on,
        end_of_year_lock_on=of.end_of_year_lock_on,
        currencies=list(of.currencies),
        accounts=[like(Account, one, usable=one.is_usable) for one in of.accounts.values()],
        tax_rates=[like(TaxRate, one, usable=one.is_usable) for one in of.tax_rates.values()],
        tracking={name: list(options) for name, options in of.tracking.items()},
        unread=list(of.unread),
    )
