"""Where an action leads in the console: the page on which it is pressed.

Pure. Actions are named by `domain.rules.journal.actions`, as the API names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from syncd.domain.model.action import Action, Place
from syncd.domain.model.cause import CauseKind
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.value import Value
from syncd.engine.operator.needs import Need
from syncd.web.console.visit import place

_LINKS = ("createContact", "linkContact")
_PAGES = {"plan": "plans", "connect": "connect", "listBrakes": "brake"}
_ONE = 1


class Way(Value, frozen=True, kw_only=True):
    """A link to where something is pressed."""

    label: str
    href: str


def listing(tenant: str, **filters: str | None) -> str:
    """The invoices of a tenant that fit."""
    wanted = {name: value for name, value in filters.items() if value}
    return place(tenant, "invoices") + (f"?{urlencode(wanted)}" if wanted else "")


def of_need(tenant: str, need: Need) -> Way:
    """What to press first about a cause; else what waits for it is shown."""
    if need.finding is not None:
        return _of_finding(tenant, need.finding)
    cause = None if need.cause is None else need.cause.text
    shown = listing(tenant, state=need.state, reason=need.reason, cause=cause)
    for action in need.actions:
        found = _way(tenant, action, need, shown)
        if found is not None:
            return found
    return Way(label="Show", href=shown)


def _of_finding(tenant: str, kind: FindingKind) -> Way:
    """To all of a kind: each of them says what to do."""
    if kind is FindingKind.MISSED_WEBHOOK:
        return Way(label="Webhooks", href=place(tenant, "webhooks"))
    return Way(
        label="Show findings", href=f"{place(tenant, 'findings')}?{urlencode({'kind': kind})}"
    )


def _way(tenant: str, action: Action, need: Need, shown: str) -> Way | None:
    """Where one action leads; None for what is done elsewhere than here."""
    operation, label = action.operation or "", action.label
    customer = _customer(need)
    if operation in _PAGES:
        return Way(label=label, href=place(tenant, _PAGES[operation]))
    if operation in _LINKS and customer is not None:
        both = "Link or create" if _offers_both(need.actions) else label
        return Way(label=both, href=place(tenant, "contacts", customer))
    if operation == "getInvoice" and need.invoices == _ONE and need.example_id is not None:
        return Way(label=label, href=place(tenant, "invoices", need.example_id))
    leads_to_list = operation == "getInvoice" or action.place is Place.CONFIGURATION
    return Way(label=label, href=shown) if leads_to_list else None


def _customer(need: Need) -> str | None:
    cause = need.cause
    return cause.name if cause is not None and cause.kind is CauseKind.CUSTOMER else None


def _offers_both(actions: Sequence[Action]) -> bool:
    return {one.operation for one in actions} >= set(_LINKS)
