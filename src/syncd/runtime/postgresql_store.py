"""Opens a store on PostgreSQL, or says what to install: asyncpg is an extra.

Called by `bootstrap`. asyncpg is loaded here and not before: a store in a file does without.
"""

from __future__ import annotations

from importlib.util import find_spec

from syncd.domain.errors import StoreError
from syncd.ports.driver import SharedDriver


async def open_driver(
    url: str,
    *,
    password: str | None = None,
    readers: int = 4,
    connect_timeout_s: float = 10.0,
    lock_timeout_s: float = 10.0,
    statement_timeout_s: float = 60.0,
    patience_s: float = 15.0,
    application: str = "syncd",
    at_once: bool = True,
) -> SharedDriver:
    """Open the store of `url`: postgresql://role@host:5432/database, with libpq's parameters.

    TLS is asked for there (`?sslmode=verify-full&sslrootcert=FILE`), and several hosts may be named
    of which the primary is taken. `password` is for one that does not stand in the URL. `readers`
    connections read, one writes. `lock_timeout_s` bounds the wait for another process's write,
    `patience_s` that for a server that went away.
    `application` is what the server lists the sessions as. Raises StoreError where `at_once` it
    cannot be used; else the first who asks connects, and is told.
    """
    _check_installed()
    from syncd.runtime.asyncpg_driver import AsyncpgDriver  # noqa: PLC0415  (an extra)
    from syncd.runtime.postgresql_session import Address  # noqa: PLC0415  (loads asyncpg too)

    address = Address(
        url=url,
        password=password,
        connect_timeout_s=connect_timeout_s,
        lock_timeout_s=lock_timeout_s,
        statement_timeout_s=statement_timeout_s,
        application=application,
    )
    driver = AsyncpgDriver(address, readers=readers, patience_s=patience_s)
    if at_once:
        await driver.start()
    return driver


def _check_installed() -> None:
    if find_spec("asyncpg") is None:
        message = (
            "store.url names a PostgreSQL database, and the library that speaks to one is not "
            "installed: pip install 'syncd[postgresql]'"
        )
        raise StoreError(message)
