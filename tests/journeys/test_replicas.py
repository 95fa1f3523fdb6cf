"""Two replicas on one PostgreSQL: one works, the other answers for it and follows when it dies."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.journeys.support.site import LEASE_S, shared_journey


def test_invoices_flow_and_go_on_when_the_one_that_works_dies(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        customer = way.customer("Shared")
        for _ in range(5):
            way.invoice(customer)
        way.rest()
        first = way.site.holder()
        for _ in range(20):
            way.invoice(customer)

        way.site.daemons[first].end(signal.SIGKILL)
        began = time.monotonic()
        second = way.site.holder(other_than=first)
        took_s = time.monotonic() - began

        assert took_s < 2 * LEASE_S + 5
        way.rest()
        assert way.site.holding() == [second]
        way.assert_good("1")
