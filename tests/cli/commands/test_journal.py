"""`syncd journal` and `syncd events`: proved, erased from, read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.cli.commands.journal import erase, tail, verify
from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from tests.cli.commanding import daemon
from tests.engine.support.operating import SYNCED
from tests.store.build import ACME, AT

SAID = Entry(
    tenant=ACME,
    at=AT,
    object_type="Customer",
    object_key="c1",
    record_type=RecordType.EDIT,
    description="Linked: Harbour Build",
    who="Grace Field",
)


async def test_journal_that_fits_shows_its_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.store.run(journal.append([SAID]))
        await verify(json=True, daemon=at.daemon)
        head = json.loads(capsys.readouterr().out)["head"]
        await verify(noted=head, daemon=at.daemon)

    shown = capsys.readouterr().out
    assert head in shown
    assert shown.splitlines()[-1] == "Every entry fits, and the noted head is one."


async def test_journal_that_does_not_fit_ends_with_1_and_names_the_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.store.run(journal.append([SAID]))
        with pytest.raises(SystemExit) as ended:
            await verify(noted="1:00ff", daemon=at.daemon)

    assert ended.value.code == 1
    assert "Entry 1 does not fit" in capsys.readouterr().err


async def test_words_are_erased_and_the_newest_entries_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        entries = [replace(SAID, description=f"entry {n}", who="Ada") for n in range(30)]
        await at.desk.store.run(journal.append([*entries, SAID]))
        await erase("acme", who="Grace Field", daemon=at.daemon)
        capsys.readouterr()
        await tail("acme", daemon=at.daemon)
        newest = capsys.readouterr().out
        await tail("acme", since=0, json=True, daemon=at.daemon)
        everything = json.loads(capsys.readouterr().out)["items"]

    assert "Grace" not in newest
    assert "(erased)" in newest
    assert "Words of 1 entry erased: one person" in newest.splitlines()[-1]
    assert "entry 0 " not in newest
    assert "entry 0" in [one["description"] for one in everything]


async def test_events_say_which_invoice_they_are_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.seed({"inv-7": SYNCED})
        await at.desk.operations.retry(ACME, "inv-7", "Ada")
        await tail("acme", daemon=at.daemon)

    assert "Invoice INV-7: Retry asked for (Ada)" in capsys.readouterr().out


async def test_erasing_without_a_name_is_a_wrong_call(tmp_path: Path) -> None:
    async with daemon(tmp_path) as at:
        with pytest.raises(SystemExit) as ended:
            await erase("acme", daemon=at.daemon)

    assert ended.value.code == 2
