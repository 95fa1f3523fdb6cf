"""A note is Pipeline's when its tenant's secret signed it, now."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import BadSignature, ConfigError
from syncd.domain.ids import TenantId
from syncd.pipeline.webhooks import PipelineWebhookReader
from syncd.sandbox.pipeline.books import Entry
from syncd.sandbox.pipeline.webhooks import Delivery, Webhooks

ACME = TenantId("acme")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "whsec_" + b64encode(b"a secret of thirty-two bytes, ok").decode()
OTHER = "whsec_" + b64encode(b"the next secret, for a rotation.").decode()


@dataclass
class Still:
    def now(self) -> datetime:
        return NOW


def reader(*secrets: str) -> PipelineWebhookReader:
    return PipelineWebhookReader({ACME: secrets or (SECRET,)}, clock=Still())


def sent(*, late_s: float = 0.0, body: bytes | None = None) -> Delivery:
    """A note as the pretend Pipeline, which signs by itself, posts it."""
    hooks = Webhooks(rng=Random(1), secrets={"acme": SECRET}, chance=lambda _: 0.0)  # noqa: S311 - seeded on purpose
    hooks.aim("https://sync.example/webhooks/pipeline/{tenant}")
    entry = Entry(seq=1, kind="invoice", id="i1", version=1, at="2026-11-22T12:00:00Z", by="Ann")
    at = NOW.timestamp() - late_s
    hooks.note("acme", entry, deleted=False, now=at)
    if body is not None:
        hooks._waiting = [type(one)(**{**fields(one), "body": body}) for one in hooks._waiting]
    (delivery,) = hooks.due(at)
    return delivery


def fields(one: Delivery) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def headers(delivery: Delivery, **changes: str) -> Mapping[str, str]:
    given = {name.replace("_", "-"): value for name, value in changes.items()}
    return {name.lower(): value for name, value in delivery.headers.items()} | given


def test_note_says_what_moved() -> None:
    delivery = sent()

    note = reader().decode(ACME, delivery.body, headers(delivery))

    assert (note.id, note.tenant, note.type) == (delivery.id, ACME, "invoice.created")


@pytest.mark.parametrize("late_s", [301, -301, 100_000])
def test_note_of_another_time_is_refused(late_s: float) -> None:
    delivery = sent(late_s=late_s)

    with pytest.raises(BadSignature):
        reader().decode(ACME, delivery.body, headers(delivery))


@pytest.mark.parametrize("late_s", [299, -299])
def test_note_a_little_late_or_early_is_taken(late_s: float) -> None:
    delivery = sent(late_s=late_s)

    assert reader().decode(ACME, delivery.body, headers(delivery)).id == delivery.id


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": ""},
        {"webhook_signature": "v2,x v1"},
        {"webhook_id": "msg_other"},
        {"webhook_id": ""},
        {"webhook_timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook_timestamp": "now"},
        {"webhook_timestamp": "9" * 40},
        {"webhook_timestamp": "0" * 20 + "9" * 30},
        {"webhook_timestamp": "1" * 5_000},
        {"webhook_timestamp": "99999999999"},
        {"webhook_timestamp": "²"},
        {"webhook_timestamp": "-1"},
    ],
)
def test_note_whose_headers_were_touched_is_refused(changes: dict[str, str]) -> None:
    delivery = sent()

    with pytest.raises(BadSignature):
        reader().decode(ACME, delivery.body, headers(delivery, **changes))


def test_note_for_another_tenant_is_refused() -> None:
    delivery = sent()

    with pytest.raises(BadSignature):
        reader().decode(TenantId("beta"), delivery.body, headers(delivery))


def test_either_secret_signs_while_one_is_being_changed() -> None:
    delivery = sent()
    rotated = headers(
        delivery, webhook_signature="v1,AAAA " + delivery.headers["webhook-signature"]
    )

    assert reader(OTHER, SECRET).decode(ACME, delivery.body, rotated).id == delivery.id


@pytest.mark.parametrize("secret", ["whsec_a", "whsec_", "é"])
def test_no_secret_at_all_is_a_configuration_error(secret: str) -> None:
    with pytest.raises(ConfigError, match=r"tenants\.acme\.pipeline_webhook_secret"):
        reader(secret)


@pytest.mark.parametrize("body", [b"[]", b"", b"{}", b'{"type":7}', b"[" * 3000])
def test_signed_note_of_any_content_says_look(body: bytes) -> None:
    delivery = sent(body=body)

    found = reader().decode(ACME, delivery.body, headers(delivery))

    assert (found.id, found.type) == (delivery.id, "")


@given(st.binary(max_size=100), st.text(max_size=60))
def test_only_the_secret_opens_whatever_comes(raw: bytes, signature: str) -> None:
    said = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": signature,
    }

    with pytest.raises(BadSignature):
        reader().decode(ACME, raw, said)
