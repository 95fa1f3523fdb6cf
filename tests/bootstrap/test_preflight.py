"""What `syncd run` would meet on this machine is told before it begins, and nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.bootstrap import preflight
from syncd.config import sources
from syncd.config.bounds import Secret
from syncd.config.options import Options
from syncd.domain.ids import TenantId
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import migrate, settings, tenants
from syncd.store.unit_of_work import Store
from tests.cli.commanding import lines
from tests.domain import builders


def options(folder: Path, *, store: str = "store/syncd.db", **changes: str) -> Options:
    file = folder / "syncd.toml"
    text = lines(listen="127.0.0.1:0", store=folder / store)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return sources.load(file, environment={})


def nothing(_: Path) -> None:
    """No store yet."""


def folder(path: Path) -> None:
    path.mkdir()


def leftovers(path: Path) -> None:
    path.with_name("syncd.db-wal").write_bytes(b"x")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def foreign(path: Path) -> None:
    path.write_bytes(b"no database" * 100)


@pytest.mark.parametrize("there", [folder, leftovers, pipe])
def test_place_of_the_store_that_cannot_be_used_is_named(
    tmp_path: Path, there: Callable[[Path], None]
) -> None:
    found = options(tmp_path)
    found.store.path.parent.mkdir()
    there(found.store.path)

    (problem,) = preflight.problems(found)

    assert problem.startswith("store.url: ")


@pytest.mark.parametrize("store", ["/proc/syncd/syncd.db", "/dev/null/syncd.db", "syncd.toml/x.db"])
def test_folder_that_takes_no_file_is_named(tmp_path: Path, store: str) -> None:
    (problem,) = preflight.problems(options(tmp_path, store=store))

    assert problem.startswith("store.url: ")


def test_new_place_is_good_and_stays_as_it_is(tmp_path: Path) -> None:
    assert preflight.problems(options(tmp_path)) == []
    assert [each.name for each in tmp_path.iterdir()] == ["syncd.toml"]


async def test_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    found = options(tmp_path)
    found.store.path.parent.mkdir()
    assert await preflight.store_problems(found) == []
    foreign(found.store.path)

    (problem,) = await preflight.store_problems(found)

    assert problem.startswith("store.url: ")
    assert "not a database" in problem


def test_key_that_is_none_is_named_and_never_shown(tmp_path: Path) -> None:
    found = options(tmp_path)
    security = replace(found.security, encryption_key=Secret("hidden"))

    (problem,) = preflight.problems(replace(found, security=security))

    assert problem.startswith("security.encryption_key: ")
    assert "hidden" not in problem


async def test_mapping_that_the_organisation_does_not_take_is_named(tmp_path: Path) -> None:
    mapped = """invoice_url = "https://p.example.com/{id}"
tax_types = { "0" = "ZERORATEDOUTPUT", "0.15" = "OUTPUT2" }
cost_codes = { LAB = { account = "999" } }"""
    found = options(tmp_path, **{'invoice_url = "https://p.example.com/{id}"': mapped})
    found.store.path.parent.mkdir()
    assert await preflight.mapping_hints(found) == []
    driver = InlineDriver(found.store.path)
    await migrate.upgrade(driver, builders.NOW)
    acme = TenantId("acme")
    await Store(driver).run(tenants.ensure([acme]))
    assert await preflight.mapping_hints(found) == [], "never read"
    await Store(driver).run(settings.put(acme, builders.settings()))
    await driver.close()

    hints = await preflight.mapping_hints(found)

    words = "as Acme Ltd was last read; invoices that are mapped so would wait"
    assert hints == [
        "tenants.acme.cost_codes.LAB.account: account 999 is not in Xero's chart of accounts, "
        + words,
        f'tenants.acme.tax_types."0": tax type ZERORATEDOUTPUT is not in Xero, {words}',
    ]
