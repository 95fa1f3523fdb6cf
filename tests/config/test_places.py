"""The usual places, and what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import places
from syncd.domain.errors import ConfigError


def test_file_is_the_nearest_one_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = tmp_path / "usual.toml"
    monkeypatch.setattr(places, "DEFAULT_FILE", usual)
    named = {"SYNCD_CONFIG": "/named.toml"}

    assert places.file_of(Path("/asked.toml"), named) == Path("/asked.toml")
    assert places.file_of(None, named) == Path("/named.toml")
    assert places.file_of(None, {}) is None
    usual.write_text("", "utf-8")
    assert places.file_of(None, {}) == usual


def test_content_that_is_no_toml_is_refused_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "syncd.toml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError) as refused:
        places.content_of(file)

    assert str(refused.value).startswith(f"{file} is not text in UTF-8")


def test_what_lies_above_replaces_key_by_key() -> None:
    below = {"server": {"listen": "a", "public_listen": "b"}, "tenants": {"x": {"mode": "live"}}}

    places.merge(below, {"server": {"listen": "c"}, "tenants": {"y": {}}})

    assert below["server"] == {"listen": "c", "public_listen": "b"}
    assert below["tenants"] == {"x": {"mode": "live"}, "y": {}}


def test_secrets_are_sought_with_the_service_manager_then_beside_the_configuration(
    tmp_path: Path,
) -> None:
    given, beside = tmp_path / "given", tmp_path / "etc" / "credentials"
    config = tmp_path / "etc" / "syncd.toml"
    given.mkdir()
    environment = {"CREDENTIALS_DIRECTORY": str(given)}

    assert places.credential_folders(environment, config) == [given]
    beside.mkdir(parents=True)
    assert places.credential_folders(environment, config) == [given, beside]
    assert places.credential_folders({}, None) == []
