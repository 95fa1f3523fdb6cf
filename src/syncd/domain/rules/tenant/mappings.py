"""Which accounts and tax types of a tenant's mappings its organisation does not take.

Called for the tenant's troubles and by `check-config`, so that it is told before an invoice meets
it, and by `decide.preflight` for what an invoice names itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.model.value import Value


class Unusable(Value, frozen=True, kw_only=True):
    """One choice that leads nowhere: its key below the tenant's section, and what is wrong."""

    key: str
    text: str


def account_problem(code: str, settings: OrganisationSettings) -> str:
    """Why no sales line may have this account; empty when one may."""
    row = settings.accounts.get(code)
    if row is None:
        return "is not in Xero's chart of accounts"
    if not row.is_usable:
        return "may not be used on a sales line in Xero (archived, or a system account)"
    return ""


def tax_problem(tax_type: str, settings: OrganisationSettings) -> str:
    """Why no sales line may have this tax type; empty when one may."""
    rate = settings.tax_rates.get(tax_type)
    if rate is None:
        return "is not in Xero"
    return "" if rate.is_usable else "may not be used on sales in Xero"


def unusable(policy: TenantPolicy, settings: OrganisationSettings) -> tuple[Unusable, ...]:
    """Every such choice, cost codes first, each in the order of its key."""
    return (*_cost_codes(policy, settings), *_rates(policy, settings))


def _cost_codes(policy: TenantPolicy, settings: OrganisationSettings) -> Iterator[Unusable]:
    for code, to in sorted(policy.cost_codes.items()):
        if problem := account_problem(to.account, settings):
            text = f"account {to.account} {problem}"
            yield Unusable(key=f"cost_codes.{code}.account", text=text)
        if to.tax is not None and (problem := tax_problem(to.tax, settings)):
            yield Unusable(key=f"cost_codes.{code}.tax", text=f"tax type {to.tax} {problem}")


def _rates(policy: TenantPolicy, settings: OrganisationSettings) -> Iterator[Unusable]:
    for rate, tax_type in sorted(policy.tax_types.items()):
        if problem := tax_problem(tax_type, settings):
            text = f"tax type {tax_type} {problem}"
            yield Unusable(key=f'tax_types."{rate.normalize():f}"', text=text)
