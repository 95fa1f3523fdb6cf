"""Which contact a person wants for a customer, from the request until the link stands.

The body is JSON of `engine.contacts.link_requests`.
"""

from __future__ import annotations

from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("link_requests")


def get(tenant: TenantId, customer: PipelineCustomerId) -> Statement[bytes]:
    """The request's body; no row when there is none."""
    return ask(_QUERIES["get"], tenant, customer, decode=rows.decoder(bytes))


def put(tenant: TenantId, customer: PipelineCustomerId, body: bytes) -> Statement[None]:
    """Store a request in place of an earlier one."""
    return tell(_QUERIES["put"], [(tenant, customer, body)])


def forget(tenant: TenantId, customer: PipelineCustomerId) -> Statement[None]:
    """It is fulfilled, or cannot be; one that came while a round went on stays for the next."""
    return tell(_QUERIES["forget"], [(tenant, customer)])
