"""The search box: an exact number or id leads to its invoice, else to what begins so."""

from __future__ import annotations

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.engine.operator.pages import ListQuery
from syncd.web.console import ways
from syncd.web.console.visit import ConsolePage, Visit, place

_LONGEST = 255


async def go(visit: Visit) -> web.StreamResponse:
    """GET /go?q=…: within the tenant shown; where none is, the first that has it."""
    sought = visit.query.get("q", "").strip()[:_LONGEST]
    shown = visit.shown_tenant
    served = visit.operations.served
    if not served or not sought:
        return visit.see("/")
    tenants = [TenantId(shown)] if shown else list(served)
    for tenant in tenants:
        key = await exact(visit, tenant, sought)
        if key is not None:
            return visit.see(place(tenant, "invoices", key))
    begins = [tenant for tenant in tenants if await _has_beginning(visit, tenant, sought)]
    return visit.see(ways.listing((begins or tenants)[0], q=sought))


async def _has_beginning(visit: Visit, tenant: TenantId, sought: str) -> bool:
    wanted = ListQuery(text=sought, is_beginning=True, limit=1)
    return bool((await visit.operations.invoices(tenant, wanted)).items)


async def exact(visit: Visit, tenant: TenantId, sought: str) -> str | None:
    """The id of the invoice that has this id or number, where it is in scope."""
    if await visit.operations.invoice(tenant, sought) is not None:
        return sought
    found = await visit.operations.unlisted(tenant, sought, in_xero=False)
    if found.id is None or await visit.operations.invoice(tenant, found.id) is None:
        return None
    return found.id


PAGES = (ConsolePage(path="/go", call=go, operation="listInvoices"),)
