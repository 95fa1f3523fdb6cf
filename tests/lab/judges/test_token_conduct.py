"""The judge of calls for tokens reads a pair by what it is, however odd the answer around it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from syncd.lab.judges.token_conduct import TokenJudge
from syncd.lab.watch.watched_xero import TOKEN, Arrival
from syncd.sandbox.http import Request, Response

LIFE_S = 1800


def arrival(presented: str, at_s: float, body: bytes) -> Arrival:
    form = f"grant_type=refresh_token&refresh_token={presented}".encode()
    request = Request(method="POST", path=TOKEN, body=form)
    return Arrival(number=1, request=request, at_s=at_s, answered=Response(status=200, body=body))


def pair(**more: Any) -> bytes:
    claims = urlsafe_b64encode(json.dumps({"exp": LIFE_S}).encode()).decode().rstrip("=")
    return json.dumps({"access_token": f"head.{claims}.tail", **more}).encode()


@pytest.mark.parametrize("said", [{}, {"expires_in": 0}, {"expires_in": "soon"}])
def test_life_of_a_token_is_its_own_whatever_the_answer_says(said: dict[str, Any]) -> None:
    judge = TokenJudge({}, {})
    judge.done(arrival("first", 0.0, pair(refresh_token="second", **said)))

    (early,) = judge.arriving(arrival("second", 60.0, b""))

    assert early.endswith("is good 1740 s")


@pytest.mark.parametrize("body", [b"<html></html>", pair(expires_in=LIFE_S)])
def test_answer_without_a_pair_issues_none(body: bytes) -> None:
    judge = TokenJudge({}, {})

    judge.done(arrival("first", 0.0, body))

    assert list(judge.arriving(arrival("first", 60.0, b""))) == []
