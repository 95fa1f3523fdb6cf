"""What a start makes is not looked through again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from syncd.runtime import collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()


def test_collector_rests_until_it_goes_on_and_leaves_what_is_there() -> None:
    collector.pause()
    rests = not gc.isenabled()
    made = [[each] for each in range(1000)]

    collector.go_on()

    assert rests
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)
    assert not any(each is made for each in gc.get_objects())
