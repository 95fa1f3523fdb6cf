from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.pipeline.limits import Limit
from tests.searching import examples


@examples(60)
@given(st.lists(st.floats(0, 40), max_size=60), st.integers(1, 5))
def test_no_minute_lets_more_than_the_limit_pass(gaps_s: list[float], allowed: int) -> None:
    limit, now, passed = Limit(), 1_000_000.0, dict[int, int]()
    for gap_s in gaps_s:
        now += gap_s
        passes, headers = limit.spend(now, allowed)
        minute = int(now // 60)
        passed[minute] = passed.get(minute, 0) + passes
        assert int(headers["X-RateLimit-Remaining"]) == allowed - passed[minute]
        assert ("Retry-After" in headers) is not passes
        if not passes:
            assert limit_after_waiting(now, headers) > minute
    assert max(passed.values(), default=0) <= allowed


def limit_after_waiting(now: float, headers: object) -> int:
    assert isinstance(headers, dict)
    return int((now + int(headers["Retry-After"])) // 60)
