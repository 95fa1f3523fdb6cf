"""What a database lacks for a store is said in a sentence each, and never its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.bootstrap import preflight, upkeep
from syncd.config import sources
from syncd.config.options import Options, StoreSection
from syncd.runtime import postgresql_session, postgresql_store
from tests.cli.commanding import lines
from tests.store.build import AT
from tests.support.postgresql import PASSWORD, WITH_PASSWORD, Cluster


def told_to_use(folder: Path, url: str, password: str = "") -> Options:
    config = folder / "syncd.toml"
    said = f'"{url}"' + (f'\npassword = "{password}"' if password else "")
    text = lines(listen="127.0.0.1:0", store=folder / "unused.db")
    config.write_text(text.replace(f'"sqlite://{folder / "unused.db"}"', said), "utf-8")
    return sources.load(config)


async def problem(folder: Path, url: str, password: str = "") -> str:
    (found,) = await preflight.store_problems(told_to_use(folder, url, password))
    assert found.startswith("store.url: ")
    return found


async def test_database_that_can_be_used_has_no_problem(
    tmp_path: Path, postgresql_url: str
) -> None:
    options = told_to_use(tmp_path, postgresql_url)

    before = await preflight.store_problems(options)
    await upkeep.upgrade(options.store, AT)
    after = await preflight.store_problems(options)

    assert (before, after, preflight.problems(options)) == ([], [], [])
    assert await preflight.mapping_hints(options) == []
    assert await preflight.added_hints(options) == []


async def test_password_that_is_wrong_is_not_said(tmp_path: Path, postgresql: Cluster) -> None:
    with postgresql.database() as name:
        url = postgresql.url(name, user=WITH_PASSWORD)

        wrong = await problem(tmp_path, url, "a wrong sesame")
        right = await problem(tmp_path, url, PASSWORD)

    assert "check store.url and the password" in wrong
    assert "a wrong sesame" not in wrong
    # With the right one it is seen what else is amiss: the database is another role's.
    assert f"GRANT CREATE ON DATABASE {name} TO {WITH_PASSWORD}" in right
    assert PASSWORD not in right


async def test_host_database_and_extra_that_are_not_there(
    tmp_path: Path, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = await problem(tmp_path, f"postgresql://syncd@/x?host={tmp_path}")
    none = await problem(tmp_path, postgresql.url("nothing_there"))
    monkeypatch.setattr(postgresql_store, "find_spec", lambda _: None)
    extra = await problem(tmp_path, postgresql.url("nothing_there"))

    assert "check host and port in store.url" in nowhere
    assert "make it (createdb), or check the name in store.url" in none
    assert "pip install 'syncd[postgresql]'" in extra


async def test_schema_of_another_role_is_named(tmp_path: Path, postgresql: Cluster) -> None:
    with postgresql.database() as name:
        postgresql.sql("CREATE SCHEMA syncd", database=name)

        found = await problem(tmp_path, postgresql.url(name))

    assert f"the schema syncd in {name} belongs to the role postgres" in found


async def test_encoding_that_is_not_utf8_and_a_database_that_takes_no_writes(
    tmp_path: Path, postgresql: Cluster
) -> None:
    with postgresql.database() as name:
        postgresql.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        read_only = await problem(tmp_path, postgresql.url(name))
    postgresql.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' OWNER syncd")
    try:
        latin = await problem(tmp_path, postgresql.url("latin"))
    finally:
        postgresql.sql("DROP DATABASE latin WITH (FORCE)")

    assert "expected a database that takes writes, and it is read-only" in read_only
    assert "expected the encoding UTF8, and it has LATIN1" in latin


async def test_server_that_is_too_old_and_a_store_of_a_newer_syncd(
    tmp_path: Path, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.database() as name:
        url = postgresql.url(name)
        await upkeep.upgrade(StoreSection(url=url), AT)
        postgresql.sql(
            "INSERT INTO syncd.migrations VALUES (9000, '9000_x', 'x', 0)", database=name
        )
        newer = await problem(tmp_path, url)
        monkeypatch.setattr(postgresql_session, "OLDEST_MAJOR", 99)
        old = await problem(tmp_path, url)

    assert "written by a newer syncd" in newer
    assert "expected PostgreSQL 99 or newer" in old
