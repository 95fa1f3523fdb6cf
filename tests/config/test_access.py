"""An address and a token are found without the rest of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import access
from syncd.domain.errors import ConfigError

ALLOWED = {"SYNCD_SECURITY__ALLOW_PLAIN_HTTP": "true"}


def written(folder: Path, text: str) -> Path:
    file = folder / "syncd.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("url", "environment", "text", "found"),
    [
        ("http://127.0.0.1:1/", {"SYNCD_URL": "http://127.0.0.1:2"}, "", "http://127.0.0.1:1"),
        (None, {"SYNCD_URL": "https://syncd.example.com"}, "", "https://syncd.example.com"),
        ("localhost:8080", {}, "", "http://localhost:8080"),
        ("http://[::1]:8080", {}, "", "http://[::1]:8080"),
        (None, {}, '[server]\nlisten = "0.0.0.0:9"', "http://127.0.0.1:9"),
        (None, {}, '[server]\nlisten = "[::]:9"', "http://[::1]:9"),
        (None, {}, '[server]\nlisten = "10.0.0.5:9"', "http://10.0.0.5:9"),
        (None, {"SYNCD_SERVER__LISTEN": "127.0.0.1:7"}, "", "http://127.0.0.1:7"),
        (None, {}, "[xero]\nclient_id = 7", "http://127.0.0.1:8080"),
        ("http://syncd:8080", ALLOWED, "", "http://syncd:8080"),
        ("http://syncd:8080", {}, "[security]\nallow_plain_http = true", "http://syncd:8080"),
    ],
)
def test_address_is_the_nearest_one_named(
    tmp_path: Path, url: str | None, environment: dict[str, str], text: str, found: str
) -> None:
    assert access.address(url, written(tmp_path, text), environment) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://syncd.example.com", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999",
        "https://user:pass@host", "https://host/?a=b", "http://[::1", "http://.", "http://a b",
        "http://localhost..:80",
    ],
)  # fmt: skip
def test_address_that_would_show_the_token_or_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        access.address(url, written(tmp_path, ""), {})

    (problem,) = refused.value.problems
    assert problem.startswith("--url: expected")


def test_probe_asks_at_the_usual_place_where_the_file_cannot_be_read(tmp_path: Path) -> None:
    broken = written(tmp_path, "[server\n")

    assert access.probed(None, broken, {}) == "http://127.0.0.1:8080"
    assert access.probed("http://syncd:8080", broken, {}) == "http://syncd:8080"
    with pytest.raises(ConfigError):
        access.address(None, broken, {})


OPERATORS = """
[[security.operators]]
name = "office"
role = "Office"
token = "of-the-office"
[[security.operators]]
name = "admin"
role = "Admin"
token_file = "{folder}/admin"
"""


def test_token_of_several_lines_is_none(tmp_path: Path) -> None:
    """The encryption key's file, named in the token's place, has several."""
    file = tmp_path / "encryption.key"
    file.write_text("first\nsecond\n", "utf-8")

    for named, environment in ((file, {}), (None, {"SYNCD_TOKEN": "first\nsecond"})):
        with pytest.raises(ConfigError) as refused:
            access.token(named, None, environment)

        assert "expected a token of one line" in refused.value.problems[0]


def test_token_is_the_nearest_one_named(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("of-a-file\n", "utf-8")
    config = written(tmp_path, OPERATORS.format(folder=tmp_path))
    said = {"SYNCD_TOKEN": " said "}
    named = {"SYNCD_TOKEN_FILE": str(file)}

    assert access.token(file, config, said) == "of-a-file"
    assert access.token(None, config, said | named) == "said"
    assert access.token(None, config, named) == "of-a-file"
    assert access.token(None, config, {"SYNCD_SECURITY__OPERATOR_TOKEN": "short"}) == "short"


def test_token_of_the_configuration_is_that_of_whoever_may_do_most_and_can_be_read(
    tmp_path: Path,
) -> None:
    config = written(tmp_path, OPERATORS.format(folder=tmp_path))
    alone = access.token(None, config, {})
    (tmp_path / "admin").write_text("of-the-admin", "utf-8")

    assert alone == "of-the-office"
    assert access.token(None, config, {}) == "of-the-admin"


def test_token_handed_to_the_daemon_as_a_credential_is_found_beside_the_configuration(
    tmp_path: Path,
) -> None:
    config = written(tmp_path, "[xero]\nclient_id = 'app'\n")
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "operator_token").write_text("laid-down\n", "utf-8")

    assert access.token(None, config, {}) == "laid-down"


def test_no_token_says_how_to_give_one_and_why_those_there_cannot_be_read(tmp_path: Path) -> None:
    config = written(
        tmp_path, f'[security]\noperator_token_file = "{tmp_path}/none"\noperators = 7\n'
    )

    with pytest.raises(ConfigError) as refused:
        access.token(None, config, {})

    first, *rest = refused.value.problems
    assert "--token-file" in first
    assert "SYNCD_TOKEN" in first
    assert rest == [
        f"security.operator_token_file: {tmp_path}/none cannot be read: No such file or directory"
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_token_file_without_a_token_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        access.token(file, None, {})

    assert str(file) in str(refused.value)
