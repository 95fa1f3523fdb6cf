"""No result depends on the time zone of the machine: what reads and writes times is tested in two.

One zone is behind UTC, one ahead of it by a day's half and more. `make test-zones` runs every floor
that can depend on it.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT

ZONES = ("America/New_York", "Pacific/Auckland")
DATED = (
    "tests/cli/test_page.py",
    "tests/cli/test_output.py",
    "tests/domain/test_pace.py",
    "tests/domain/test_ranges.py",
    "tests/pipeline/test_wire.py",
    "tests/pipeline/test_wire_feed.py",
    "tests/sandbox/xero/test_wire_dates.py",
    "tests/store/test_cursors.py",
    "tests/store/test_links.py",
    "tests/telemetry/test_logs.py",
    "tests/web/test_report_csv.py",
    "tests/xero/test_wire.py",
    "tests/xero/test_wire_invoices.py",
    "tests/xero/test_wire_settings.py",
)
"""Where a date is told from an instant, or an instant is read or written."""


@pytest.mark.parametrize("zone", ZONES)
def test_no_result_depends_on_the_zone_of_the_machine(zone: str) -> None:
    done = subprocess.run(  # noqa: S603  (this very interpreter)
        [sys.executable, "-m", "pytest", "-n", "0", "-m", "not hypothesis", *DATED],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
