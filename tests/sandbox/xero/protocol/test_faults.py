"""Misbehaviour on demand: what was done, what the client saw."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, new_client

PUT = {"method": "PUT", "path": "Contacts"}


def arm(client: Client, do: str, **more: Any) -> None:
    client.world.faults.set([{"match": PUT, "do": do, **more}])


def names(client: Client) -> list[str]:
    client.world.settle()
    return sorted(each.name for each in client.books.contacts.current())


@pytest.mark.parametrize(
    ("do", "status", "drop", "is_done"),
    [
        ("drop_before_commit", 502, "before_commit", False),
        ("drop_after_commit", 200, "after_commit", True),
        ("truncated", 200, "truncated", True),
        ("late_commit", 504, "before_commit", True),
        ("error_before", 500, None, False),
        ("error_after_commit", 500, None, True),
        ("html", 503, None, False),
        ("unavailable", 503, None, False),
        ("throttle", 429, None, False),
        ("slow", 200, None, True),
    ],
)
def test_fault_does_and_shows_what_it_says(
    client: Client, do: str, status: int, drop: str | None, is_done: bool
) -> None:
    arm(client, do)

    answer = client.send("PUT", "Contacts", {"Name": "A"})

    assert (answer.status, answer.drop) == (status, drop)
    assert names(client) == (["A"] if is_done else [])


def test_fault_rewrites_the_answer_and_not_the_books(client: Client) -> None:
    arm(client, "rewritten", find='"Name":"A"', put='"Name":7')

    answer = client.send("PUT", "Contacts", {"Name": "A"})

    assert b'"Name":7' in answer.body
    assert names(client) == ["A"]


def test_fault_strikes_once_unless_told_otherwise(client: Client) -> None:
    arm(client, "error_before")
    assert [client.send("PUT", "Contacts", {"Name": f"{each}"}).status for each in "AB"] == [
        500,
        200,
    ]

    arm(client, "error_before", times=2, after=1)
    found = [client.send("PUT", "Contacts", {"Name": f"{each}"}).status for each in "CDEF"]
    assert found == [200, 500, 500, 200]


def test_late_commit_happens_in_its_own_time(client: Client) -> None:
    arm(client, "late_commit", seconds=40)
    client.send("PUT", "Contacts", {"Name": "A"})
    assert client.get("Contacts")["Contacts"] == []

    client.time.pass_s(39)
    assert names(client) == []
    client.time.pass_s(11)

    row = client.get("Contacts")["Contacts"][0]
    assert row["UpdatedDateUTC"] == "/Date(1795306540000+0000)/"


def test_late_commit_is_judged_when_it_happens(client: Client) -> None:
    arm(client, "late_commit", seconds=40)
    client.send("PUT", "Contacts", {"Name": "A"})
    client.contact("A")
    client.time.pass_s(41)

    assert names(client) == ["A"]


def test_partial_commit_saves_the_first_elements_only() -> None:
    client = new_client()
    arm(client, "partial_commit", commit=2)

    answer = client.send(
        "PUT", "Contacts", {"Contacts": [{"Name": each} for each in "ABC"]}, summarizeErrors="false"
    )

    assert answer.status == 500
    assert "Instance" in json.loads(answer.body)
    assert names(client) == ["A", "B"]


def test_internal_error_is_remembered_under_its_key(client: Client) -> None:
    """Facts §3.9: the answer of a key's first call, internal errors too."""
    arm(client, "error_before")
    headers = {"idempotency-key": "k"}
    first = client.send("PUT", "Contacts", {"Name": "A"}, headers=headers)
    again = client.send("PUT", "Contacts", {"Name": "A"}, headers=headers)

    assert first.body == again.body
    assert names(client) == []


def test_lost_answer_is_replayed_under_its_key(client: Client) -> None:
    arm(client, "drop_after_commit")
    headers = {"idempotency-key": "k"}
    client.send("PUT", "Contacts", {"Name": "A"}, headers=headers)

    assert client.send("PUT", "Contacts", {"Name": "A"}, headers=headers).status == 200
    assert names(client) == ["A"]


@pytest.mark.parametrize("problem", ["minute", "day", "appminute", "concurrent"])
def test_throttle_has_the_form_of_its_limit(client: Client, problem: str) -> None:
    arm(client, "throttle", problem=problem, retry_after=77)

    answer = client.send("PUT", "Contacts", {"Name": "A"})

    assert answer.headers["X-Rate-Limit-Problem"] == problem
    expected = "77" if problem in {"minute", "day"} else None
    assert answer.headers.get("Retry-After") == expected


def test_chance_is_drawn_from_the_seed() -> None:
    def run(seed: int) -> list[int]:
        client = new_client(seed=seed, limits=False)
        arm(client, "error_before", probability=0.3)
        return [client.send("PUT", "Contacts", {"Name": f"{n}"}).status for n in range(60)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 5 < run(1).count(500) < 35


def test_lost_answer_of_a_refresh_has_rotated_the_token() -> None:
    """Facts §9: response lost after rotation."""
    client = new_client(strict_refresh=True)
    client.world.faults.set([{"match": {"path": "/connect/token"}, "do": "drop_after_commit"}])
    form = {"grant_type": "refresh_token", "refresh_token": client.refresh}

    lost = client.token(**form)

    assert lost.drop == "after_commit"
    assert client.token(**form).body == b'{"error":"invalid_grant"}'


@pytest.mark.parametrize("do", ["error_before", "late_commit", "error_after_commit"])
def test_identity_misbehaves_too(client: Client, do: str) -> None:
    client.world.faults.set([{"match": {"path": "/connect/token"}, "do": do, "seconds": 5}])

    answer = client.token(grant_type="refresh_token", refresh_token=client.refresh)
    before = client.world.identity.refreshes
    client.time.pass_s(6)
    client.world.settle()

    assert answer.status >= 500
    after = client.world.identity.refreshes
    assert (before, after) == {"error_before": (0, 0), "late_commit": (0, 1)}.get(do, (1, 1))


def test_reads_lag_behind_writes_as_switched() -> None:
    client = new_client(read_lag_s=30.0)
    row = client.invoice(InvoiceNumber="A")
    client.time.pass_s(29)
    assert client.send("GET", "Invoices/A").status == 404
    assert client.get("Invoices", page=1)["Invoices"] == []
    assert client.get("Invoices", InvoiceNumbers="A", page=1)["Invoices"] == []

    client.time.pass_s(2)
    assert client.get("Invoices/A")["Invoices"][0]["Reference"] == ""
    client.post("Invoices", {"InvoiceID": row["InvoiceID"], "Reference": "new"})
    assert client.get("Invoices/A")["Invoices"][0]["Reference"] == ""
    assert client.get("Invoices", page=1)["Invoices"][0]["Reference"] == ""

    client.time.pass_s(31)
    assert client.get("Invoices/A")["Invoices"][0]["Reference"] == "new"


@pytest.mark.parametrize(
    "rule", [{"do": "explode"}, {"do": "slow", "colour": 1}, {"do": "throttle", "problem": "year"}]
)
def test_rule_nobody_understands_is_refused(client: Client, rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault rule"):
        client.world.faults.set([rule])
