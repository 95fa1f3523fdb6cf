"""Connections and tokens as they are kept."""

from __future__ import annotations

import json

from syncd.sandbox.xero.identity.grants import App, Connection, Grants, RefreshToken


def connection(place: int, *, live: bool = True) -> Connection:
    return Connection(
        id=f"c{place}",
        client_id="app",
        tenant_id=f"t{place}",
        event_id="e",
        created_ms=1,
        updated_ms=2,
        live=live,
    )


def test_only_live_connections_count() -> None:
    grants = Grants(connections=[connection(1), connection(2, live=False)])

    assert [each.id for each in grants.live("app")] == ["c1"]
    assert grants.live("another") == []
    assert grants.connection("app", "t2") is None


def test_grants_survive_json() -> None:
    token = RefreshToken(
        client_id="app",
        scopes=["a"],
        event_id="e",
        session_id="s",
        auth_ms=1,
        issued_ms=2,
        children=["x"],
    )
    grants = Grants(refresh_tokens={"r": token}, connections=[connection(1)])
    other = Grants()

    other.load(json.loads(json.dumps(grants.dump())))

    assert other == grants


def test_secret_is_not_shown() -> None:
    assert "hush" not in repr(App(client_id="app", secret="hush"))
