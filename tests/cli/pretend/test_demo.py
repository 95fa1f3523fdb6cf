"""`syncd demo` as a person runs it: one subprocess to its end, one ended by a signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.pretend.demo import OVER, demo, report
from syncd.domain.ids import TenantId
from syncd.lab.demo.judge import Verdict
from syncd.lab.demo.story import Act, DemoStatus, Outcome
from syncd.lab.demo.tally import Tally, Told

PROGRAM = "from syncd.cli import main; main()"
SMALL = ("--customers", "3", "--invoices", "12")


def command(*flags: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, "demo", *SMALL, *flags]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder)}


def test_once_ends_with_a_table_and_0_and_leaves_no_folder(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        command("--once", "--seed", "4"),
        capture_output=True, text=True, timeout=60, check=False, env=environment(tmp_path),
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert re.search(r"equal in both books *│ +\d+", done.stdout)
    for reason in ("number_taken", "totals_mismatch", "contact_unmapped"):
        assert re.search(rf"held: {reason} *│ +1 │", done.stdout)
    assert "export SYNCD_CONFIG=" in done.stdout
    assert done.stdout.count("/_sandbox/dump") == 2
    assert OVER in " ".join(done.stdout.split())
    assert [*tmp_path.iterdir()] == []


def test_interrupt_ends_the_play_with_0_and_leaves_no_folder(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program
        command(), stdout=subprocess.PIPE, text=True, env=environment(tmp_path)
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "play:" in line:
                    break
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            assert process.wait(20) == 0
        finally:
            process.kill()

    assert "Ending: " in rest
    assert "The demo is over" in rest
    assert [*tmp_path.iterdir()] == []


def test_numbers_out_of_range_are_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        demo(customers=0)

    assert "--customers: expected 1 or more, got 0" in capsys.readouterr().err


def test_difference_is_named_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(customers=1, customers_told=1, invoices=1, states={"synced": 1}, unsettled=0)
    tally = Tally(tenant=TenantId("demo"))
    last = DemoStatus(
        act=Act.DAY, at_s=1.0, organisation="x", told=told, tally=tally, rate=1.0,
        first_sync_s=0.5, books_stood_s=0.9,
    )  # fmt: skip
    verdict = Verdict(invoices=1, wrong=["INV-1: total: Pipeline shows 2, Xero 3"])

    with pytest.raises(SystemExit, match="1"):
        report(Outcome(verdict=verdict, last=last))

    assert "differs: INV-1: total: Pipeline shows 2, Xero 3" in capsys.readouterr().err
