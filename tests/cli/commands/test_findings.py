"""`syncd findings list` shows what is open, of all tenants or of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.commands.findings import list_findings
from syncd.domain.model.finding import FindingKind, Found
from syncd.store import findings
from tests.cli.commanding import daemon
from tests.store.build import ACME, AT, later

FOUND = [
    Found(kind=FindingKind.CONTACTS_MERGED, key="i1", label="PL-1", text="two became one"),
    Found(kind=FindingKind.CONTACT_KEPT, key="c1", label="Ada", text="a supplier too"),
]


async def test_findings_are_listed_with_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.store.run(findings.open_(ACME, FOUND, AT))

        await list_findings(json=True, daemon=at.daemon)
        every = json.loads(capsys.readouterr().out)
        await list_findings(tenant="acme", kind="contact_kept", daemon=at.daemon)
        shown = capsys.readouterr().out

    assert [(one["tenant"], one["kind"], one["id"]) for one in every] == [
        ("acme", "contact_kept", "c1"),
        ("acme", "contacts_merged", "i1"),
    ]
    assert "a supplier too" in " ".join(shown.split())
    assert "PL-1" not in shown


async def test_what_went_is_listed_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.store.run(findings.open_(ACME, FOUND, AT))
        gone = findings.close(ACME, FindingKind.CONTACTS_MERGED, ["i1"], later(1))
        await at.desk.store.run(gone)

        await list_findings(closed=True, json=True, daemon=at.daemon)

        assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["i1"]
