"""The organisation's settings: read when they are missing or in doubt, remembered otherwise."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.facts import SettingsRead
from syncd.domain.ids import TenantId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core.context import SyncContext
from syncd.store import findings, jobs, settings
from syncd.store.unit_of_work import Statement, Transaction

_KIND, _KEY = FindingKind.UNREADABLE_IN_XERO, "settings"
_MOST_NAMED = 5
REREAD_AFTER = timedelta(days=1)


async def current(context: SyncContext, tenant: TenantId) -> OrganisationSettings:
    """The settings last read, or a read now: there are none, they are a day old, or doubted."""
    known = await context.store.fetch(settings.undoubted(tenant))
    if not known or context.now() - known[0].read_at >= REREAD_AFTER:
        return await read(context, tenant)
    return known[0]


def _unread(context: SyncContext, tenant: TenantId, fresh: OrganisationSettings) -> Statement[None]:
    """The finding of what could not be read, or that it can be now."""
    if not fresh.unread:
        return findings.close_unanswered(tenant, _KIND, [_KEY], context.now())
    text = (
        "Some of the organisation's settings in Xero cannot be read and count as not being there: "
        f"{'; '.join(fresh.unread[:_MOST_NAMED])}. Correct them in Xero, or tell Xero's support."
    )
    return findings.open_unanswered(
        tenant, [Found(kind=_KIND, key=_KEY, label="", text=text)], context.now()
    )


async def read(context: SyncContext, tenant: TenantId) -> OrganisationSettings:
    """Read them now, and release what waited for that. Raises RemoteError's leaves."""
    fresh = await context.ledger.settings(tenant, lane=Lane.WRITE)
    tx = Transaction()
    tx.add(settings.put(tenant, fresh))
    tx.add(jobs.release_by_predicate(tenant, Predicate.SETTINGS_READ, context.now()))
    tx.add(_unread(context, tenant, fresh))
    await context.store.commit(tx)
    context.observe(
        SettingsRead(tenant=tenant, accounts=len(fresh.accounts), tax_rates=len(fresh.tax_rates))
    )
    return fresh


def contact_url(organisation: OrganisationSettings | None, contact_id: str | None) -> str | None:
    """Where a person finds the contact in Xero; None as for `xero_url`."""
    return _url(organisation, contact_id, "/Contacts/View/")


def xero_url(organisation: OrganisationSettings | None, xero_id: str | None) -> str | None:
    """Where a person finds the document in Xero, in the right organisation (facts §7).

    None when there is no document, or the organisation's short code is not known yet.
    """
    return _url(organisation, xero_id, "/AccountsReceivable/View.aspx?InvoiceID=")


def _url(organisation: OrganisationSettings | None, key: str | None, page: str) -> str | None:
    if key is None or organisation is None or not organisation.short_code:
        return None
    return (
        "https://go.xero.com/organisationlogin/default.aspx"
        f"?shortcode={organisation.short_code}&redirecturl={page}{key}"
    )
