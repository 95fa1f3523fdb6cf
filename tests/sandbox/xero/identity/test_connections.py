"""Connections: list, filter, cut, reconnect (facts §1.6, §1.7)."""

from __future__ import annotations

import json
import re

import pytest

from tests.sandbox.xero.builders import Client, new_client


def test_list_shows_every_organisation_ever_consented_to() -> None:
    client = new_client(organisations=3)
    client.connect(org=3)

    rows = client.get("/connections")

    assert [row["tenantId"] for row in rows] == [list(client.world.books)[each] for each in (0, 2)]
    assert all(row["tenantType"] == "ORGANISATION" for row in rows)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", rows[0]["createdDateUtc"])


def test_list_filters_by_the_event_of_this_consent() -> None:
    client = new_client(organisations=2)
    first = client.get("/connections")[0]["authEventId"]
    client.connect(org=2)

    rows = client.get("/connections", authEventId=first)

    assert [row["authEventId"] for row in rows] == [first]


@pytest.mark.parametrize("path", ["/connections", "/Connections"])
def test_both_spellings_are_taken(client: Client, path: str) -> None:
    assert len(client.get(path)) == 1


def test_list_needs_no_tenant(client: Client) -> None:
    client.tenant = ""

    assert len(client.get("/connections")) == 1


def test_cutting_one_leaves_the_others() -> None:
    client = new_client(organisations=2)
    client.connect(org=2)
    first, second = client.get("/connections")

    answer = client.send("DELETE", f"/connections/{first['id']}")

    assert (answer.status, answer.body) == (204, b"")
    assert client.get("/connections") == [second]
    assert client.get("Organisation")
    client.tenant = first["tenantId"]
    assert client.send("GET", "Organisation").status == 403


def test_cutting_an_unknown_one_is_404_and_a_tenant_id_403(client: Client) -> None:
    unknown = client.send("DELETE", "/connections/00000000-0000-0000-0000-000000000001")
    tenant = client.send("DELETE", f"/connections/{client.tenant}")

    assert [unknown.status, tenant.status] == [404, 403]
    assert len(client.get("/connections")) == 1


def test_disconnected_in_xero_refresh_goes_on_and_calls_are_403(client: Client) -> None:
    client.command("disconnect")

    refreshed = client.token(grant_type="refresh_token", refresh_token=client.refresh)
    refused = client.send("GET", "Organisation")

    assert refreshed.status == 200
    assert client.get("/connections") == []
    assert refused.status == 403
    assert json.loads(refused.body)["Detail"] == "AuthenticationUnsuccessful"


def test_reconnecting_moves_only_the_second_date(client: Client) -> None:
    before = client.get("/connections")[0]
    client.command("disconnect")
    client.time.pass_s(60)

    client.connect()

    after = client.get("/connections")[0]
    assert after["createdDateUtc"] == before["createdDateUtc"]
    assert after["updatedDateUtc"] > before["updatedDateUtc"]
    assert after["authEventId"] != before["authEventId"]


@pytest.mark.parametrize("keeps", [True, False])
def test_consenting_again_keeps_the_event_as_switched(keeps: bool) -> None:
    client = new_client(reauthorise_keeps_event=keeps)
    before = client.get("/connections")[0]["authEventId"]

    client.connect()

    assert (client.get("/connections")[0]["authEventId"] == before) is keeps


def test_consent_beyond_the_cap_is_an_error_page() -> None:
    client = new_client(organisations=2, max_connections=1)

    with pytest.raises(AssertionError, match="maximum connections"):
        client.consent(org=2)


def test_withdrawn_consent_is_dead_and_another_organisations_lives() -> None:
    client = new_client(organisations=2, revoked_access_lives=False)
    other = client.refresh
    client.connect(org=2)
    client.command("withdraw")

    dead = client.token(grant_type="refresh_token", refresh_token=client.refresh)
    alive = client.token(grant_type="refresh_token", refresh_token=other)

    assert client.send("GET", "Organisation").status == 401
    assert json.loads(dead.body) == {"error": "invalid_grant"}
    assert alive.status == 200


def test_answer_carries_the_apps_minute_alone_and_no_charset(client: Client) -> None:
    """Facts §1.6, recorded."""
    answer = client.send("GET", "/connections")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-AppMinLimit-Remaining"] == "9999"
    assert answer.headers["Xero-Correlation-Id"]
    assert not {"X-MinLimit-Remaining", "X-DayLimit-Remaining"} & set(answer.headers)


def test_first_link_is_updated_two_milliseconds_after_it_was_made(client: Client) -> None:
    (row,) = client.get("/connections")

    assert row["createdDateUtc"] == "2026-11-22T00:15:00.0000000"
    assert row["updatedDateUtc"] == "2026-11-22T00:15:00.0020000"
