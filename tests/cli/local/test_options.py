"""The whole configuration, or exit 78 naming every wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.local.options import options_or_end


def test_bad_configuration_names_its_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text("[xero]\nclient_id = 7\n", "utf-8")

    with pytest.raises(SystemExit) as ended:
        options_or_end(config)

    assert ended.value.code == 78
    assert "xero.client_secret" in capsys.readouterr().err
