"""Windows and 429s (facts §2)."""

from __future__ import annotations

import pytest

from tests.sandbox.xero.builders import Client, new_client


def until(client: Client, status: int, most: int = 6000) -> int:
    for sent in range(most):
        if client.send("GET", "Organisation").status == status:
            return sent
    raise AssertionError(most)


def test_minute_breach_has_the_recorded_form() -> None:
    client = new_client()
    assert until(client, 429) == 60

    answer = client.send("GET", "Organisation")

    assert (answer.status, answer.body) == (429, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["X-Rate-Limit-Problem"] == "minute"
    assert answer.headers["X-MinLimit-Remaining"] == "0"
    assert answer.headers["X-DayLimit-Remaining"] == "4940"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_window_begins_again_after_retry_after() -> None:
    client = new_client()
    until(client, 429)
    wait_s = int(client.send("GET", "Organisation").headers["Retry-After"])

    client.time.pass_s(wait_s - 1)
    early = client.send("GET", "Organisation").status
    client.time.pass_s(1)

    assert [early, client.send("GET", "Organisation").status] == [429, 200]


def test_refused_call_is_not_counted() -> None:
    client = new_client()
    until(client, 429)
    for _ in range(100):
        client.send("GET", "Organisation")

    assert client.send("GET", "Organisation").headers["X-DayLimit-Remaining"] == "4940"


def test_day_breach_names_the_day() -> None:
    client = new_client(day_limit=3, minute_limit=60)
    until(client, 429)

    answer = client.send("GET", "Organisation")

    assert answer.headers["X-Rate-Limit-Problem"] == "day"
    assert answer.headers["X-DayLimit-Remaining"] == "0"
    assert answer.headers["X-MinLimit-Remaining"] == "57"
    assert 1 <= int(answer.headers["Retry-After"]) <= 86_400


def test_app_breach_has_no_retry_after() -> None:
    client = new_client(app_minute_limit=2)
    until(client, 429)

    answer = client.send("GET", "Organisation")

    assert answer.headers["X-Rate-Limit-Problem"] == "appminute"
    assert "Retry-After" not in answer.headers


def test_tenants_have_windows_of_their_own() -> None:
    client = new_client(organisations=2)
    until(client, 429)
    client.connect(org=2)

    answer = client.send("GET", "Organisation")

    assert answer.status == 200
    assert answer.headers["X-MinLimit-Remaining"] == "59"


@pytest.mark.parametrize("path", ["/connections", "/connect/token"])
def test_identity_and_connections_are_not_counted(client: Client, path: str) -> None:
    for _ in range(70):
        client.send("GET" if path == "/connections" else "POST", path)

    assert client.send("GET", "Organisation").headers["X-MinLimit-Remaining"] == "59"


def test_limits_can_be_off() -> None:
    client = new_client(limits=False)

    assert {client.send("GET", "Organisation").status for _ in range(70)} == {200}


def test_day_header_can_be_absent() -> None:
    client = new_client(day_header=False)

    assert "X-DayLimit-Remaining" not in client.send("GET", "Organisation").headers
