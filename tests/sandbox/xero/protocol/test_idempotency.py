"""Idempotency-Key (facts §3.9)."""

from __future__ import annotations

import json

import pytest

from syncd.sandbox.http import Response
from tests.sandbox.xero.builders import Client, new_client


def put(client: Client, name: str, key: str = "k1", **query: str) -> Response:
    return client.send(
        "PUT", "Contacts", {"Name": name}, headers={"Idempotency-Key".lower(): key}, **query
    )


def count(client: Client) -> int:
    return len(client.books.contacts)


def test_same_call_is_answered_again_and_done_once(client: Client) -> None:
    first, second = put(client, "A"), put(client, "A")

    assert first.body == second.body
    assert count(client) == 1


def test_replay_counts_against_the_limits(client: Client) -> None:
    put(client, "A")

    assert put(client, "A").headers["X-MinLimit-Remaining"] == "58"


def test_errors_are_remembered_too(client: Client) -> None:
    put(client, "A", "other")
    refused = put(client, "A")
    client.command("archive", contact="A")

    assert refused.status == 400
    assert put(client, "A").body == refused.body
    assert put(client, "A", "k2").status == 200


def test_same_key_for_another_call_is_400(client: Client) -> None:
    put(client, "A")

    for other in (put(client, "B"), put(client, "A", summarizeErrors="false")):
        assert other.status == 400
        text = "Idempotency Key: k1 is used with a different request."
        assert json.loads(other.body)["Message"] == text
    assert count(client) == 1


@pytest.mark.parametrize(("age_s", "contacts"), [(359, 1), (361, 2)])
def test_key_lives_six_minutes_from_its_first_call(
    client: Client, age_s: int, contacts: int
) -> None:
    put(client, "A")
    client.time.pass_s(200)
    put(client, "A")
    client.command("edit_contact", contact="A", Name="Renamed")
    client.time.pass_s(age_s - 200)

    put(client, "A")

    assert count(client) == contacts


def test_key_is_the_apps_not_the_tenants() -> None:
    client = new_client(organisations=2)
    put(client, "A")
    client.connect(org=2)

    assert put(client, "A").status == 400


def test_key_is_ignored_on_reads(client: Client) -> None:
    headers = {"idempotency-key": "k1"}

    client.send("GET", "Contacts", headers=headers)

    assert client.send("GET", "Organisation", headers=headers).status == 200


def test_key_of_a_call_still_running_is_an_error(client: Client) -> None:
    client.world.faults.set([{"match": {"path": "Contacts"}, "do": "late_commit", "seconds": 30}])
    put(client, "A")

    early = put(client, "A")
    client.time.pass_s(30)
    late = put(client, "A")

    assert early.status == 500
    assert late.status == 200
    assert count(client) == 1


def test_key_of_a_call_still_running_may_run_too() -> None:
    client = new_client(key_in_flight="runs")
    client.world.faults.set([{"match": {"path": "Contacts"}, "do": "late_commit", "seconds": 30}])
    put(client, "A")

    assert put(client, "A").status == 200
    client.time.pass_s(30)
    client.world.settle()
    assert count(client) == 1
