"""Both pretend worlds as one JSON value, to be kept between two runs of `syncd sandbox --state`.

Called by the command line, which reads and writes the file. Kept are the books, grants, switches
and world time; faults and the address of webhooks are not: they belong to the one who directs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.pipeline.exact import text
from syncd.sandbox.xero.server.app import XeroWorld

VERSION = 1


def taken(xero: XeroWorld, pipeline: PipelineWorld) -> dict[str, Any]:
    """What stands in both worlds now."""
    state = {
        "version": VERSION,
        "seed": xero.seed,
        "tenants": list(pipeline.tenants),
        "xero": xero.dump(),
        "pipeline": pipeline.dump(),
    }
    return {name: text(value) for name, value in state.items()}


def given_back(state: Mapping[str, Any], xero: XeroWorld, pipeline: PipelineWorld) -> None:
    """Stand where an earlier state stood, not before its time.

    Raises ValueError when it is of another version, of another seed (whose keys differ), or of
    other tenants.
    """
    own = {"version": VERSION, "seed": xero.seed, "tenants": list(pipeline.tenants)}
    for name, wanted in own.items():
        if state.get(name) != wanted:
            raise ValueError(f"state: expected {name} {wanted}, got {state.get(name)!r}")
    behind_s = state["xero"]["now"] - xero.clock.now()
    if behind_s > 0:
        xero.clock.advance(behind_s)
    xero.load(state["xero"])
    pipeline.load(state["pipeline"])
    # Dice of the same seed would give the next document an id that is taken.
    pipeline.rng.seed(f"pipeline-{xero.seed}-{xero.clock.now()}")
