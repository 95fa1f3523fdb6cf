"""Every answer and webhook of the acceptance story against the published descriptions.

Run by `make check-spec SPECS=FOLDER`; tests/sandbox/spec/test_fields.py needs no folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.sandbox.acceptance.support.running import Exchange
from tests.sandbox.spec.support import gaps
from tests.sandbox.spec.support.published import Description, Deviation, pattern
from tests.sandbox.spec.support.telling import API, Told

pytestmark = pytest.mark.spec
Published = dict[str, Description]

# What an element of a refused batch echoes (facts §3.3), by the word its path ends in.
ECHOES = {"Invoices": "Invoice", "Contacts": "Contact", "Payments": "Payment"}


def described(published: Published, exchange: Exchange) -> tuple[Description, object] | None:
    """The description and the answers it has for a call."""
    for kind, base in (("accounting", API), ("identity", "")):
        for method, path, operation in published[kind].operations():
            if method == exchange.method and pattern(base + path).fullmatch(exchange.path):
                return published[kind], operation.answers
    return None


def deviations(published: Published, exchange: Exchange) -> Iterator[Deviation]:
    found = described(published, exchange)
    if exchange.path == "/connect/token" and exchange.status == 200:
        identity = published["identity"]
        yield from identity.deviations(identity.named("AccessToken"), json.loads(exchange.body))
        return
    if found is None:
        return
    description, answers = found
    schema = answers.get(str(exchange.status))
    if schema is None or not exchange.is_json:
        return
    value = json.loads(exchange.body)
    if "Elements" in value:
        yield from echoes(description, exchange, value)
        value = {**value, "Elements": [_errors_alone(each) for each in value["Elements"]]}
    yield from description.deviations(schema, value)


def echoes(description: Description, exchange: Exchange, value: dict) -> Iterator[Deviation]:
    word = next(each for each in ECHOES if each.lower() in exchange.path.lower())
    for element in value["Elements"]:
        yield from description.deviations(description.named(ECHOES[word]), element)


def _errors_alone(element: dict) -> dict:
    return {"ValidationErrors": element["ValidationErrors"]}


def found_in(told: Told, published: Published) -> list[Deviation]:
    webhooks = published["webhooks"]
    answers = [
        deviation for exchange in told.exchanges for deviation in deviations(published, exchange)
    ]
    posted = []
    for each in told.webhooks:
        body = json.loads(each.body)
        categories = {event["eventCategory"] for event in body["events"]}
        name = "CreditNoteWebhookEvent" if categories == {"CREDITNOTE"} else "WebhookEvent"
        posted += webhooks.deviations(webhooks.named(name), body)
    return sorted({*answers, *posted})


def test_answers_and_webhooks_deviate_only_where_the_descriptions_have_gaps(
    told: Told, published: Published
) -> None:
    found = found_in(told, published)
    explained = [
        (gap, each)
        for each in found
        for gap in gaps.DEVIATIONS
        if gap.explains(each.where, each.what)
    ]

    assert [each for each in found if each not in [known for _, known in explained]] == []
    used = [gap for gap, _ in explained]
    assert [gap.where for gap in gaps.DEVIATIONS if gap not in used] == []


def test_every_call_is_described_or_known_not_to_be(told: Told, published: Published) -> None:
    own = [(method, pattern(path)) for method, path, _ in gaps.UNDESCRIBED_CALLS]
    nowhere = sorted(
        {
            f"{each.method} {each.path}"
            for each in told.exchanges
            if described(published, each) is None
            and each.path != "/connect/token"
            and not any(method == each.method and path.fullmatch(each.path) for method, path in own)
        }
    )

    assert nowhere == []


def test_every_status_is_described_or_known_not_to_be(told: Told, published: Published) -> None:
    odd = []
    for each in told.exchanges:
        found = described(published, each)
        if found and str(each.status) not in found[1]:
            odd.append(each.status)

    assert sorted(set(odd) - set(gaps.UNDESCRIBED_STATUSES)) == []


def test_story_was_told_at_length(told: Told) -> None:
    assert len(told.exchanges) > 300
    assert len(told.webhooks) > 15
