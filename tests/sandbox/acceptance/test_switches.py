"""Switches do from outside what docs/sandbox.md says of them."""

from __future__ import annotations

import pytest
import urllib3
from xero_python.accounting.models import Contact, Contacts
from xero_python.exceptions import HTTPStatusException, RateLimitException

from tests.sandbox.acceptance.support.sdk import Xero, detail, said
from tests.sandbox.acceptance.support.story_transport import acme, names

LAG_S = 30


def test_read_lag_shows_the_books_as_they_were(xero: Xero) -> None:
    xero.sandbox.switch(read_lag_s=LAG_S)
    made = xero.contact("Acme")
    hidden = names(xero)
    with pytest.raises(HTTPStatusException) as unseen:
        xero.call("get_contact", made.contact_id)
    xero.sandbox.advance(LAG_S + 1)
    shown = names(xero)
    xero.call("update_contact", made.contact_id, acme("Acme Limited"))
    before = names(xero)
    xero.sandbox.advance(LAG_S + 1)

    assert (hidden, unseen.value.status, shown) == ([], 404, ["Acme"])
    assert (before, names(xero)) == (["Acme"], ["Acme Limited"])


@pytest.mark.parametrize(
    ("strict", "after_s", "status"),
    [(False, 0, 200), (False, 1790, 200), (False, 1810, 400), (True, 0, 400)],
)
def test_used_refresh_token_has_the_grace_the_switch_gives(
    xero: Xero, strict: bool, after_s: int, status: int
) -> None:
    xero.sandbox.switch(strict_refresh=strict)
    used = xero.token["refresh_token"]
    xero.refresh()
    xero.sandbox.advance(after_s)

    answer = xero.ask_token(grant_type="refresh_token", refresh_token=used)

    assert answer.status == status
    assert status == 200 or answer.body == b'{"error":"invalid_grant"}'


@pytest.mark.parametrize(
    ("memory_s", "after_s", "is_replayed"),
    [(0, 0, False), (60, 50, True), (60, 70, False), (360, 350, True), (360, 370, False)],
)
def test_idempotency_memory_is_as_long_as_the_switch_says(
    xero: Xero, memory_s: int, after_s: int, is_replayed: bool
) -> None:
    xero.sandbox.switch(idempotency_s=memory_s)
    rows = Contacts(contacts=[Contact(name="Acme")])
    first = xero.call("create_contacts", rows, idempotency_key="K-1").contacts[0]
    xero.sandbox.advance(after_s)
    if is_replayed:
        again = xero.call("create_contacts", rows, idempotency_key="K-1").contacts[0]
        assert again.contact_id == first.contact_id
    else:
        with pytest.raises(HTTPStatusException) as refused:
            xero.call("create_contacts", rows, idempotency_key="K-1")
        # The call ran a second time, and found the name taken.
        assert said(refused.value)[0].startswith("The contact name Acme is already assigned")
    assert names(xero) == ["Acme"]


def test_late_commit_arrives_when_its_time_has_come(xero: Xero) -> None:
    xero.sandbox.fault("late_commit", seconds=LAG_S, match={"method": "PUT"})
    with pytest.raises(urllib3.exceptions.HTTPError):
        xero.contact("Acme")
    at_once = names(xero)
    xero.sandbox.advance(LAG_S + 1)

    assert (at_once, names(xero)) == ([], ["Acme"])


@pytest.mark.parametrize("limits", [True, False])
def test_limits_are_counted_only_when_on(xero: Xero, limits: bool) -> None:
    xero.sandbox.switch(limits=limits, minute_limit=5)
    refused = 0
    for _ in range(8):
        try:
            xero.call("get_organisations")
        except RateLimitException:
            refused += 1

    assert refused == (3 if limits else 0)


def test_starter_tier_has_a_thousand_calls_a_day(xero: Xero) -> None:
    xero.sandbox.switch(day_limit=1000)
    xero.call("get_organisations")

    assert xero.web.last.headers["x-daylimit-remaining"] == "999"


def test_revoked_access_token_dies_at_once_by_the_switch(xero: Xero) -> None:
    xero.sandbox.switch(revoked_access_lives=False)
    held = dict(xero.token)
    xero.oauth.update_token(**xero.token)
    xero.oauth.revoke_access_token(xero.client)
    xero.token = held
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_organisations")

    assert (refused.value.status, detail(refused.value)) == (401, "AuthenticationUnsuccessful")


def test_unknown_switch_is_refused_with_the_names_there_are(xero: Xero) -> None:
    url = f"{xero.sandbox.xero['control_url']}/faults"
    answer = xero.sandbox.http.request("POST", url, json={"switches": {"colour": 1}})

    assert answer.status == 422
    assert b"read_lag_s" in answer.data
