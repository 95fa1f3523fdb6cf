"""Asks Xero for documents by their texts, in halves where it refuses to be asked for one of them.

Used where many texts share a read and each may stay unfound: by the prober and by plans. Who must
tell a person of a refused question asks in halves of jobs instead (`engine.writes.push`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from syncd.domain.errors import Refused
from syncd.ports.rows import Own, Rows, Unread

R = TypeVar("R", bound=Own)
MOST_ALONE = 3
"""So many texts refused one by one say that it is nothing of theirs."""


async def found(
    ask: Callable[[Sequence[str]], Awaitable[Rows[R]]], wanted: Sequence[str]
) -> Rows[R]:
    """What Xero shows of these; a text that it refuses to be asked for alone finds nothing.

    Raises RemoteError's leaves.
    """
    rows: dict[str, R] = {}
    unread: dict[Unread, None] = {}
    parts, alone = [wanted] if wanted else [], 0
    while parts:
        part = parts.pop(0)
        try:
            read = await ask(part)
        except Refused:
            half = len(part) // 2
            if half:
                parts = [part[:half], part[half:], *parts]
                continue
            alone += 1
            if alone > MOST_ALONE:
                raise
        else:
            rows.update((one.id, one) for one in read)
            unread.update(dict.fromkeys(read.unread))
    return Rows(rows.values(), unread)
