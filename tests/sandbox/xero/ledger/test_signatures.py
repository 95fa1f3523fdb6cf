"""Signatures are RS256 as every other implementation reads it."""

from __future__ import annotations

from base64 import urlsafe_b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from syncd.sandbox.xero.ledger import signatures


def number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def published() -> rsa.RSAPublicKey:
    key = signatures.public_key("K")
    return rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()


def test_signature_satisfies_an_independent_verifier() -> None:
    signature = signatures.sign(b"a message")

    published().verify(signature, b"a message", padding.PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        published().verify(signature, b"another", padding.PKCS1v15(), SHA256())


def test_only_the_signed_message_passes() -> None:
    signature = signatures.sign(b"a message")

    assert signatures.is_signed(b"a message", signature)
    assert not signatures.is_signed(b"a messagf", signature)
    assert not signatures.is_signed(b"a message", signature[:-1] + b"\x00")
    assert not signatures.is_signed(b"a message", b"")


def test_published_key_names_itself_and_is_large_enough_for_strict_clients() -> None:
    assert signatures.public_key("K")["kid"] == "K"
    assert published().key_size == 2048
