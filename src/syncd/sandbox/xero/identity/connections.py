"""The organisations an app is connected to: list and cut (facts §1.6, §1.7).

Called by the gateway; no tenant header here. Times have seven digits of a second and no zone.
"""

from __future__ import annotations

import json

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.identity.grants import Connection, Grants
from syncd.sandbox.xero.ledger.wire_dates import connection_text
from syncd.sandbox.xero.protocol import envelope


def listing(grants: Grants, client_id: str, names: dict[str, str], request: Request) -> Response:
    """GET /connections: every live one; `authEventId` filters."""
    event_id = request.query.get("authEventId")
    rows = [
        _row(each, names[each.tenant_id])
        for each in grants.live(client_id)
        if event_id in {None, each.event_id}
    ]
    return Response(
        status=200,
        headers={"Content-Type": "application/json"},
        body=json.dumps(rows).encode(),
    )


def cut(grants: Grants, client_id: str, key: str, instance: str) -> Response:
    """DELETE /connections/{id}: 204; 404 when unknown; 403 when a tenantId is given instead."""
    for each in grants.live(client_id):
        if each.id == key.lower():
            each.live = False
            return Response(status=204)
        if each.tenant_id == key.lower():
            return envelope.problem(403, "Forbidden", "AuthorizationUnsuccessful", instance)
    return envelope.not_found()


def _row(connection: Connection, name: str) -> dict[str, str]:
    return {
        "id": connection.id,
        "authEventId": connection.event_id,
        "tenantId": connection.tenant_id,
        "tenantType": "ORGANISATION",
        "tenantName": name,
        "createdDateUtc": connection_text(connection.created_ms),
        "updatedDateUtc": connection_text(connection.updated_ms),
    }
