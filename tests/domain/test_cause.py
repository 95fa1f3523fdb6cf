"""A cause is read back from its one word, whatever its name holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.cause import CauseKind, HoldCause


@given(kind=st.sampled_from(CauseKind), name=st.text(min_size=1))
def test_cause_is_read_back_from_its_word(kind: CauseKind, name: str) -> None:
    cause = HoldCause(kind=kind, name=name)

    assert HoldCause.read(cause.text) == cause


@pytest.mark.parametrize("text", ["", "cost_code", "cost_code:", "weather:rain"])
def test_what_is_no_cause_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected KIND:NAME|is not a valid"):
        HoldCause.read(text)
