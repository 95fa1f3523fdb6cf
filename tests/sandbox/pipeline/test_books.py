from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.books import Books
from tests.searching import examples


def books() -> Books:
    return Books(clock=SandboxClock(lambda: 0.0), rng=Random(1), gaps=lambda: 0.5)  # noqa: S311 - a test's dice


def customer(at: int) -> dict[str, Any]:
    return {"ref": f"C-{at}", "name": f"Customer {at}"}


@examples(60)
@given(st.lists(st.tuples(st.sampled_from(["create", "edit", "delete"]), st.integers(0, 9))))
def test_feed_tells_every_version_of_every_object_in_order(actions: list[tuple[str, int]]) -> None:
    own = books()
    made: list[str] = []
    for verb, at in actions:
        alive = [key for key in made if own.alive("customer", key)]
        if verb == "create" or not alive:
            made.append(own.create("customer", customer(at), by="A"))
        elif verb == "edit":
            own.edit("customer", alive[at % len(alive)], {"phone": str(at)}, by="B")
        else:
            own.delete("customer", alive[at % len(alive)], by="C")
    seqs = [entry.seq for entry in own.feed]
    assert seqs == sorted(set(seqs))
    for key in made:
        versions = [entry.version for entry in own.feed if entry.id == key]
        assert versions == list(range(1, len(versions) + 1))
        assert own.records["customer"][key].document["version"] == versions[-1]
    assert own.ids("customer") == sorted(key for key in made if own.alive("customer", key))


def test_change_that_is_refused_leaves_no_trace() -> None:
    own = books()
    key = own.create("customer", customer(1), by="A")
    before = own.dump()
    with pytest.raises(ValueError, match="name"):
        own.edit("customer", key, {"name": ""}, by="A")
    with pytest.raises(ValueError, match="exists"):
        own.create("customer", {"id": key, **customer(2)}, by="A")
    with pytest.raises(ValueError, match="customerId"):
        own.create(
            "invoice", {"number": "1", "customerId": "x", "invoiceDate": "2026-11-20"}, by="A"
        )
    assert own.dump() == before
    assert own.invoice_id("1") is None


def test_listeners_hear_of_every_change() -> None:
    own, heard = books(), []
    own.on_change = lambda entry, deleted: heard.append((entry.version, deleted))
    key = own.create("customer", customer(1), by="A")
    own.delete("customer", key, by="A")
    assert heard == [(1, False), (2, True)]
