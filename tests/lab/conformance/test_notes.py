"""A note is taken as syncd would take it, but the first one is refused once."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import ClientSession

from syncd.lab.conformance import notes
from syncd.lab.conformance.expectations import Expectations, Verdict
from syncd.lab.conformance.notes import Notes
from tests.lab.conformance.support.canned import ID, NOW_S

KEY = b"secret"
NOTE = {"type": "invoice.updated", "timestamp": "2026-11-20T00:00:00Z", "data": {"id": ID}}


def signed(own: str, body: bytes, *, at_s: float = NOW_S) -> dict[str, str]:
    stamp = str(int(at_s))
    right = hmac.digest(KEY, f"{own}.{stamp}.".encode() + body, sha256)
    return {
        "webhook-id": own,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,AAAA v1,{b64encode(right).decode()}",
    }


async def sent(*deliveries: tuple[dict[str, str], bytes]) -> tuple[list[int], dict[str, str]]:
    """The statuses these are answered with, and what is not met."""
    taken = Notes(secret=KEY, expectations=Expectations(), now_s=lambda: NOW_S)
    statuses = []
    async with notes.listening(taken, "127.0.0.1", 0) as port, ClientSession() as session:
        url = f"http://127.0.0.1:{port}/webhooks/pipeline/acme"
        for headers, body in deliveries:
            async with session.post(url, data=body, headers=headers) as answer:
                statuses.append(answer.status)
        await notes.awaited(taken, 0.0)
    taken.conclude(1.0)
    lines = taken.expectations.lines()
    return statuses, {one.name: one.got for one in lines if one.verdict is Verdict.NOT_MET}


async def test_note_that_comes_again_meets_everything() -> None:
    body = json.dumps(NOTE).encode()

    statuses, failing = await sent((signed("a", body), body), (signed("a", body), body))

    assert statuses == [503, 204]
    assert failing == {}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"body": b" " + json.dumps(NOTE).encode()}, "notes.signature"),
        ({"at_s": NOW_S - 400}, "notes.time"),
        ({"note": {**NOTE, "type": "invoice.paid"}}, "notes.form"),
        ({"note": {**NOTE, "data": {"id": "7"}}}, "notes.form"),
        ({"note": {**NOTE, "timestamp": "now"}}, "notes.form"),
        ({"note": []}, "notes.form"),
    ],
)
async def test_one_mistake_is_one_line(change: dict[str, Any], name: str) -> None:
    body = json.dumps(change.get("note", NOTE)).encode()
    headers = signed("a", body, at_s=change.get("at_s", NOW_S))
    posted = change.get("body", body)

    _, failing = await sent((headers, posted), (headers, posted))

    assert set(failing) == {name}


async def test_notes_that_never_come_are_told_once() -> None:
    _, failing = await sent()

    assert failing == {"notes.come": "none within 1 s"}


def test_secret_that_is_none_is_refused() -> None:
    assert notes.key_of("whsec_c2VjcmV0") == KEY
    for secret in ("c2VjcmV0", "whsec_?"):
        with pytest.raises(ValueError, match=r"whsec_|base64|char"):
            notes.key_of(secret)
