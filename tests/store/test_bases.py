"""A base is read as it was kept, and kept short where Xero shows what was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.invoice import Invoice
from syncd.domain.model.snapshot import HEADER_FIELDS, LINE_FIELDS, Base, LineSnapshot, Snapshot
from syncd.store import bases
from tests.domain import builders

texts = st.none() | st.sampled_from(["", "a", "b", "2026-11-20", "Größe"])
lines = st.builds(
    LineSnapshot,
    id=st.sampled_from(["l1", "l2", "l3"]),
    **dict.fromkeys(LINE_FIELDS, texts),
)
halves = st.builds(
    Snapshot,
    status=st.sampled_from(["Approved", "AUTHORISED"]),
    lines=st.lists(lines, max_size=3).map(tuple),
    **dict.fromkeys(HEADER_FIELDS, texts),
)
words = st.lists(st.sampled_from(["number", "due_on", "l1.tax"]), max_size=2).map(tuple)
BY_TRANSLATION = ("contact", "due_on", "currency")
CODES = ("account", "tax")


def is_short(base: Base) -> bool:
    return b'"xero"' not in bases.encode(base)


@given(
    st.builds(
        Base,
        pipeline=st.none() | halves,
        xero=st.none() | halves,
        pairs=st.lists(st.tuples(st.just("l1"), st.just("x1")), max_size=2).map(tuple),
        kept=words,
        altered=words,
        filled=words,
        left=st.none() | st.integers(1, 9),
    )
)
def test_any_base_is_read_as_it_was_kept(base: Base) -> None:
    assert bases.decode(bases.encode(base)) == base


@given(builders.invoices(), words, st.none() | st.integers(1, 9))
def test_base_of_what_was_sent_is_kept_short_and_read_whole(
    said: Invoice, decided: tuple[str, ...], left: int | None
) -> None:
    """Whatever people have decided beside it."""
    base = builders.agreed(said, kept=decided, left=left)

    assert is_short(base)
    assert bases.decode(bases.encode(base)) == base


@given(builders.invoices(), st.data())
def test_base_is_kept_short_only_where_all_that_pipeline_says_is_shown(
    said: Invoice, data: st.DataObject
) -> None:
    """Short, and every cell that no translation makes equal: the one means the other."""
    agreed = builders.agreed(said)
    assert agreed.pipeline is not None
    assert agreed.xero is not None
    base = replace(agreed, xero=data.draw(st.just(agreed.xero) | _altered(agreed.xero)))
    assert base.xero is not None

    assert is_short(base) == (_cells(agreed.pipeline) == _cells(base.xero))
    assert bases.decode(bases.encode(base)) == base


@pytest.mark.parametrize("pairs", [(), (("p0", "another"),)])
def test_lines_joined_otherwise_are_kept_whole(pairs: tuple[tuple[str, str], ...]) -> None:
    base = builders.agreed(builders.invoice(), pairs=pairs)

    assert not is_short(base)
    assert bases.decode(bases.encode(base)) == base


@given(builders.invoices())
def test_base_that_a_daemon_of_before_kept_is_read(said: Invoice) -> None:
    base = builders.agreed(said, kept=("number",))

    assert bases.decode(msgspec.json.encode(base)) == base


def test_base_is_kept_in_the_places_it_has_always_had() -> None:
    """What is in the stores of today is read so for ever."""
    stored = (
        b'{"invoice_on":"2026-11-20","as_sent":["Approved","PL-1","JOB-1","c-1","2026-12-01","EUR",'
        b'"Exclusive","332.5","49.88","382.38","AUTHORISED","x-1","2026-12-10","NZD",[["p-1",'
        b'"Heat pump","3.5","95","10","costCode:LAB","rate:0.15","Region: North","x-l-1","200",'
        b'"OUTPUT2"]]],"kept":["total"],"left":7}'
    )
    said = Snapshot(
        status="Approved", number="PL-1", reference="JOB-1", contact="c-1",
        invoice_on="2026-11-20", due_on="2026-12-01", currency="EUR",
        line_amount_types="Exclusive", nett="332.5", tax="49.88", total="382.38",
        lines=(
            LineSnapshot(
                id="p-1", description="Heat pump", quantity="3.5", unit_amount="95",
                discount="10", account="costCode:LAB", tax="rate:0.15", tracking="Region: North",
            ),
        ),
    )  # fmt: skip
    line = replace(said.lines[0], id="x-l-1", account="200", tax="OUTPUT2")
    shown = replace(
        said, status="AUTHORISED", contact="x-1", due_on="2026-12-10", currency="NZD", lines=(line,)
    )
    base = Base(pipeline=said, xero=shown, pairs=(("p-1", "x-l-1"),), kept=("total",), left=7)

    assert bases.decode(stored) == base
    assert bases.encode(base) == stored


@given(builders.invoices(), words)
def test_base_that_was_kept_with_pipelines_half_by_name_is_read(
    said: Invoice, decided: tuple[str, ...]
) -> None:
    base = builders.agreed(said, kept=decided)
    assert base.pipeline is not None
    assert base.xero is not None
    xero = base.xero
    codes = [[line.id, line.account, line.tax] for line in xero.lines]
    sent = [xero.status, xero.contact, xero.due_on, xero.currency, codes]
    before = {"pipeline": base.pipeline, "sent": sent, "kept": decided}

    assert bases.decode(msgspec.json.encode(before)) == base


def _altered(xero: Snapshot) -> st.SearchStrategy[Snapshot]:
    """One cell of it, or the number of its lines, is another."""

    def header(field: str) -> Snapshot:
        return replace(xero, **{field: "another"})

    def line(field: str) -> Snapshot:
        first, *others = xero.lines
        changed: Any = {field: "another"}
        return replace(xero, lines=(replace(first, **changed), *others))

    return (
        st.sampled_from(HEADER_FIELDS).map(header)
        | st.sampled_from(LINE_FIELDS).map(line)
        | st.just(replace(xero, lines=xero.lines[1:]))
    )


def _cells(half: Snapshot) -> list[tuple[str | None, ...]]:
    """All that Pipeline says itself, header first."""
    header = [field for field in HEADER_FIELDS if field not in BY_TRANSLATION]
    own = [field for field in LINE_FIELDS if field not in CODES]
    return [
        tuple(getattr(half, field) for field in header),
        *(tuple(getattr(line, field) for field in own) for line in half.lines),
    ]
