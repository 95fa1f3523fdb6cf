"""What every resource's handlers share: the operations they call, and whose they are."""

from __future__ import annotations

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.engine.operator.operations import Operations
from syncd.web.http.problems import NAMED_BY, ProblemError

TENANTS = "/api/v1/tenants"
TENANT = TENANTS + "/{tenant}"


class Handlers:
    """The handlers of one resource. Each answers with a shape, or raises a problem."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def _asked(self, request: web.Request) -> TenantId:
        """The tenant of a request's path, if this daemon serves it."""
        name = request.match_info["tenant"]
        found = self._operations.known(name)
        if found is None:
            detail = f"This daemon serves no tenant {name!r}; {NAMED_BY}"
            raise ProblemError(404, "No such tenant", detail)
        return found


def no_invoice(key: str) -> ProblemError:
    """The answer for an invoice that is in no listing."""
    detail = f"No invoice {key!r} is in scope; the id is Pipeline's uuid of the invoice."
    return ProblemError(404, "No such invoice", detail)
