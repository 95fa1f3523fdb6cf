"""Rest wants a sweep of what stands in Xero, and nothing more once it was there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from syncd.lab.days.rest import Rest

DAEMON: Any = SimpleNamespace(is_alive=True)


def rest(reader: Any) -> Rest:
    day = SimpleNamespace(used=0, turn=lambda _: None)
    xero: Any = SimpleNamespace(
        late_commits=0,
        limits=SimpleNamespace(of=lambda _: SimpleNamespace(day=day)),
        switches=SimpleNamespace(day_limit=5000),
        clock=SimpleNamespace(now=lambda: 0.0),
    )
    tenant: Any = SimpleNamespace(name="demo", organisation="organisation")
    books = SimpleNamespace(books=SimpleNamespace(records={}))
    pipeline: Any = SimpleNamespace(tenants={"demo": books})
    postman: Any = SimpleNamespace(unrest=[])
    return Rest(
        tenant, xero=xero, pipeline=pipeline, postman=postman, reader=reader, sweeps=("invoices",)
    )


def reading(**more: Any) -> Any:
    read = {"unrest": lambda _: [], "known_versions": dict, "links": lambda: ["a link"]}
    return SimpleNamespace(**{**read, "sweeps": lambda: {"invoices": (False, 1)}, **more})


def test_rest_wants_a_sweep_from_then_on() -> None:
    reader = reading()
    looked = rest(reader)

    assert looked.unrest(DAEMON) == ["no sweep of invoices since"]
    reader.sweeps = lambda: {"invoices": (False, 2)}
    assert looked.unrest(DAEMON) == []


def test_what_goes_by_its_own_clock_after_rest_wants_no_sweep() -> None:
    """Seed 973014, without rechecks: the first contact had waited for its turn."""
    reader = reading(links=list)
    looked = rest(reader)
    assert looked.unrest(DAEMON) == []

    reader.links = lambda: ["a link"]

    assert looked.unrest(DAEMON) == []
    reader.unrest = lambda _: ["a call is open"]
    assert looked.unrest(DAEMON) == ["a call is open"]
