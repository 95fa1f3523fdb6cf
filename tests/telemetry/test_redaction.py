"""No secret passes a log line."""

from __future__ import annotations

import pytest

from syncd.telemetry.redaction import MASK, masked, redact


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "Authorization: Bearer abcdefghijk",
        "<CIMultiDictProxy('Authorization': 'Basic Y2xpZW50OnNlY3JldA==')>",
        "key pip_key_12345",
        "grant_type=refresh_token&refresh_token=abc-1&x=1",
        "whsec_c2VjcmV0",
    ],
)
def test_values_that_look_secret_are_masked(text: str) -> None:
    assert MASK in masked(text)


def test_keys_that_name_secrets_are_masked_whatever_they_hold() -> None:
    event = redact(None, "info", {"access_token": "plain", "note": "fine", "many": ["pip_key_9"]})

    assert event == {"access_token": MASK, "note": "fine", "many": [MASK]}
