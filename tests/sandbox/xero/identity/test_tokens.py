"""Tokens cannot be made up or changed."""

from __future__ import annotations

import pytest

from syncd.sandbox.xero.identity.tokens import TokenInvalid, TokenSigner

SIGNER = TokenSigner(b"one key")


def test_token_gives_its_claims_back() -> None:
    claims = {"scope": ["a"], "exp": 5}

    assert SIGNER.read(SIGNER.write(claims)) == claims


@pytest.mark.parametrize("change", ["", "x", "a.b", "a.b.c"])
def test_stranger_is_no_token(change: str) -> None:
    with pytest.raises(TokenInvalid):
        SIGNER.read(change)


def test_token_of_another_key_is_none_of_ours() -> None:
    with pytest.raises(TokenInvalid):
        SIGNER.read(TokenSigner(b"another key").write({"exp": 5}))


def test_changed_claims_are_seen() -> None:
    head, _, signature = SIGNER.write({"exp": 5}).split(".")
    other = SIGNER.write({"exp": 6}).split(".")[1]

    with pytest.raises(TokenInvalid):
        SIGNER.read(f"{head}.{other}.{signature}")
