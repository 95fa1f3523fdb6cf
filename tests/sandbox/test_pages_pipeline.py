"""Pipeline's page: what stands in each tenant's books, newest change first."""

from __future__ import annotations

from syncd.sandbox import pages, pages_pipeline
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User

CLOCK = SandboxClock(lambda: 1_795_306_500.0)


def test_pipeline_page_shows_the_newest_change_first() -> None:
    world = PipelineWorld(clock=CLOCK)
    user = User(world)
    customer = user({"do": "create_customer", "ref": "C-1", "name": "Ma & Pa"})["id"]
    line = {"description": "x", "quantity": 2, "unitAmount": 50, "costCode": "LAB"}
    for number in ("PL-1", "PL-2"):
        made = {"do": "create_invoice", "number": number, "customerId": customer, "lines": [line]}
        user({**made, "dueDate": "2026-12-20"})
    user({"do": "delete", "number": "PL-1"})

    drawn = pages.drawn(pages_pipeline.page(world.tenants, CLOCK))

    assert drawn.index("<td>PL-1</td>") < drawn.index("<td>PL-2</td>")
    assert "<td>Deleted</td>" in drawn
    assert "Ma &amp; Pa" in drawn
    assert '<td class="number">100.00</td>' in drawn
