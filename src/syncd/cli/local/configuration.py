"""`syncd check-config` and `syncd keys`: is what we are told usable, before anything starts?"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import anyio
from cyclopts import App

from syncd.cli.exits import Exit
from syncd.cli.local.options import options_or_end
from syncd.cli.output import complain, console, end, say
from syncd.cli.parameters import Config
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError
from syncd.runtime import secret_files
from syncd.runtime.vault import FernetVault, VaultError, new_encryption_key

keys = App(name="keys", help="Encryption keys for secrets at rest.")
CONNECT_S = 5.0


@keys.command(name="generate")
def generate() -> None:
    """Print a new Fernet key: a line for the encryption key file. The first line writes."""
    console().print(new_encryption_key(), markup=False)


@keys.command(name="rotate")
def rotate(*, config: Config = None) -> None:
    """Put a new key first in the encryption key file; the others still read.

    The daemon seals everything anew when it reloads (SIGHUP); after that the old lines may go.
    """
    try:
        file = sources.secret_file(config, "security", "encryption_key")
    except ConfigError as error:
        end(Exit.BAD_CONFIGURATION, "; ".join(error.problems))
    if file is None:
        end(
            Exit.FAILED,
            "security.encryption_key is not kept in a file of its own (encryption_key_file). "
            "Put a line from `syncd keys generate` before the others where it is kept.",
        )
    try:
        standing = file.read_text(encoding="utf-8")
        secret_files.replace(file, f"{new_encryption_key()}\n{standing}")
    except FileExistsError as error:
        text = f"{error.filename} is there: another rotation is under way, or was cut short. Remove"
        end(Exit.FAILED, f"{text} it and try again; {file} is as it was.")
    except OSError as error:
        end(Exit.FAILED, f"{file} cannot be changed: {error.strerror}; it is as it was.")
    say(
        f"{file} begins with a new key. Reload the daemon (systemctl reload syncd, or kill -HUP): "
        "it seals everything anew; after that the older lines may go."
    )


async def check_config(*, environment: bool = True, config: Config = None) -> None:
    """Check the configuration, then what it needs of this machine; every error at once.

    Parameters
    ----------
    environment
        Also check store, key, addresses and reachability (`--no-environment` leaves that out).
    """
    options = options_or_end(config)
    problems = _store_problems(options) + _key_problems(options) if environment else []
    if environment:
        problems += await _address_problems(options)
        problems += await _reach_problems(options)
    for warning in _wide_files(options, config):
        complain(warning)
    if not options.tenants:
        complain("tenants: none is configured; the daemon would serve nobody")
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        end(Exit.BAD_CONFIGURATION, f"The configuration cannot be used here:\n{lines}")
    console().print(f"The configuration is good: {len(options.tenants)} tenants.")


def _wide_files(options: Options, config: Path | None) -> list[str]:
    """Files whose content is no business of everybody on this machine."""
    named = {**sources.secret_files(config), "store.url": options.store.path}
    files = [(key, file) for key, file in named.items() if secret_files.is_wide(file)]
    return [
        f"{key}: {file} can be read or changed by others than its owner; chmod 600 it"
        for key, file in files
    ]


def _store_problems(options: Options) -> list[str]:
    """The nearest folder that exists must be writable."""
    folder = options.store.path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if os.access(folder, os.W_OK):
        return []
    return [f"store.url: {folder} is not writable by this user"]


def _key_problems(options: Options) -> list[str]:
    try:
        FernetVault(options.security.encryption_key.get_secret_value())
    except VaultError as error:
        return [f"security.encryption_key: {error}"]
    return []


async def _address_problems(options: Options) -> list[str]:
    """Both addresses must be free; a running daemon of ours holds them, so say so."""
    problems = []
    for name, address in (
        ("server.listen", options.server.listen),
        ("server.public_listen", options.server.public_listen),
    ):
        host, _, port = address.rpartition(":")
        try:
            listener = await anyio.create_tcp_listener(
                local_host=host.strip("[]"), local_port=int(port)
            )
        except (OSError, OverflowError) as error:
            problems.append(
                f"{name}: {address} cannot be bound ({error}); is syncd running already?"
            )
        else:
            await listener.aclose()
    return problems


async def _reach_problems(options: Options) -> list[str]:
    """Every host we call must accept a connection."""
    targets = {
        "xero.api_url": options.xero.api_url,
        "xero.identity_url": options.xero.identity_url,
        **{
            f"tenants.{name}.pipeline_url": tenant.pipeline_url
            for name, tenant in options.tenants.items()
        },
    }
    problems = []
    for key, url in targets.items():
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            with anyio.fail_after(CONNECT_S):
                stream = await anyio.connect_tcp(parts.hostname or "", port)
        except TimeoutError:
            problems.append(f"{key}: {url} does not answer within {CONNECT_S:g} s")
        except OSError as error:
            why = error.strerror or "its name is unknown, or nothing listens there"
            problems.append(f"{key}: {url} cannot be reached ({why})")
        else:
            await stream.aclose()
    return problems
