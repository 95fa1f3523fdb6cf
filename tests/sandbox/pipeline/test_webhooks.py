from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.pipeline.webhooks import RETRY_AFTER_S, Delivery
from syncd.sandbox.user import User

URL = "http://127.0.0.1:8081/webhooks/pipeline/{tenant}"


@pytest.fixture
def aimed(world: PipelineWorld) -> PipelineWorld:
    world.webhooks.aim(URL)
    return world


def due(world: PipelineWorld) -> list[Delivery]:
    return list(world.webhooks.due(world.clock.now()))


def test_every_change_is_announced_thinly(aimed: PipelineWorld, user: User) -> None:
    made = user({"do": "create_customer", "tenant": "other", "ref": "C", "name": "N"})["id"]
    user({"do": "edit_customer", "tenant": "other", "id": made, "set": {"phone": "1"}})
    user({"do": "delete_customer", "tenant": "other", "id": made})
    deliveries = due(aimed)
    notes = [json.loads(delivery.body) for delivery in deliveries]
    assert {delivery.url for delivery in deliveries} == {URL.replace("{tenant}", "other")}
    assert [note["type"] for note in notes] == [
        "customer.created",
        "customer.updated",
        "customer.deleted",
    ]
    assert [note["data"] for note in notes] == [{"id": made, "version": at} for at in (1, 2, 3)]


@pytest.mark.usefixtures("customer")
def test_note_is_signed_by_the_standard_webhooks_scheme(world: PipelineWorld, user: User) -> None:
    world.webhooks.aim(URL)
    user({"do": "edit_customer", "ref": "C-1", "set": {"phone": "1"}})
    [delivery] = due(world)
    headers = delivery.headers
    secret = world.webhook_secrets["demo"]
    assert secret.startswith("whsec_")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + delivery.body
    key = b64decode(secret.removeprefix("whsec_"))
    assert 24 <= len(key) <= 64
    expected = "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()
    assert headers["webhook-signature"] == expected
    assert int(headers["webhook-timestamp"]) == int(world.clock.now())


@pytest.mark.usefixtures("customer")
def test_nothing_waits_while_webhooks_are_off(world: PipelineWorld) -> None:
    world.webhooks.aim(URL)
    assert due(world) == []


def test_accepted_note_is_done(aimed: PipelineWorld, user: User) -> None:
    user({"do": "create_customer", "ref": "C", "name": "N"})
    [delivery] = due(aimed)
    aimed.webhooks.answered(delivery, 204, aimed.clock.now())
    aimed.clock.advance(10**6)
    assert due(aimed) == []


def test_refused_note_comes_again_on_the_schedule_and_then_no_more(
    aimed: PipelineWorld, user: User
) -> None:
    user({"do": "create_customer", "ref": "C", "name": "N"})
    ids = set()
    for wait_s in (*RETRY_AFTER_S, 10**7):
        [delivery] = due(aimed)
        ids.add((delivery.id, delivery.body))
        aimed.webhooks.answered(delivery, None, aimed.clock.now())
        assert due(aimed) == []
        aimed.clock.advance(wait_s)
    assert due(aimed) == []
    assert len(ids) == 1


def test_receiver_that_is_gone_is_left_alone(aimed: PipelineWorld, user: User) -> None:
    user({"do": "create_customer", "ref": "C", "name": "N"})
    [delivery] = due(aimed)
    aimed.webhooks.answered(delivery, 410, aimed.clock.now())
    user({"do": "create_customer", "ref": "D", "name": "M"})
    assert due(aimed) == []


def test_notes_can_be_lost_and_repeated(aimed: PipelineWorld, user: User) -> None:
    aimed.set_switches({"webhooks_lost": 1.0})
    user({"do": "create_customer", "ref": "C", "name": "N"})
    assert due(aimed) == []
    aimed.set_switches({"webhooks_lost": 0.0, "webhooks_repeated": 1.0})
    user({"do": "create_customer", "ref": "D", "name": "M"})
    first, second = due(aimed)
    assert first == second
