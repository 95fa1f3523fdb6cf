"""Identifiers of the pretend Xero, drawn from seeds so that a run can be told again.

Called by everything that mints. Documents, answers and tokens draw from dice of their own, so that
one more read does not change the id of the next invoice.
"""

from __future__ import annotations

import re
from functools import lru_cache
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


@lru_cache(maxsize=65_536)
def sql_order(identifier: str) -> str:
    """A key that sorts GUIDs as SQL Server does: the last group first, three of them backwards.

    What is no GUID stands as it is.
    """
    if not is_guid(identifier):
        return identifier
    *reversed_groups, fourth, fifth = identifier.lower().split("-")
    backwards = [bytes.fromhex(each)[::-1].hex() for each in reversed(reversed_groups)]
    return "".join([fifth, fourth, *backwards])


def is_guid(text: str) -> bool:
    """Whether the text has the form of a GUID."""
    return _GUID.fullmatch(text) is not None
