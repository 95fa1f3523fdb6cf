"""`syncd check-config` and `syncd keys generate`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from syncd.cli.local.configuration import check_config, generate, rotate
from syncd.runtime.vault import FernetVault
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import BASE, PipelineWorld
from syncd.sandbox.serve import Served, serve_worlds
from syncd.sandbox.xero.server.app import XeroWorld
from tests.bootstrap.test_reload import running
from tests.cli.commanding import lines
from tests.web.support.serving import TOKENS


def written(folder: Path, **more: str) -> Path:
    config = folder / "syncd.toml"
    text = lines(listen="127.0.0.1:0", store=folder / "new" / "syncd.db", **more)
    config.write_text(text, "utf-8")
    return config


def test_generated_key_is_one_line_that_opens(capsys: pytest.CaptureFixture[str]) -> None:
    generate()

    (line,) = capsys.readouterr().out.splitlines()
    assert Fernet(line.encode())


def test_a_rotated_key_stands_first_and_the_old_one_still_reads(tmp_path: Path) -> None:
    old = Fernet.generate_key().decode()
    file = tmp_path / "encryption.key"
    file.write_text(f"{old}\n", "utf-8")
    file.chmod(0o600)
    config = tmp_path / "syncd.toml"
    config.write_text(f'[security]\nencryption_key_file = "{file}"\n', "utf-8")
    sealed = FernetVault(old).seal("a token", purpose="refresh", tenant="acme")

    rotate(config=config)

    lines_now = file.read_text("utf-8").split()
    assert lines_now[1:] == [old]
    assert lines_now[0] != old
    vault = FernetVault(file.read_text("utf-8"))
    assert vault.open(sealed, purpose="refresh", tenant="acme") == "a token"
    assert file.stat().st_mode & 0o077 == 0


def test_rotation_that_was_cut_short_is_named_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "encryption.key"
    file.write_text("old\n", "utf-8")
    (tmp_path / "encryption.key.new").touch()
    config = tmp_path / "syncd.toml"
    config.write_text(f'[security]\nencryption_key_file = "{file}"\n', "utf-8")

    with pytest.raises(SystemExit) as ended:
        rotate(config=config)

    assert ended.value.code == 1
    assert "encryption.key.new is there" in capsys.readouterr().err
    assert file.read_text("utf-8") == "old\n"


async def test_file_that_everybody_may_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written(tmp_path)
    config.chmod(0o644)
    await check_config(environment=False, config=config)
    assert "chmod 600" in capsys.readouterr().err

    config.chmod(0o600)
    await check_config(environment=False, config=config)
    assert capsys.readouterr().err == ""


def test_a_key_that_is_given_inline_is_not_rotated_by_us(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text('[security]\nencryption_key = "x"\n', "utf-8")

    with pytest.raises(SystemExit) as ended:
        rotate(config=config)

    assert ended.value.code == 1


@dataclass(frozen=True, kw_only=True)
class Worlds:
    """A pretend Xero and a pretend Pipeline with the tenant acme."""

    served: Served
    xero: XeroWorld
    pipeline: PipelineWorld

    def fitting(self, folder: Path, **more: str) -> Path:
        """A configuration both of them take."""
        config = written(folder, **more)
        of_pipeline = f"{self.served.pipeline_url}{BASE}"
        text = config.read_text("utf-8").replace("http://127.0.0.1:9/api/v1", of_pipeline)
        for given, fits in (
            ("http://127.0.0.1:9", self.served.xero_url),
            ('"app"', f'"{self.xero.client_id}"'),
            ('"s"', f'"{self.xero.client_secret}"'),
            ('"k"', f'"{self.pipeline.keys["acme"]}"'),
        ):
            text = text.replace(given, fits)
        config.write_text(text, "utf-8")
        config.chmod(0o600)
        return config


@asynccontextmanager
async def both() -> AsyncIterator[Worlds]:
    clock = SandboxClock(time.time)
    xero = XeroWorld(clock=clock, seed=1)
    pipeline = PipelineWorld(clock=clock, seed=1, tenants=("acme",))
    async with serve_worlds(xero=xero, pipeline=pipeline) as served:
        yield Worlds(served=served, xero=xero, pipeline=pipeline)


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def said(config: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `check-config --json` says; its exit code among it."""
    code = 0
    try:
        await check_config(config=config, json=True)
    except SystemExit as ended:
        code = int(ended.code or 0)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found | {"code": code}


async def test_good_configuration_of_a_new_machine_is_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with both() as worlds:
        await check_config(config=worlds.fitting(tmp_path))

    assert capsys.readouterr() == ("The configuration is good: 1 tenant.\n", "")
    assert names(tmp_path) == ["syncd.toml"], "nothing was made"


@pytest.mark.parametrize(
    ("old_and_new", "key"),
    [
        (('pipeline_key = "', 'pipeline_key = "wrong'), "tenants.acme.pipeline_key"),
        (('client_secret = "', 'client_secret = "wrong'), "xero.client_secret"),
        (('client_id = "', 'client_id = "wrong'), "xero.client_secret"),
        (('pipeline_url = "', 'pipeline_url = "http://127.0.0.1:9/'), "tenants.acme.pipeline_url"),
        (('/api/v1"', '/elsewhere"'), "tenants.acme.pipeline_url"),
        (('identity_url = "', 'identity_url = "http://127.0.0.1:9/'), "xero.identity_url"),
        (('encryption_key = "', 'encryption_key = "no'), "security.encryption_key"),
        (
            ("pipeline_key", 'pipeline_webhook_secret = "whsec_?"\npipeline_key'),
            "tenants.acme.pipeline_webhook_secret",
        ),
    ],
)
async def test_what_others_refuse_is_named_by_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old_and_new: tuple[str, str], key: str
) -> None:
    async with both() as worlds:
        config = worlds.fitting(tmp_path)
        text = config.read_text("utf-8")
        assert old_and_new[0] in text
        config.write_text(text.replace(*old_and_new, 1), "utf-8")

        found = await said(config, capsys)

    assert (found["code"], found["usable"]) == (78, False)
    assert [one["key"] for one in found["problems"]] == [key]


async def test_environment_is_left_alone_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await check_config(environment=False, config=written(tmp_path))

    assert "is good" in capsys.readouterr().out


async def test_address_of_somebody_else_is_named_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with both() as worlds:
        taken = worlds.served.xero_url.removeprefix("http://")

        found = await said(worlds.fitting(tmp_path, public=taken), capsys)

    assert [one["key"] for one in found["problems"]] == ["server.public_listen"]
    assert taken in found["problems"][0]["text"]


async def test_running_daemon_is_known_as_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with both() as worlds, running(tmp_path) as daemon:
        operator, public = (
            listener.port
            for listener in (daemon.system.operator_listener, daemon.system.public_listener)
        )
        config = worlds.fitting(tmp_path, public=f"127.0.0.1:{public}")
        text = config.read_text("utf-8").replace("127.0.0.1:0", f"127.0.0.1:{operator}")
        text = text.replace(f"{tmp_path}/new/syncd.db", f"{tmp_path}/syncd.db")
        config.write_text(text.replace(TOKENS["Office"], "another-token-0123456789"), "utf-8")

        found = await said(config, capsys)

    assert found["problems"] == []
    assert found["daemon"] == os.getpid()
    (hint,) = found["hints"]
    assert "does not know the token of operator 'office'" in hint["text"]


async def test_configuration_without_tenants_or_operators_is_hinted_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written(tmp_path)
    config.write_text(config.read_text("utf-8").split("[tenants.acme]")[0], "utf-8")
    config.chmod(0o600)

    await check_config(environment=False, config=config)

    hints = capsys.readouterr().err
    assert "tenants: none is configured" in hints
    assert "security: there is no operator" in hints
