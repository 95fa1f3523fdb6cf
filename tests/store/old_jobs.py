"""Jobs as a store from before had them, written without the statements of today."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain.model.job import JobState
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import BoundStatement, Driver
from syncd.store import desired, rows
from syncd.store.desired import DesiredChange
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, invoice, later
from tests.store.test_views import End

_INSERT = """
INSERT INTO jobs (
    tenant_id, kind, key, state, wanted_seq, claimed_seq, ready_at, first_wanted_at, reason, note,
    is_out_of_sync, is_voided, leased_by, leased_until
) VALUES (
    (SELECT id FROM tenants WHERE name = ?1), 'push_invoice', ?2, ?3, 1, 1, ?4, ?4, ?5, ?6, ?7, ?8,
    ?9, ?10
)
"""


async def prepare_old(driver: Driver, ends: Mapping[str, End]) -> None:
    """One invoice of customer c1 per key, numbered by its key in capitals, with its job."""
    changes = [
        DesiredChange(
            kind=ChangeKind.INVOICE, key=key, version=1, at=AT, by="Ada",
            content=invoice(key, number=key.upper()),
        )
        for key in ends
    ]  # fmt: skip
    await Store(driver).run(desired.put(ACME, changes))
    await driver.write(
        [
            BoundStatement(
                name="old_job", sql=_INSERT, rows=tuple(_row(key, end) for key, end in ends.items())
            )
        ]
    )


def _row(key: str, end: End) -> tuple[str | int | None, ...]:
    is_leased = end.state is JobState.LEASED
    return (
        ACME, key, end.state.value, rows.to_ms(AT), end.reason and end.reason.value, end.note,
        end.is_out_of_sync, end.is_voided, "old-run" if is_leased else None,
        rows.to_ms(later(99)) if is_leased else None,
    )  # fmt: skip
