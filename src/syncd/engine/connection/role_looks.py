"""When Xero is asked next whether what it refused is permitted, and what people read meanwhile.

Called by `tokens`. Kept in memory: after a start it is asked at once. Xero answers for invoices
alone, so a role may be refused again as soon as work goes on; each such round costs a catch-up, and
comes after twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import anyio

from syncd.domain.ids import TenantId
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.text.wording import lasting

ROLE_NOTE = (
    "Xero refuses to let the person who connected write: their role there does not permit it. Give "
    "them back a role that may create and edit invoices and contacts (in Xero under Settings > "
    "Users), or connect as somebody who has one. Work goes on by itself within five minutes of "
    "that, or at once with Refresh Token."
)
_AGAIN = (
    "Xero says that the role of the person who connected permits writing invoices, and refused "
    "again what it was asked for: the role does not permit all that is needed. Give them one that "
    "may create and edit invoices and contacts and read payments (in Xero under Settings > Users), "
    "or connect as somebody who has one. It is tried again by itself within {}, or at once with "
    "Refresh Token."
)


_LACKING = (
    "Xero does not allow it: {}. Press Connect to Xero as a person who may do it there, and grant "
    "every permission. It is tried again by itself within {}, or at once with Refresh Token."
)


@dataclass(slots=True)
class _Looks:
    rest_s: float = connection.ROLE_LOOK_S
    looked_s: float | None = None
    permitted_s: float | None = None


class RoleLooks:
    """The looks at every tenant's role, by the loop's clock."""

    def __init__(self) -> None:
        self._looks: dict[TenantId, _Looks] = {}

    def refused(self, tenant: TenantId, lacking: str = "") -> str:
        """Xero refuses the role, or a permission that is `lacking`. Answers the note for people."""
        looks, now_s = self._of(tenant), anyio.current_time()
        was_permitted_s = looks.permitted_s
        is_again = was_permitted_s is not None and now_s - was_permitted_s < looks.rest_s
        longer_s = min(2 * looks.rest_s, connection.LONGEST_ROLE_LOOK_S)
        looks.rest_s = longer_s if is_again else connection.ROLE_LOOK_S
        looks.looked_s, looks.permitted_s = now_s, None
        if lacking:
            return _LACKING.format(lacking, lasting(looks.rest_s))
        return _AGAIN.format(lasting(looks.rest_s)) if is_again else ROLE_NOTE

    def asked(self, tenant: TenantId) -> None:
        """It is asked for now."""
        self._of(tenant).looked_s = anyio.current_time()

    def permitted(self, tenant: TenantId) -> None:
        """It is back, as Xero says."""
        self._of(tenant).permitted_s = anyio.current_time()

    def delay_s(self, tenant: TenantId) -> float:
        """In how many seconds it is asked for next."""
        looks = self._of(tenant)
        if looks.looked_s is None:
            return 0.0
        return max(0.0, looks.looked_s + looks.rest_s - anyio.current_time())

    def _of(self, tenant: TenantId) -> _Looks:
        return self._looks.setdefault(tenant, _Looks())
