"""The journal's arithmetic: one digest over a row of stored values, whatever they are.

The drivers offer `digest` to SQL as `chain_digest`, so that an append needs no answer before it,
and an upgrade chains what was written before. Framed so that no two rows share their bytes; the
form is fixed for ever (docs/decisions/journal-is-a-chain.md), or old journals stop fitting.
"""

from __future__ import annotations

from hashlib import sha256

from syncd.ports.driver import Scalar

START = b""
"""What the first entry has before it."""
DIGEST_BYTES = 32
SALT_BYTES = 16


def digest(*values: Scalar) -> bytes:
    """SHA-256 of the values in their order, each as its kind's letter, its length and its bytes.

    `n` NULL, `i` a whole number in decimal, `t` a text in UTF-8, `b` bytes:
    `digest(None, 7, "é")` is SHA-256 of `n0:` `i1:7` `t2:é`.
    """
    framed = []
    for value in values:
        if value is None:
            framed.append(b"n0:")
        elif isinstance(value, str):
            text = value.encode()
            framed.append(b"t%d:%b" % (len(text), text))
        elif isinstance(value, bytes):
            framed.append(b"b%d:%b" % (len(value), value))
        else:
            number = b"%d" % value
            framed.append(b"i%d:%b" % (len(number), number))
    return sha256(b"".join(framed)).digest()
