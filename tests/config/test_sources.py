"""Where options come from, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import places, sources
from syncd.domain.errors import ConfigError

MINIMAL = """
[security]
encryption_key = "k"
operator_token = "from-file-0123456789"
[xero]
client_id = "app"
client_secret = "s3cret"
[tenants.acme]
pipeline_url = "https://pipeline.test/api/v1/"
pipeline_key = "pip_key_1"
invoice_url = "https://app.test/invoices/{id}"
tax_types = { "0.2" = "OUTPUT2", "0" = "ZERO" }
"""


def _file(tmp_path: Path, text: str = MINIMAL) -> Path:
    path = tmp_path / "syncd.toml"
    path.write_text(text)
    return path


def test_environment_beats_the_file(tmp_path: Path) -> None:
    environment = {
        "SYNCD_SYNC__POLL_EVERY_S": "0.05",
        "SYNCD_SECURITY__OPERATOR_TOKEN": "from-env-01234567890",
    }

    options = sources.load(_file(tmp_path), environment=environment)

    assert options.sync.poll_every_s == 0.05
    assert options.security.operator_token is not None
    assert options.security.operator_token.get_secret_value() == "from-env-01234567890"


def test_flags_beat_the_environment(tmp_path: Path) -> None:
    options = sources.load(
        _file(tmp_path),
        flags={"sync": {"poll_every_s": 3}},
        environment={"SYNCD_SYNC__POLL_EVERY_S": "5"},
    )

    assert options.sync.poll_every_s == 3


def test_credentials_beat_the_file_and_are_found_by_tenant(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "client_secret").write_text("laid down\n")
    (folder / "acme_pipeline_key").write_text("pip_key_2\n")

    options = sources.load(_file(tmp_path), environment={"CREDENTIALS_DIRECTORY": str(folder)})

    assert options.xero.client_secret.get_secret_value() == "laid down"
    assert options.tenants["acme"].pipeline_key.get_secret_value() == "pip_key_2"


def test_every_wrong_key_is_named_at_once_and_no_secret_shows(tmp_path: Path) -> None:
    text = MINIMAL.replace('client_id = "app"', "client_idd = 5").replace("{id}", "xero")

    with pytest.raises(ConfigError) as caught:
        sources.load(_file(tmp_path, text + "\n[sync]\npoll_every_s = 0.001\n"), environment={})

    said = "\n".join(caught.value.problems)
    for key in ("xero.client_id", "xero.client_idd", "tenants.acme.invoice_url"):
        assert key in said
    assert "sync.poll_every_s" in said
    assert "s3cret" not in said


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    text = MINIMAL.replace('client_secret = "s3cret"', 'client_secret_file = "/nowhere/at/all"')

    with pytest.raises(ConfigError, match=r"xero\.client_secret_file: /nowhere/at/all"):
        sources.load(_file(tmp_path, text), environment={})


def test_tax_rates_are_numbers_and_urls_lose_their_last_slash(tmp_path: Path) -> None:
    options = sources.load(_file(tmp_path), environment={})

    policy = options.tenants["acme"].policy("acme")  # type: ignore[arg-type]  (a NewType in a test)
    assert {str(rate.normalize()): tax for rate, tax in policy.tax_types.items()} == {
        "0.2": "OUTPUT2",
        "0": "ZERO",
    }
    assert options.tenants["acme"].pipeline_url == "https://pipeline.test/api/v1"


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"syncd\.toml: is not valid TOML"):
        sources.load(_file(tmp_path, "[server"), environment={})


def test_secrets_never_show_in_a_repr(tmp_path: Path) -> None:
    options = sources.load(_file(tmp_path), environment={})

    assert "s3cret" not in repr(options)
    assert "pip_key_1" not in repr(options)


def test_no_configuration_at_all_says_how_to_name_one() -> None:
    with pytest.raises(ConfigError) as refused:
        sources.load(None, environment={})

    (problem,) = refused.value.problems
    assert "--config FILE or set SYNCD_CONFIG" in problem
    assert "field required" not in problem


def test_a_missing_secret_file_is_told_once_and_under_one_spelling(tmp_path: Path) -> None:
    file = tmp_path / "syncd.toml"
    text = MINIMAL.replace('encryption_key = "k"', 'encryption_key_file = "/nowhere/key"')
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as refused:
        sources.load(file, environment={})

    named = [one for one in refused.value.problems if "encryption_key" in one]
    assert named == [
        "security.encryption_key_file: /nowhere/key cannot be read: No such file or directory"
    ]


def test_secret_file_is_sought_where_the_configuration_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a path and SYNCD_CONFIG that is the usual place, or nowhere."""
    monkeypatch.delenv("SYNCD_CONFIG", raising=False)
    monkeypatch.setattr(places, "DEFAULT_FILE", tmp_path / "syncd.toml")

    assert sources.secret_file(None, "security", "encryption_key") is None
    _file(tmp_path, '[security]\nencryption_key_file = "/run/key"\n')
    assert sources.secret_file(None, "security", "encryption_key") == Path("/run/key")
