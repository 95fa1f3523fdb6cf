"""What a page of the console weighs and costs in a store that is not small.

`make bench-console` has the times at 100,000 invoices; here only what no other work beside can
change is judged: sizes, and that a rare state costs no more than a list of all.
"""

from __future__ import annotations

import json
from pathlib import Path

from bench import console

INVOICES, ROUNDS = 5_000, 6
MOST_TIMES = 3.0
"""A list beside the list of all; a filter that walks every invoice would be far above."""


def test_pages_keep_their_sizes_and_no_filter_walks_every_invoice(tmp_path: Path) -> None:
    with console.full(tmp_path, INVOICES) as (daemon, tenant):
        standing = daemon.get(f"/api/v1/tenants/{tenant}").json()["invoices"]
        found = console.measured(daemon, tenant, ROUNDS)

    # For whoever looks into a failure, beside the store and the log.
    (tmp_path / "pages.json").write_text(json.dumps(found, indent=2), "utf-8")
    lists = {name: row for name, row in found.items() if name.startswith("invoices ")}
    assert sum(standing.values()) >= INVOICES
    assert {name: row for name, row in found.items() if row["html_kb"] > console.HTML_KB} == {}
    assert {name: row for name, row in found.items() if row["packed_kb"] > console.PACKED_KB} == {}
    most_ms = MOST_TIMES * found["invoices"]["median_ms"]
    assert {name: row for name, row in lists.items() if row["median_ms"] > most_ms} == {}
