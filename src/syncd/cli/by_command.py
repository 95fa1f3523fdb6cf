"""What can be pressed, as commands: shown beside what the API answers in words for all surfaces."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

_COMMANDS = {
    "plan": ("syncd plan {tenant} --out plan.json", "syncd apply plan.json"),
    "resumeTenant": ("syncd tenants resume {tenant}",),
    "connect": ("syncd connect {tenant}",),
    "listBrakes": ("syncd brakes list", "syncd brakes release {tenant}"),
    "createContact": ("syncd contacts create CUSTOMER",),
    "linkContact": ("syncd contacts show CUSTOMER", "syncd contacts link CUSTOMER CONTACT_ID"),
    "resolveInvoice": (
        "syncd invoices diff {number}",
        "syncd invoices resolve {number} --take pipeline|xero",
    ),
    "retryInvoice": ("syncd invoices retry {number}",),
    "retryByReason": ("syncd invoices retry --reason REASON",),
    "getInvoice": ("syncd invoices diff {number}",),
    "listFindings": ("syncd findings list --tenant {tenant}",),
    "getWebhooks": ("syncd webhooks list", "syncd webhooks replay"),
}


def of(actions: Iterable[Mapping[str, Any]], tenant: str, number: str) -> list[str]:
    """The commands of these actions, each once; what is done elsewhere has none."""
    named = {"tenant": shlex.quote(tenant), "number": shlex.quote(number)}
    found = (
        command.format(**named)
        for one in actions
        for command in _COMMANDS.get(one["operation"] or "", ())
    )
    return list(dict.fromkeys(found))
