"""What an invoice costs the whole daemon, beside the smallest script that keeps its promise.

Both run in turns on the same machine, so that only their ratio is judged.
"""

from __future__ import annotations

from pathlib import Path

from bench import drain

from tests.support.stores import needs_file

MOST_FLOORS = 13.0
"""Eight to nine were measured, half as much again is for a busy machine; sixteen was a fault."""


@needs_file("what it costs was measured so")
def test_invoice_costs_no_more_than_so_many_floors(tmp_path: Path) -> None:
    found = drain.run(1000, 2, 2, drain.Place(folder=tmp_path), None)

    assert found["ratio_floor"] < MOST_FLOORS, found
