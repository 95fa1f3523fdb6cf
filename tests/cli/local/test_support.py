"""A support bundle says what it contains before it is written, and holds no secret."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.cli.exits import Exit
from syncd.cli.local.database import upgrade
from syncd.cli.local.support import scrubbed, support_bundle
from syncd.cli.parameters import Reached
from syncd.config import shown, sources
from tests.cli.commanding import Commanded, daemon
from tests.engine.support.operating import SYNCED
from tests.web.support.serving import TOKENS

LOOKS_SECRET = ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "Bearer abcdefgh12345678")


def unpacked(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def asked(served: Commanded, file: Path, **more: object) -> dict[str, str]:
    await support_bundle(file, daemon=Reached(config=served.config), **more)  # type: ignore[arg-type]  (as typed)
    return unpacked(file)


async def test_bundle_has_everything_and_no_secret_wherever_one_stood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as served:
        await upgrade(config=served.config)
        secrets = shown.secrets(sources.load(served.config, environment={}))
        secrets = {each for each in secrets if len(each) >= 4} | {*TOKENS.values()}
        log = tmp_path / "log"
        told = "\n".join(f'{{"event": "x", "said": {json.dumps(each)}}}' for each in secrets)
        log.write_text(f"{told}\n" + "\n".join(LOOKS_SECRET) + "\nthe last line\n", "utf-8")
        capsys.readouterr()

        found = await asked(served, tmp_path / "bundle.zip", log=log)

    said = capsys.readouterr().out
    assert set(found) == {
        "README.txt", "configuration.json", "versions.json", "store.json", "checks.json",
        "tenants.json", "schedule.json", "metrics.txt", "log.txt",
    }  # fmt: skip
    for name, text in found.items():
        assert [each for each in (*secrets, *LOOKS_SECRET) if each in text] == [], name
        assert name in said
        assert name in found["README.txt"] or name == "README.txt"
    assert found["log.txt"].endswith("the last line\n")
    assert "syncd_build_info" in found["metrics.txt"]
    assert said.index("The bundle contains:") < said.index("Written to")
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o077 == 0


async def test_one_invoice_is_in_it_only_where_it_was_asked_for(tmp_path: Path) -> None:
    async with daemon(tmp_path) as served:
        await served.desk.seed({"pl-7": SYNCED})
        without = await asked(served, tmp_path / "a.zip")
        found = await asked(served, tmp_path / "b.zip", invoice="PL-7")

    assert "invoice.json" not in without
    assert not any("PL-7" in text for text in without.values())
    assert json.loads(found["invoice.json"])["invoice"]["number"] == "PL-7"


async def test_list_says_what_it_would_contain_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as served:
        capsys.readouterr()
        file = tmp_path / "bundle.zip"
        await support_bundle(file, only_list=True, daemon=served.daemon)

    assert "metrics.txt" in capsys.readouterr().out
    assert not file.exists()


async def test_bundle_beside_a_dead_daemon_names_what_it_lacks(tmp_path: Path) -> None:
    async with daemon(tmp_path) as served:
        pass

    found = await asked(served, tmp_path / "bundle.zip", log=tmp_path / "no such log")

    assert "metrics.txt: the daemon gave no answer" in found["missing.txt"]
    assert "store.json: " in found["missing.txt"]
    assert "log.txt: " in found["missing.txt"]
    assert "configuration.json" in found


async def test_bundle_of_a_broken_configuration_says_so_and_has_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text("[server\n", "utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a line\n"))
    await support_bundle(tmp_path / "b.zip", log=Path("-"), daemon=Reached(config=config))

    found = unpacked(tmp_path / "b.zip")

    assert "is not valid TOML" in found["missing.txt"]
    assert found["log.txt"] == "a line\n"
    assert "python" in found["versions.json"]


async def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(b"mine")

    with pytest.raises(SystemExit) as ended:
        await support_bundle(file)

    assert ended.value.code == Exit.FAILED
    assert file.read_bytes() == b"mine"


@given(st.text(), st.text(min_size=4, max_size=40), st.text())
def test_no_secret_survives_in_plain_or_as_json(before: str, secret: str, after: str) -> None:
    for text in (f"{before}{secret}{after}", json.dumps([before + secret + after])):
        assert secret not in scrubbed(text, [secret]) or secret in "[redacted]"


async def test_log_is_asked_of_the_service_where_nobody_hands_one_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\necho one\necho 'Bearer abcdefgh12345678'\necho last\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    async with daemon(tmp_path) as served:
        found = await asked(served, tmp_path / "bundle.zip", lines=2)
        monkeypatch.setenv("PATH", str(tmp_path / "none"))
        without = await asked(served, tmp_path / "without.zip")

    assert found["log.txt"].splitlines()[-1] == "last"
    assert len(found["log.txt"].splitlines()) == 2
    assert LOOKS_SECRET[1] not in found["log.txt"]
    assert "log.txt" not in without
    assert "log.txt: there is no journalctl on this machine" in without["missing.txt"]
