"""An expectation is one line, whatever came of it and however often."""

from __future__ import annotations

import pytest

from syncd.lab.conformance.expectations import EXPECTED, Expectations, Verdict


def test_one_line_each_in_the_order_of_the_contract() -> None:
    found = Expectations()
    found.hold("feed.seq", True, "fine")
    found.hold("feed.page", False, "first\n  of them")
    found.hold("feed.page", False, "second")
    found.hold("feed.page", True, "fine again")
    found.skip("why not", "feed.end", "feed.seq")
    found.skip("another reason", "feed.end")

    lines = {one.name: one for one in found.lines()}

    assert [*lines] == [*EXPECTED]
    assert (lines["feed.seq"].verdict, lines["feed.seq"].got) == (Verdict.MET, "")
    assert lines["feed.page"].verdict is Verdict.NOT_MET
    assert lines["feed.page"].got == "first of them (and 1 more)"
    assert lines["feed.end"].verdict is Verdict.NOT_LOOKED_AT
    assert lines["feed.end"].got == "why not"
    assert lines["notes.come"].got == "there was nothing to look at"


def test_what_the_contract_does_not_expect_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        Expectations().hold("feed.colour", True, "")
