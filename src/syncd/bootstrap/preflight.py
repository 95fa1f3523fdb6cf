"""Whether a daemon could start with these options on this machine; nothing is changed.

Asked by `syncd run` before it begins and by `syncd check-config`, so that both say the same. What
is asked of others over the network is in `bootstrap.trials`.
"""

from __future__ import annotations

from collections.abc import Iterator

import anyio

from syncd.bootstrap import adapters, notifying, opening, stored_tenants
from syncd.config.options import Options, StoreSection
from syncd.domain.errors import ConfigError, StoreError
from syncd.domain.ids import TenantId
from syncd.domain.rules.tenant import mappings
from syncd.domain.rules.text.listening import cannot_listen
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.runtime import store_files
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.vault import FernetVault, VaultError
from syncd.store import migrate, settings
from syncd.store.unit_of_work import Store

LISTENERS = ("server.listen", "server.public_listen")


def problems(options: Options) -> list[str]:
    """Everything that would end `syncd run` and that trying again does not mend, by key."""
    shared = options.store.is_shared
    obstacle = None if shared else store_files.obstacle(options.store.path)
    return [*_key_problems(options), *([f"store.url: {obstacle}"] if obstacle else [])]


async def store_problems(options: Options) -> list[str]:
    """Why what is there already cannot be opened: in the words `syncd run` has for it."""
    if not _has_content(options.store):
        return []
    try:
        async with opening.looking(options.store) as driver:
            # Of a schema that this role may not look into, nothing else could be said.
            if lacking := await Store(driver).fetch(migrate.lacking()):
                return [f"store.url: {one}" for one in lacking]
            await migrate.pending(driver)
    except StoreError as error:
        return [f"store.url: {error}"]
    return []


async def added_hints(options: Options) -> list[str]:
    """Which tenants that were added while a daemon ran cannot be served with these options."""
    found = list[str]()
    if not _has_content(options.store):
        return []
    try:
        async with opening.looking(options.store) as driver:
            if await migrate.pending(driver):
                return []
            vault = FernetVault(options.security.encryption_key.get_secret_value())
            await stored_tenants.servable(
                options, Store(driver), TokenEncryption(vault), lambda _, words: found.append(words)
            )
    except (StoreError, VaultError):
        return []  # what is wrong with it, others say
    return found


async def mapping_hints(options: Options) -> list[str]:
    """Where a mapping leads to what its organisation, as last read, does not take; by key.

    Nothing is said of a tenant whose organisation was never read, nor of a store of an earlier
    version, which `syncd run` brings forward first.
    """
    if not _has_content(options.store):
        return []
    found: list[str] = []
    try:
        async with opening.looking(options.store) as driver:
            if await migrate.pending(driver):
                return []
            for name, tenant in sorted(options.tenants.items()):
                key = TenantId(name)
                for organisation in await Store(driver).fetch(settings.get(key)):
                    found += [
                        f"tenants.{name}.{one.key}: {one.text}, as {organisation.name} was last "
                        "read; invoices that are mapped so would wait"
                        for one in mappings.unusable(tenant.policy(key), organisation)
                    ]
    except StoreError:
        return []  # what is wrong with it, store_problems says
    return found


async def address_problems(options: Options) -> dict[str, str]:
    """Which of both addresses cannot be listened on now, and why, by key."""
    found = {}
    for key, address in zip(
        LISTENERS, (options.server.listen, options.server.public_listen), strict=True
    ):
        host, _, port = address.rpartition(":")
        try:
            listener = await anyio.create_tcp_listener(
                local_host=host.strip("[]"), local_port=int(port)
            )
        except (OSError, UnicodeError) as error:
            found[key] = cannot_listen(key, address, error)
        else:
            await listener.aclose()
    return found


def _key_problems(options: Options) -> Iterator[str]:
    """Keys and secrets that are none."""
    try:
        FernetVault(options.security.encryption_key.get_secret_value())
    except VaultError as error:
        yield f"security.encryption_key: {error}"
    try:
        adapters.webhook_readers(options, SystemClock())
    except ConfigError as error:
        yield from error.problems
    if (problem := notifying.secret_problem(options)) is not None:
        yield problem


def _has_content(section: StoreSection) -> bool:
    """Whether there is something to open: a database is one even when it is empty."""
    if section.is_shared:
        return True
    try:
        return section.path.stat().st_size > 0
    except OSError:
        return False  # none yet
