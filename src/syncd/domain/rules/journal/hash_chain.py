"""The journal's arithmetic: one digest over a row of stored values, whatever they are.

The drivers offer `digest` to SQL as `chain_digest`, so that an append needs no answer before it,
and an upgrade chains what was written before. The form is fixed for ever, or old journals stop
fitting (docs/decisions/0008-journal-hash-chain.md).
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

START = b""
"""What the first entry has before it."""
SALT_BYTES = 16
_ENCODER = msgspec.msgpack.Encoder()


def digest(*values: str | int | bytes | None) -> bytes:
    """SHA-256 of the values as one MessagePack array: nil, int, str and bin, each at its shortest.

    No two rows share their bytes, and anybody can compute it without us.
    """
    return sha256(_ENCODER.encode(values)).digest()
