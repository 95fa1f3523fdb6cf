"""What a person can press, as the API says it: each with its operation and the role it needs.

Shown beside every reason, need and finding. An operation's role is that of its row in the API's
table; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.domain.model.action import Action
from syncd.domain.rules.journal import actions
from syncd.engine.operator.statuses import ObjectStatus
from syncd.ports.billing import ChangeKind
from syncd.web.http.guard import ROLE_NAMES, Role

ROLES = {
    "plan": Role.ADMIN,
    "resumeTenant": Role.SUPER_USER,
    "connect": Role.SUPER_USER,
    "listBrakes": Role.OFFICE,
    "createContact": Role.ADMIN,
    "linkContact": Role.SUPER_USER,
    "resolveInvoice": Role.ADMIN,
    "retryInvoice": Role.ADMIN,
    "retryByReason": Role.ADMIN,
    "getInvoice": Role.OFFICE,
    "getWebhooks": Role.OFFICE,
    "listFindings": Role.OFFICE,
}


class PossibleAction(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a person can do. `operation` is this API's and `role` what it needs.

    Where both are null, `place` says where it is done: `pipeline`, `xero` or `configuration`.
    """

    label: str
    operation: str | None
    role: str | None
    place: str | None


def shapes_of(found: Sequence[Action]) -> list[PossibleAction]:
    """Actions as JSON says them."""
    return [
        PossibleAction(
            label=one.label,
            operation=one.operation,
            role=None if one.operation is None else _role_name(one.operation),
            place=one.place,
        )
        for one in found
    ]


def of_status(kind: ChangeKind, one: ObjectStatus) -> list[PossibleAction]:
    """What an invoice or customer asks for."""
    found = actions.of_invoice if kind is ChangeKind.INVOICE else actions.of_customer
    return shapes_of(found(one.state, one.reason))


def _role_name(operation: str) -> str:
    return next(name for name, role in ROLE_NAMES.items() if role is ROLES[operation])
