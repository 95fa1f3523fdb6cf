"""`syncd report` prints every form of one report, and fails where the books do not tie out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from syncd.cli.commands.report import report
from tests.cli.commanding import Commanded, daemon
from tests.web.support import reports

AMOUNT = re.compile(r"-?\d[\d,]*\.\d\d(?!\d)")


def reads(at: Commanded, **how: Any) -> None:
    cast("Any", at.desk.operations).reports = reports.ReportService(**how)


async def test_table_has_the_verdict_first_and_the_digest_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        reads(at)
        await report("acme", daemon=at.daemon)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Both books tie out to the cent")
    assert lines[-1] == reports.report().digest


async def test_what_is_unexplained_comes_first_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        reads(at, is_whole=False)
        with pytest.raises(SystemExit) as ended:
            await report("acme", daemon=at.daemon)

    out = capsys.readouterr().out
    assert ended.value.code == 1
    assert out.index("do not tie out") < out.index("PL-9") < out.index("Totals")


@pytest.mark.parametrize("form", ["csv", "html"])
async def test_a_form_is_written_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: Any
) -> None:
    out = tmp_path / f"report.{form}"
    async with daemon(tmp_path) as at:
        reads(at)
        await report("acme", format=form, out=out, daemon=at.daemon)

    assert reports.report().digest in out.read_text("utf-8")
    assert capsys.readouterr().out == ""


async def test_json_is_the_report_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with daemon(tmp_path) as at:
        reads(at)
        await report("acme", json=True, daemon=at.daemon)

    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == reports.report().digest


async def test_a_file_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        reads(at)
        with pytest.raises(SystemExit):
            await report("acme", out=tmp_path / "nowhere" / "report", daemon=at.daemon)

    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("columns", ["40", "60", "80", "200"])
async def test_no_amount_is_broken_however_narrow_the_screen(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    async with daemon(tmp_path) as at:
        reads(at)
        await report("acme", daemon=at.daemon)
        whole = AMOUNT.findall(capsys.readouterr().out)
        monkeypatch.setenv("COLUMNS", columns)
        await report("acme", daemon=at.daemon)

    shown = capsys.readouterr().out
    assert sorted(AMOUNT.findall(shown)) == sorted(whole)
    assert len(whole) > 10
    assert "1,234,567.80" in whole
