"""A webhook is Xero's when its raw bytes carry our key's signature, and says where to look."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.model.inbox import ResourceChange
from syncd.sandbox.xero.webhooks import body as webhook_body
from syncd.xero.webhooks import XeroWebhookReader

KEY = "emulator-signing-key-0001"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# facts §6.1: computed against the published pair.
VECTOR = (
    b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, '
    b'"entropy": "S0M3R4ND0MT3XTABCDEF"}'
)
SIGNATURE = "XAfLqjunjlPYuaB/2lR8qVWxRAL+dCiTAlQ6fWCtgrc="


@dataclass
class Still:
    def now(self) -> datetime:
        return NOW


def reader(*keys: str) -> XeroWebhookReader:
    return XeroWebhookReader(keys or (KEY,), clock=Still())


def signed(body: bytes, key: str = KEY) -> str:
    return b64encode(hmac.digest(key.encode(), body, "sha256")).decode()


def read(body: bytes) -> tuple[ResourceChange, ...]:
    return reader().read(body)


def event(**fields: object) -> dict[str, object]:
    return {
        "resourceUrl": "https://api.xero.com/api.xro/2.0/Invoices",
        "resourceId": "60AA5D55-a47e-4665-a974-874bb50263b9",
        "tenantId": "96d8fbb9-e7bf-4327-a284-cb5da3384f97",
        "tenantType": "ORGANISATION",
        "eventCategory": "INVOICE",
        "eventType": "Update",
        "eventDateUtc": "2026-11-22T03:15:09.027",
        **fields,
    }


def body(*events: dict[str, object], first: int = 12) -> bytes:
    return webhook_body.body_of(events, first, first + len(events) - 1, "QWERTYUIOPASDFGHJKLZ")


def test_published_vector_is_an_intent_to_receive() -> None:
    assert reader().is_signed(VECTOR, SIGNATURE)
    assert read(VECTOR) == ()


@pytest.mark.parametrize(
    "wrong", ["", "x", SIGNATURE[:-1], webhook_body.off_by_one(SIGNATURE), "é"]
)
def test_wrong_signature_is_refused(wrong: str) -> None:
    assert not reader().is_signed(VECTOR, wrong)


def test_body_written_again_is_refused() -> None:
    assert not reader().is_signed(VECTOR.replace(b": ", b":"), SIGNATURE)


def test_no_key_trusts_nobody() -> None:
    for keys in (XeroWebhookReader((), clock=Still()), XeroWebhookReader(("",), clock=Still())):
        assert not keys.is_signed(VECTOR, signed(VECTOR, ""))


def test_either_key_signs_while_one_is_being_changed() -> None:
    both = reader("the-new-key", KEY)

    assert both.is_signed(VECTOR, SIGNATURE)
    assert both.is_signed(VECTOR, signed(VECTOR, "the-new-key"))


def test_event_says_where_to_look() -> None:
    (one,) = read(body(event()))

    assert one == ResourceChange(
        category="INVOICE",
        event="UPDATE",
        organisation_id=one.organisation_id,
        resource_id="60aa5d55-a47e-4665-a974-874bb50263b9",
        happened_at=datetime(2026, 11, 22, 3, 15, 9, 27_000, tzinfo=UTC),
        sequence=12,
    )


def test_events_of_a_batch_are_numbered_in_their_order() -> None:
    found = read(body(event(), event(), event(), first=7))

    assert [one.sequence for one in found] == [7, 8, 9]


def test_resource_type_of_the_newer_categories_is_kept() -> None:
    content = {"Type": "ACCPAYCREDIT", "Status": "AUTHORISED"}

    (one,) = read(body(event(eventCategory="CreditNote", data=content)))

    assert (one.category, one.resource_type) == ("CREDITNOTE", "ACCPAYCREDIT")


def test_unknown_category_is_kept_as_it_is() -> None:
    (one,) = read(body(event(eventCategory="TIMESHEET", eventDateUtc="soon", resourceId=None)))

    assert (one.category, one.resource_id, one.happened_at) == ("TIMESHEET", "", NOW)


ODD: list[object] = [
    event(data=[]),
    event(data=7),
    event(eventDateUtc="0001-01-01T00:00:00+14:00"),
    event(eventDateUtc=12),
    event(resourceUrl=[[[]]]),
]


@pytest.mark.parametrize("odd", ODD)
def test_event_of_an_odd_shape_is_read_by_what_it_says(odd: object) -> None:
    found = read(json.dumps({"events": [event(), odd, event()]}).encode())

    assert [one.category for one in found] == ["INVOICE"] * 3
    assert len({one.resource_id for one in found}) == 1


@pytest.mark.parametrize(
    "odd", [b"[]", b"7", b"null", b"[" * 3000 + b"]" * 3000, b'{"resourceId":01}', b'{"a":"\xff"}']
)
def test_event_that_is_none_leaves_the_others_their_place(odd: bytes) -> None:
    good = json.dumps(event()).encode()

    found = read(b'{"firstEventSequence":7,"events":[%s,%s,%s]}' % (good, odd, good))

    assert [(one.category, one.sequence) for one in found] == [
        ("INVOICE", 7),
        ("", 8),
        ("INVOICE", 9),
    ]


@given(
    odd=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(event())), inner),
        max_leaves=8,
    )
)
def test_anything_beside_good_events_leaves_them_readable(odd: object) -> None:
    found = read(json.dumps({"events": [event(), odd, event()]}).encode())

    assert found[0] == found[2]
    assert found[0].category == "INVOICE"


@pytest.mark.parametrize("sequence", ["9223372036854775808", "9223372036854775807", '"x"', "-1"])
def test_running_count_beyond_any_is_none(sequence: str) -> None:
    good = json.dumps(event()).encode()

    found = read(b'{"firstEventSequence":%s,"events":[%s,%s]}' % (sequence.encode(), good, good))

    assert [one.sequence for one in found] == [0, 0]


@pytest.mark.parametrize("garbage", [b"", b"[]", b"{}", b'{"events":null}', b"\xff\xfe"])
def test_signed_garbage_is_named_so(garbage: bytes) -> None:
    with pytest.raises(Garbled):
        read(garbage)


@given(st.binary(max_size=200), st.text(max_size=60))
def test_only_the_key_opens_whatever_comes(raw: bytes, given: str) -> None:
    assert not reader().is_signed(raw, given)
