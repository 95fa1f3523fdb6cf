"""Chapters of the acceptance story: idempotency keys, limits, broken answers."""

from __future__ import annotations

import json

import pytest
import urllib3
from xero_python.accounting.models import Contact, Contacts
from xero_python.exceptions import BadRequestException, HTTPStatusException, RateLimitException

from tests.sandbox.acceptance.support.sdk import Xero


def acme(name: str = "Acme") -> Contacts:
    return Contacts(contacts=[Contact(name=name)])


def names(xero: Xero) -> list[str]:
    return sorted(each.name for each in xero.call("get_contacts").contacts)


def key_replays_its_first_answer(xero: Xero) -> None:
    first = xero.call("create_contacts", acme(), idempotency_key="K-1")
    body = xero.web.last.body
    again = xero.call("create_contacts", acme(), idempotency_key="K-1")

    assert again.contacts[0].contact_id == first.contacts[0].contact_id
    assert xero.web.last.body == body
    assert names(xero) == ["Acme"]


def key_of_another_request_is_refused(xero: Xero) -> None:
    xero.call("create_contacts", acme(), idempotency_key="K-1")
    with pytest.raises(BadRequestException) as refused:
        xero.call("create_contacts", acme("Other"), idempotency_key="K-1")

    assert b"Idempotency Key: K-1 is used with a different request." in refused.value.body
    assert names(xero) == ["Acme"]


def every_answer_tells_what_is_left(xero: Xero) -> None:
    left = []
    for _ in range(2):
        xero.call("get_organisations")
        told = xero.web.last.headers
        left.append(
            [int(told[f"x-{name}-remaining"]) for name in ("daylimit", "minlimit", "appminlimit")]
        )

    assert left[0] == [4999, 59, 9998]  # the list of connections counted for the app
    assert left[1] == [4998, 58, 9997]


def sixty_first_call_of_a_minute_is_429(xero: Xero) -> None:
    xero.sandbox.switch(minute_limit=3)
    for _ in range(3):
        xero.call("get_organisations")
    with pytest.raises(RateLimitException):
        xero.call("get_organisations")
    refused = xero.web.last
    xero.sandbox.advance(int(refused.headers["retry-after"]))

    assert (refused.status, refused.body) == (429, b"")
    assert refused.headers["x-rate-limit-problem"] == "minute"
    assert refused.headers["x-minlimit-remaining"] == "0"
    assert "content-type" not in refused.headers
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert xero.call("get_organisations").organisations


def day_and_app_limits_are_429_too(xero: Xero) -> None:
    told = []
    for name, usual in (("day_limit", 5000), ("app_minute_limit", 10_000)):
        xero.sandbox.switch(**{name: 0})
        with pytest.raises(RateLimitException):
            xero.call("get_organisations")
        told.append(xero.web.last.headers)
        xero.sandbox.switch(**{name: usual})

    assert [each["x-rate-limit-problem"] for each in told] == ["day", "appminute"]
    assert ["retry-after" in each for each in told] == [True, False]


def server_error_is_a_problem_object(xero: Xero) -> None:
    xero.sandbox.fault("error_after_commit", match={"method": "PUT"})
    with pytest.raises(HTTPStatusException) as refused:
        xero.contact("Acme")

    body = json.loads(refused.value.body)
    assert (refused.value.status, body["Title"]) == (500, "An error occurred")
    assert names(xero) == ["Acme"]


def html_and_offline_answers_are_not_json(xero: Xero) -> None:
    seen = []
    for do in ("html", "unavailable"):
        xero.sandbox.fault(do)
        with pytest.raises(HTTPStatusException) as refused:
            xero.call("get_organisations")
        seen.append((refused.value.status, xero.web.last.is_json))

    assert seen == [(503, False), (503, False)]


def lost_answer_may_have_been_carried_out(xero: Xero) -> None:
    lost = (
        ("drop_before_commit", "Before", []),
        ("drop_after_commit", "After", ["After"]),
        ("truncated", "Half", ["After", "Half"]),
    )
    for do, name, there in lost:
        xero.sandbox.fault(do, match={"method": "PUT"})
        with pytest.raises(urllib3.exceptions.HTTPError):
            xero.contact(name)
        assert names(xero) == there


def server_may_die_in_the_middle_of_a_batch(xero: Xero) -> None:
    xero.sandbox.fault("partial_commit", commit=2)
    rows = Contacts(contacts=[Contact(name=f"C{at}") for at in range(5)])
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("create_contacts", rows, summarize_errors=False)

    assert refused.value.status == 500
    assert names(xero) == ["C0", "C1"]
