"""The guard of a statement: how many rows it must change. The same in every driver."""

from __future__ import annotations

from syncd.domain.errors import Conflict
from syncd.ports.driver import BoundStatement


def check_changed(statement: BoundStatement, changed: int) -> None:
    """Raise Conflict where the statement must change another number of rows than it did."""
    if statement.must_change is not None and changed != statement.must_change:
        message = (
            f"{statement.name} must change {statement.must_change} row(s) and changed {changed}: "
            "somebody else was there first; read again and decide anew"
        )
        raise Conflict(message)
