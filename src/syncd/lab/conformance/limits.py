"""Looks at who is let in, and at the limit: a key that is missing or wrong, and the last call.

Called by `examine`: access first, the limit last, for it spends what is left of it.
"""

from __future__ import annotations

from http import HTTPStatus

from syncd.lab.conformance.calls import LONGEST_WAIT_S, Server


async def look_at_access(server: Server) -> None:
    """A call without the key, and with another one."""
    for name, key in (("access.no_key", ""), ("access.wrong_key", f"{server.key}x")):
        answer = await server.send("GET", "/changes", query={"limit": 1}, key=key)
        is_refused = answer.status == HTTPStatus.UNAUTHORIZED
        server.expectations.hold(name, is_refused, answer.in_words)


async def look_at_limit(server: Server) -> None:
    """Spend what is left of the limit, where that is little; and wait as long as it says."""
    answer = await server.send("GET", "/changes", query={"limit": 1})
    left = answer.whole_number("x-ratelimit-remaining")
    if left is None or left >= server.calls_left:
        why = f"{left} calls are left to the limit, more than may be made: --most-calls"
        server.expectations.skip(why, "limits.retry_after")
        return
    while answer.status != HTTPStatus.TOO_MANY_REQUESTS and server.calls_left > 0:
        answer = await server.send("GET", "/changes", query={"limit": 1})
    wait_s = answer.whole_number("retry-after")
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        got = f"never 429, although {left} calls were left"
        server.expectations.hold("limits.retry_after", False, got)
        return
    said = answer.headers.get("retry-after")
    has_wait = server.expectations.hold("limits.retry_after", bool(wait_s), f"Retry-After: {said}")
    if not has_wait or wait_s is None or wait_s > LONGEST_WAIT_S:
        return
    await server.wait(float(wait_s))
    after = await server.send("GET", "/changes", query={"limit": 1})
    got = f"after {wait_s} s: {after.in_words}"
    server.expectations.hold("limits.retry_after", after.status == HTTPStatus.OK, got)
