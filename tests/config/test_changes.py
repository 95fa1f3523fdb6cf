"""Which options differ, and which of them a reload takes over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

import pytest

from syncd.config import changes, sources
from syncd.config.options import Options, TenantSection
from tests.config.test_sources import MINIMAL

OTHER = MINIMAL.split("[tenants.acme]")[1].replace("pip_key_1", "pip_key_2")


def values(folder: Path, text: str) -> dict[str, Any]:
    file = folder / "syncd.toml"
    file.write_text(text, "utf-8")
    return changes.values(sources.load(file, environment={}))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"s3cret"', '"s4cret"', "xero.client_secret"),
        ('"pip_key_1"', '"pip_key_2"', "tenants.acme.pipeline_key"),
        ('"0.2" = "OUTPUT2"', '"0.2" = "OUTPUT3"', "tenants.acme.tax_types"),
        ("[tenants.acme]", '[tenants.acme]\nmode = "observe"', "tenants.acme.mode"),
        ("[security]", "[sync]\npoll_every_s = 9\n[security]", "sync.poll_every_s"),
        ("[tenants.acme]", f"[tenants.b]{OTHER}[tenants.acme]", "tenants.b"),
        ("[tenants.acme]", "[tenants.acme2]", ("tenants.acme", "tenants.acme2")),
    ],
)
def test_changed_key_is_named_once_and_no_other(
    tmp_path: Path, old: str, new: str, key: str | tuple[str, ...]
) -> None:
    before, now = values(tmp_path, MINIMAL), values(tmp_path, MINIMAL.replace(old, new, 1))

    assert changes.changed(before, now) == ((key,) if isinstance(key, str) else key)


def test_what_is_taken_over_are_keys_there_are() -> None:
    known = {
        f"{section}.{key}"
        for section, kind in get_type_hints(Options).items()
        if section != "tenants"
        for key in getattr(kind, "__struct_fields__", ())
    }
    known |= {f"tenants.{key}" for key in TenantSection.__struct_fields__}

    assert changes.TAKEN_OVER - known == set()


def test_every_choice_of_a_tenant_is_taken_over() -> None:
    left = {f"tenants.{key}" for key in TenantSection.__struct_fields__} - changes.TAKEN_OVER

    assert left == {"tenants.pipeline_url"}
    assert changes.is_taken_over("tenants.acme.cost_codes")
    assert not changes.is_taken_over("tenants.acme")
