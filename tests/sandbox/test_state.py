"""Both worlds survive as one JSON value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.sandbox import state
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User
from syncd.sandbox.xero.server.app import XeroWorld

NOW = 1_795_306_500.0


def worlds(*, seed: int = 3, organisations: int = 1) -> tuple[XeroWorld, PipelineWorld]:
    clock = SandboxClock(lambda: NOW)
    tenants = [f"t{at}" for at in range(organisations)]
    return (
        XeroWorld(clock=clock, seed=seed, organisations=organisations),
        PipelineWorld(clock=clock, seed=seed, tenants=tenants),
    )


def lived(xero: XeroWorld, pipeline: PipelineWorld) -> dict[str, Any]:
    xero.bookkeeper({"do": "create_invoice", "set": {"InvoiceNumber": "PL-1"}})
    xero.set_switches({"read_lag_s": 2.5})
    User(pipeline)({"do": "create_customer", "ref": "C-1", "name": "Acme"})
    return json.loads(json.dumps(state.taken(xero, pipeline)))


def test_state_gives_both_worlds_back() -> None:
    kept = lived(*worlds())
    xero, pipeline = worlds()

    state.given_back(kept, xero, pipeline)

    again = json.loads(json.dumps(state.taken(xero, pipeline)))
    for name in ("organisations", "grants", "switches"):
        assert again["xero"][name] == kept["xero"][name]
    assert again["pipeline"] == kept["pipeline"]


def test_time_goes_on_from_where_it_stood() -> None:
    xero, pipeline = worlds()
    xero.clock.advance(3600)
    kept = lived(xero, pipeline)
    xero, pipeline = worlds()

    state.given_back(kept, xero, pipeline)

    assert xero.clock.now() == NOW + 3600


def test_new_documents_get_ids_of_their_own() -> None:
    kept = lived(*worlds())
    xero, pipeline = worlds()
    state.given_back(kept, xero, pipeline)

    User(pipeline)({"do": "create_customer", "ref": "C-2", "name": "Beta"})
    xero.bookkeeper({"do": "create_invoice"})

    (books,) = xero.books.values()
    assert len(pipeline.tenants["t0"].books.ids("customer")) == 2
    assert len(books.invoices) == 2


@pytest.mark.parametrize(
    ("other", "word"),
    [({"seed": 4}, "seed"), ({"organisations": 2}, "tenants")],
)
def test_state_of_other_worlds_is_refused(other: dict[str, int], word: str) -> None:
    kept = lived(*worlds())

    with pytest.raises(ValueError, match=f"expected {word}"):
        state.given_back(kept, *worlds(**other))
