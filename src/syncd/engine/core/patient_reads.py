"""Waits for the minute's allowance between the reads of a whole list.

Used by reports and plans: whoever began such a list anew whenever the minute was spent would never
come to its end, and spend the day on its beginning.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from syncd.domain.errors import Throttled

LONGEST_WAIT_S = 65.0
"""A minute's allowance is waited for; a longer one is the caller's to wait."""
MOST_WAITS = 30
_T = TypeVar("_T")


async def patiently(read: Callable[[], Awaitable[_T]]) -> _T:
    """One read of Xero, waiting a few times for its turn. Raises RemoteError's leaves."""
    for _ in range(MOST_WAITS):
        try:
            return await read()
        except Throttled as error:
            if error.retry_after_s > LONGEST_WAIT_S:
                raise
            await anyio.sleep(error.retry_after_s)
    return await read()
