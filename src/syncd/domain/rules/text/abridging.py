"""Abridges JSON text as it streams by: long strings are cut, long lists end early, it stays JSON.

Called by transports for answers of which one element may be longer than all we would hold. What is
cut is still longer than any contract allows (`LONGEST_TEXT`, `MOST_ITEMS`), so that whoever reads
the text finds the field at fault, and everything beside it.
"""

from __future__ import annotations

import re

LONGEST_TEXT = 65_536
"""Bytes of a string's text. An escaped character has twelve at most: more than 5,000 are left."""
MOST_ITEMS = 1_000
"""Elements of a list, or members of an object."""
_MARK = re.compile(rb'["\[\]{},]')
_STOP = re.compile(rb'["\\]')
_WHOLE = re.compile(rb"(?:[^\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+", re.DOTALL)


class Abridged:
    """A copy of one text, made part by part; call it with each part, in their order."""

    def __init__(self, *, longest_text: int = LONGEST_TEXT, most_items: int = MOST_ITEMS) -> None:
        self._longest = longest_text
        self._most = most_items
        self._items: list[int] = []
        """Of every open bracket, which item is being copied."""
        self._left_out_at: int | None = None
        """The depth of the bracket whose further items are left out."""
        self._text: bytearray | None = None
        self._is_cut = self._is_escaped = False

    def __call__(self, part: bytes) -> bytes:
        """What is kept of the next part; a string is kept once it has ended."""
        kept, at = bytearray(), 0
        while at < len(part):
            if self._text is None:
                at = self._between(part, at, kept)
            else:
                at = self._within(self._text, part, at, kept)
        return bytes(kept)

    def _between(self, part: bytes, at: int, kept: bytearray) -> int:
        """Copy up to a string, or over a bracket or comma."""
        found = _MARK.search(part, at)
        if found is None:
            self._keep(part[at:], kept)
            return len(part)
        self._keep(part[at : found.start()], kept)
        mark = found.group()
        if mark == b'"':
            self._text, self._is_cut = bytearray(), False
        else:
            self._bracket(mark)
            self._keep(mark, kept)
            if mark in b"[{":
                self._items.append(1)
        return found.end()

    def _bracket(self, mark: bytes) -> None:
        """Note where we are; what is over the limit is left out from its comma on."""
        depth = len(self._items)
        if mark in b"]}" and depth:
            self._items.pop()
            if self._left_out_at == depth:
                self._left_out_at = None
        elif mark == b"," and depth:
            self._items[-1] += 1
            if self._items[-1] > self._most and self._left_out_at is None:
                self._left_out_at = depth

    def _within(self, text: bytearray, part: bytes, at: int, kept: bytearray) -> int:
        """Copy up to the string's end, or to its next escape."""
        if self._is_escaped:
            self._is_escaped = False
            self._take(text, part[at : at + 1])
            return at + 1
        found = _STOP.search(part, at)
        end = len(part) if found is None else found.start()
        self._take(text, part[at:end])
        if found is None:
            return end
        if found.group() == b'"':
            self._keep(b'"%b"' % (_safe(text) if self._is_cut else bytes(text)), kept)
            self._text = None
        else:
            self._is_escaped = True
            self._take(text, b"\\")
        return found.end()

    def _take(self, text: bytearray, more: bytes) -> None:
        room = self._longest - len(text)
        self._is_cut = self._is_cut or len(more) > room
        text += more[: max(0, room)]

    def _keep(self, some: bytes | bytearray, kept: bytearray) -> None:
        if self._left_out_at is None:
            kept += some


def _safe(text: bytearray) -> bytes:
    """As much of a cut text as ends with a whole character."""
    found = _WHOLE.match(text)
    whole = text if found is None else found.group()
    return whole.decode("utf-8", "ignore").encode()
