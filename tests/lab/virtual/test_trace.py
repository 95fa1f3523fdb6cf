"""The digest of what happened."""

from __future__ import annotations

import pytest

from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_trace_refuses_objects_whose_text_differs_between_runs(loop: VirtualLoop) -> None:
    with pytest.raises(TypeError, match="note its name"):
        loop.trace.note("seen", object())  # type: ignore[arg-type]  # refused at run time


def test_trace_digest_tells_order_and_time_apart(loop: VirtualLoop) -> None:
    other, third = VirtualLoop(), VirtualLoop(start_s=2_000)
    for made, words in ((loop, "ab"), (other, "ba"), (third, "ab")):
        for word in words:
            made.trace.note(word, 1, None, b"x")
    other.close()
    third.close()

    assert len({made.trace.digest() for made in (loop, other, third)}) == 3
    assert loop.trace.tail[0] == "1000.0 a 1 None b'x'"
