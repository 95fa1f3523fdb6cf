"""RS256 signatures in plain arithmetic, with a key that is no secret (RFC 7518, RFC 8017).

Called by `tokens`, and published by the identity service as its JWKS: clients that check Xero's
tokens, such as xero-node, check these too. Every sandbox signs with this one key, made for it and
for nothing else; what tells two sandboxes apart is the name each gives it.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

_EXPONENT = 65537
_P = int(
    "f9a2db653db292f7d7a65a43a7dcee2fac7440f290a843bb6da8d389ff2414b9"
    "20d1df43dae034cc00f185c264037d5fb24c12ceba9fe2fb2950075a798d26ca"
    "07c0a346b61424a723e19a5823e4e744f775ec8dac393b48d02dcdcccebde7ec"
    "113e8875c95e417c1180878097eeadd45ee1950a48b49347d06576c6450117c5",
    16,
)
_Q = int(
    "f0ed48f786cabd0a153358681f235d8e6ae651b16a8d921b0db818d37b8d9274"
    "2b8eb470eef7b55a134a230d01c5549f7a00e50d7a42f02a312f093fcc16cfa8"
    "a2b1ca3ce1ecccf0c197c3cb323cf831421843d8f11b624b9573158aa618c685"
    "55b1a4a93f3800d18cccc6e393a6b04e573f70eeba31a4bb7fd762be6750dde5",
    16,
)
_MODULUS = _P * _Q
_SIZE = (_MODULUS.bit_length() + 7) // 8
_SECRET = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
_SECRET_P, _SECRET_Q = _SECRET % (_P - 1), _SECRET % (_Q - 1)
_Q_INVERSE = pow(_Q, -1, _P)
# Sandboxes of one seed say the same at the same time: many a play begins with these very tokens.
_REMEMBERED = 256
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


@lru_cache(_REMEMBERED)
def sign(message: bytes) -> bytes:
    """The signature of a message; some milliseconds of arithmetic."""
    # By halves (Chinese remainders): four times faster than one power of the modulus' size.
    padded = _padded(message)
    at_p, at_q = pow(padded % _P, _SECRET_P, _P), pow(padded % _Q, _SECRET_Q, _Q)
    return (at_q + _Q * ((at_p - at_q) * _Q_INVERSE % _P)).to_bytes(_SIZE, "big")


def is_signed(message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's, of exactly this message."""
    if len(signature) != _SIZE:
        return False
    return pow(int.from_bytes(signature, "big"), _EXPONENT, _MODULUS) == _padded(message)


def public_key(kid: str) -> dict[str, str]:
    """The public half as one key of a JWKS, under a name of the caller's."""
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid,
        "n": _text(_MODULUS.to_bytes(_SIZE, "big")),
        "e": _text(_EXPONENT.to_bytes(3, "big")),
    }


def _padded(message: bytes) -> int:
    digest = _SHA256_PREFIX + sha256(message).digest()
    filling = b"\xff" * (_SIZE - len(digest) - 3)
    return int.from_bytes(b"\x00\x01" + filling + b"\x00" + digest, "big")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
