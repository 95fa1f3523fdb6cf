"""The configuration is shown whole, but for secrets and who somebody is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncd.config import shown, sources
from tests.house.support.configuration_page import EXAMPLE
from tests.house.test_config_example import opened


def every_key(folder: Path) -> tuple[Path, list[str]]:
    """The whole example with a secret of its own for each key that holds one."""
    made: list[str] = []

    def lines() -> Iterator[str]:
        for line in opened().splitlines():
            name, equals, _ = line.partition("_file = ")
            if not equals or line.startswith("#"):
                yield line
                continue
            secret = f"{name}-is/known+only=to-us-{len(made)}"
            if name == "encryption_key":
                secret = "bGV0J3MgYXNzdW1lIHRoYXQgdGhpcyBpcyAzMiBiISE="
            made.append(secret)
            yield f'{name} = "{secret}"'

    file = folder / "syncd.toml"
    file.write_text("\n".join(lines()), "utf-8")
    return file, made


def test_nothing_that_is_secret_is_shown_and_every_other_key_is(tmp_path: Path) -> None:
    file, secrets = every_key(tmp_path)
    options = sources.load(file, environment={})

    whole = shown.without_secrets(options)

    text = json.dumps(whole)
    assert EXAMPLE.exists()
    assert len(secrets) > 5
    assert [each for each in secrets if each in text] == []
    assert whole["xero"]["client_secret"] == shown.GIVEN
    assert whole["tenants"]["acme"]["invoice_url"] == options.tenants["acme"].invoice_url
    assert whole["sync"]["lease_s"] == options.sync.lease_s
    assert set(whole) == set(options.__struct_fields__)


def test_nobody_is_named(tmp_path: Path) -> None:
    options = sources.load(every_key(tmp_path)[0], environment={})

    whole: Any = shown.without_secrets(options)

    assert whole["security"]["operators"][0]["name"] == shown.GIVEN
    assert whole["notify"]["to"] == whole["notify"]["sender"] == shown.GIVEN
    assert whole["notify"]["smtp_url"] == "mail.example.com"
    assert "@" not in json.dumps(whole)


def test_every_secret_is_known_in_the_forms_an_address_has_it(tmp_path: Path) -> None:
    file, secrets = every_key(tmp_path)

    found = shown.secrets(sources.load(file, environment={}))

    assert set(secrets) <= found
    assert any("%2B" in each for each in found)
