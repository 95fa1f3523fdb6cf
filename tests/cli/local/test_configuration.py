"""`syncd check-config` and `syncd keys generate`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from syncd.cli.local.configuration import check_config, generate, rotate
from syncd.runtime.vault import FernetVault
from tests.cli.commanding import lines


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


async def test_good_configuration_of_a_new_machine_is_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    await check_config(config=written(tmp_path, remote=f"http://127.0.0.1:{port}"))

    assert "is good: 1 tenant" in capsys.readouterr().out
    server.close()
    await server.wait_closed()


async def test_environment_is_left_alone_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await check_config(environment=False, config=written(tmp_path))

    assert "is good" in capsys.readouterr().out


async def test_every_problem_is_named_at_once_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    taken = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = written(tmp_path, public=taken)
    broken = config.read_text("utf-8").replace('encryption_key = "', 'encryption_key = "no')
    config.write_text(broken, "utf-8")

    with pytest.raises(SystemExit) as ended:
        await check_config(config=config)

    assert ended.value.code == 78
    said = capsys.readouterr().err
    for key in ("security.encryption_key", "server.public_listen", "xero.api_url", "tenants.acme"):
        assert key in said, key
    server.close()
    await server.wait_closed()
