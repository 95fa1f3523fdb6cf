"""Every cause has one sentence, with the name of what stands in the way."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import TenantId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.job import Reason
from syncd.domain.rules.journal.need_headlines import headline, to_set

ACME = TenantId("acme")
OF_ONE_REASON = [kind for kind in CauseKind if kind not in (CauseKind.CUSTOMER, CauseKind.MOVED_BY)]


@pytest.mark.parametrize("reason", [None, *Reason])
def test_every_reason_has_a_sentence(reason: Reason | None) -> None:
    assert headline(reason, None, "").endswith(".")


@pytest.mark.parametrize("kind", OF_ONE_REASON)
def test_the_cause_is_named(kind: CauseKind) -> None:
    cause = HoldCause(kind=kind, name="PAINT")

    assert "PAINT" in headline(Reason.REFUSED, cause, "PAINT")


@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_customer_is_called_by_its_name(reason: Reason | None) -> None:
    cause = HoldCause(kind=CauseKind.CUSTOMER, name="8f0c")

    said = headline(reason, cause, "Kiwi {Plumbing}")

    assert "Kiwi {Plumbing}" in said
    assert "8f0c" not in said


@pytest.mark.parametrize("mover", ["both", "pipeline", "xero"])
def test_out_of_sync_says_where_it_was_modified(mover: str) -> None:
    cause = HoldCause(kind=CauseKind.MOVED_BY, name=mover)

    assert headline(None, cause, mover).startswith("Modified in ")


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_what_to_set_is_a_line_of_the_configuration(name: str) -> None:
    for kind, table in ((CauseKind.COST_CODE, "cost_codes"), (CauseKind.TAX_RATE, "tax_types")):
        lines = to_set(ACME, HoldCause(kind=kind, name=name))

        assert lines is not None
        assert list(tomllib.loads(lines)["tenants"]["acme"][table]) == [name]


def test_what_no_line_mends_has_none() -> None:
    assert to_set(ACME, None) is None
    assert to_set(ACME, HoldCause(kind=CauseKind.LOCK_DATE, name="2026-03-31")) is None
