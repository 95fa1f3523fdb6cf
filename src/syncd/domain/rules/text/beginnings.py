"""Says between which texts all that begin alike stand, in the order of their characters.

So a search by a beginning reads a range of an index. Called by the listings of invoices.
"""

from __future__ import annotations

from syncd.domain.model.value import Value

_LAST = 0x10FFFF
_BEFORE_SURROGATES, _AFTER_SURROGATES = 0xD7FF, 0xE000


class Beginning(Value, frozen=True, kw_only=True):
    """Texts from `first` on that stand before `end`."""

    first: str
    end: str


def spellings(text: str) -> tuple[Beginning, ...]:
    """What begins with the text as it is typed, in capitals, in small letters, with one capital.

    No range holds what another holds. None for a text of which nothing can be found.
    """
    typed = dict.fromkeys((text, text.upper(), text.lower(), text.capitalize()))
    shortest = [
        one for one in typed if not any(one != other and one.startswith(other) for other in typed)
    ]
    return tuple(Beginning(first=one, end=end) for one in shortest if (end := _end(one)))


def _end(text: str) -> str:
    """The least text behind all that begin with this one; empty where there is none."""
    kept = text.rstrip(chr(_LAST))
    if not kept:
        return ""
    last = ord(kept[-1])
    return kept[:-1] + chr(_AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
