"""Identifiers of the pretend Xero, drawn from seeds so that a run can be told again.

Called by everything that mints. Documents, answers and tokens draw from dice of their own, so that
one more read does not change the id of the next invoice.
"""

from __future__ import annotations

import re
from random import Random

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPAQUE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


class Mint:
    """Draws identifiers from one seed."""

    def __init__(self, seed: str) -> None:
        self.dice = Random(seed)  # noqa: S311 - a pretend world, drawn from its seed

    def guid(self) -> str:
        """A lower-case GUID of version 4."""
        digits = f"{self.dice.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def opaque(self, length: int) -> str:
        """A token without meaning."""
        return "".join(self.dice.choices(_OPAQUE, k=length))

    def letters(self, length: int) -> str:
        """Capital letters, as in a webhook's entropy."""
        return "".join(self.dice.choices(_LETTERS, k=length))

    def hexadecimal(self, length: int) -> str:
        """Lower-case hexadecimal digits."""
        return f"{self.dice.getrandbits(4 * length):0{length}x}"


def is_guid(text: str) -> bool:
    """Whether the text has the form of a GUID."""
    return _GUID.fullmatch(text) is not None
