"""Which servers a session is opened on, and what is said of the others."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError, StoreUnreachable
from syncd.runtime.postgresql_session import OLDEST_MAJOR, Address, Session, _greeted, opened
from tests.support.postgresql import PASSWORD, WITH_PASSWORD, Cluster


def address(url: str, password: str | None = None) -> Address:
    return Address(
        url=url,
        password=password,
        connect_timeout_s=5.0,
        lock_timeout_s=5.0,
        statement_timeout_s=5.0,
    )


async def refused(url: str, password: str | None = None) -> str:
    """What is said of a server that no session is opened on, the whole traceback."""
    with pytest.raises(StoreError) as raised:
        await opened(address(url, password), is_reader=False)
    return "".join(traceback.format_exception_only(raised.value))


async def test_password_is_asked_for_and_never_told(postgresql: Cluster) -> None:
    url = postgresql.url("postgres", user=WITH_PASSWORD)

    session = await opened(address(url, PASSWORD), is_reader=False)
    await session.close()
    said = await refused(url, "wrong words")

    assert isinstance(session, Session)
    assert "password authentication failed" in said
    assert "check store.url and the password" in said
    assert "wrong words" not in said
    assert PASSWORD not in repr(address(url.replace("@", f":{PASSWORD}@"), PASSWORD))


async def test_database_or_role_that_is_not_there_is_named(postgresql: Cluster) -> None:
    assert "createdb" in await refused(postgresql.url("nowhere"))
    assert 'role "nobody_we_know"' in await refused(
        postgresql.url("postgres", user="nobody_we_know")
    )


async def test_server_that_is_not_there_may_be_in_a_moment(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="that the server runs"):
        await opened(address(f"postgresql://a@/b?host={tmp_path}"), is_reader=False)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a:hidden/words@host/b",
        "postgresql://a:hidden@host:hidden/b",
        "mysql://a:hidden@host/b",
        "postgresql://a:hidden@host/b?sslmode=hidden",
    ],
)
async def test_address_that_is_none_is_not_shown(url: str) -> None:
    said = await refused(url)

    assert "postgresql://role@host:5432/database" in said
    assert "hidden" not in said.replace("sslmode", "")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://a:hidden@db.example:5433/books", "the database books at db.example"),
        ("postgresql://a@/books?host=/run/pg", "the database books at /run/pg"),
        ("postgresql://a:hidden@one/books", "the database books at one"),
        ("postgresql:///", "the database of the role at this machine"),
        ("postgresql://a:hidden/words@one/books", "the database of store.url"),
    ],
)
def test_place_is_named_without_what_lets_in(url: str, place: str) -> None:
    assert address(url).place == place


async def test_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    url = f"postgresql://a@one/b?sslmode=verify-full&sslrootcert={tmp_path / 'ca.pem'}"

    assert f"a certificate to trust in {tmp_path / 'ca.pem'}" in await refused(url)


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("postgresql://a@one,two/b", True),
        ("postgresql://a@one,two/b?target_session_attrs=any", False),
        ("postgresql://a@one/b?options=a,b", False),
    ],
)
def test_primary_is_looked_for_among_several_hosts(url: str, is_so: bool) -> None:
    assert address(url).has_several_hosts is is_so


async def test_database_in_another_encoding_is_refused(postgresql: Cluster) -> None:
    postgresql.sql("CREATE DATABASE odd OWNER syncd TEMPLATE template0 ENCODING 'LATIN1'")

    said = await refused(postgresql.url("odd"))
    postgresql.sql("DROP DATABASE odd")

    assert "expected the encoding UTF8, and it has LATIN1" in said


async def test_role_that_may_not_connect_is_told_what_to_grant(postgresql: Cluster) -> None:
    with postgresql.database() as name:
        postgresql.sql(f"REVOKE CONNECT ON DATABASE {name} FROM public")

        session = await opened(address(postgresql.url(name)), is_reader=False)
        await session.close()
        said = await refused(postgresql.url(name, user=WITH_PASSWORD), PASSWORD)

    assert "grant the role" in said


async def test_more_connections_than_the_server_takes_may_be_fewer_soon(
    postgresql: Cluster,
) -> None:
    with postgresql.database() as name:
        postgresql.sql("CREATE ROLE few LOGIN CONNECTION LIMIT 1")
        first = await opened(address(postgresql.url(name, user="few")), is_reader=False)

        with pytest.raises(StoreUnreachable, match="max_connections"):
            await opened(address(postgresql.url(name, user="few")), is_reader=False)

        await first.close()


@pytest.mark.parametrize(
    ("hello", "expected"),
    [
        ((OLDEST_MAJOR - 1, "UTF8", False), "upgrade the server"),
        ((OLDEST_MAJOR, "SQL_ASCII", False), "encoding UTF8"),
        ((OLDEST_MAJOR, "UTF8", True), "read-only"),
    ],
)
def test_server_that_will_not_do_says_what_is_expected(
    hello: tuple[int, str, bool], expected: str
) -> None:
    with pytest.raises(StoreError, match=expected):
        _greeted((*hello, "00000001", None), "the database a at b", is_reader=False)


def test_server_that_follows_another_may_be_promoted_soon() -> None:
    hello = (OLDEST_MAJOR, "UTF8", True, "", None)

    with pytest.raises(StoreUnreachable, match=r"follows another one.*promote this one"):
        _greeted(hello, "the database a at b", is_reader=False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://syncd@one,two/syncd", True),
        ("postgresql://syncd@/syncd?host=/run/one,/run/two", True),
        ("postgresql://syncd@one,two/syncd?target_session_attrs=read-write", False),
        ("postgresql://syncd@one/syncd?application_name=a,b", False),
        ("postgresql://syncd@one:5432/syncd", False),
    ],
)
def test_one_that_takes_writes_is_looked_for_among_several_hosts(url: str, expected: bool) -> None:
    assert address(url).has_several_hosts == expected


def test_reader_may_read_from_a_standby() -> None:
    hello = (OLDEST_MAJOR, "UTF8", True, "00000002", None)

    assert _greeted(hello, "the database a at b", is_reader=True) == "00000002"
