"""Which daemon a command asks, and as whom: an address and a token, without all the options.

Whoever asks a running daemon needs none of its secrets, and a probe has no time to load what reads
the options. So this room knows `places` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from syncd.config import places
from syncd.domain.errors import ConfigError

DEFAULT_LISTEN = "127.0.0.1:8080"
URL, TOKEN, TOKEN_FILE = "SYNCD_URL", "SYNCD_TOKEN", "SYNCD_TOKEN_FILE"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  (compared, not bound)
_RANK = ("Super User", "Admin", "Office")
_UNKNOWN = (
    "no operator's token is known: give --token-file FILE, or set SYNCD_TOKEN or SYNCD_TOKEN_FILE, "
    "or run this where the configuration and an operator's token in it can be read"
)
_IN_THE_CLEAR = (
    "{}: expected https, got {}; by http the token would travel in the clear. Plain http is for "
    "this machine only (localhost, 127.0.0.1), or with security.allow_plain_http = true "
    "(SYNCD_SECURITY__ALLOW_PLAIN_HTTP)"
)


def address(
    url: str | None, config: Path | None, environment: Mapping[str, str] | None = None
) -> str:
    """Where the daemon answers: `--url`, else SYNCD_URL, else `server.listen`.

    Raises ConfigError when that cannot be used: a token never travels in the clear.
    """
    env = os.environ if environment is None else environment
    said = url or env.get(URL)
    if not said:
        return _of_listen(places.configured(config, env))
    found = _called(said, "--url" if url else URL)
    parts = urlsplit(found)
    if parts.scheme == "https" or is_loopback(parts.hostname or ""):
        return found
    if _allows_plain_http(config, env):
        return found
    raise ConfigError((_IN_THE_CLEAR.format("--url" if url else URL, said),))


def answering_at(listen: str) -> str:
    """The address at which a daemon answers that listens there."""
    return _of_listen({"server": {"listen": listen}})


def advertised(said: str | None, listen: str) -> str:
    """Where a replica is reached by the others: as said, else where it listens."""
    return said or f"http://{listen}"


def listens_everywhere(listen: str) -> bool:
    """Whether an address to listen on is one that nobody can call."""
    return listen.rpartition(":")[0] in _EVERYWHERE


def probed(
    url: str | None, config: Path | None, environment: Mapping[str, str] | None = None
) -> str:
    """The same for a probe, which sends no token: a configuration nobody can read is no reason."""
    env = os.environ if environment is None else environment
    if said := url or env.get(URL):
        return _called(said, "--url" if url else URL)
    try:
        content = places.configured(config, env)
    except ConfigError:
        content = {}  # what stands in the file now need not be what the daemon was started with
    return _of_listen(content)


def token(
    file: Path | None, config: Path | None, environment: Mapping[str, str] | None = None
) -> str:
    """The operator's token: a file's, the environment's, else the configuration's.

    There it is that of the operator who may do most, among those whose token can be read. Raises
    ConfigError when there is none.
    """
    env = os.environ if environment is None else environment
    if file is not None:
        return _read(file, "--token-file")
    if said := env.get(TOKEN, "").strip():
        return _fit(said, TOKEN)
    if named := env.get(TOKEN_FILE):
        return _read(Path(named), TOKEN_FILE)
    problems: list[str] = []
    for key, found in _tokens(config, env):
        try:
            return _fit(found, key) if isinstance(found, str) else _read(found, key)
        except ConfigError as error:
            problems += error.problems
    raise ConfigError((_UNKNOWN, *problems))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _fit(token: str, key: str) -> str:
    """A token that can be sent: of one line."""
    if not token.isprintable():
        raise ConfigError((f"{key}: expected a token of one line, got several, or none of text",))
    return token


def _called(url: str, name: str) -> str:
    """An address as it is called: with its scheme, without what is put behind it.

    Not `addresses`, which configurations are read by: a probe answers before it could be loaded.
    """
    found = (url if "://" in url else f"http://{url}").rstrip("/")
    try:
        parts = urlsplit(found)
        host = parts.hostname or ""
        host.encode("idna")
        is_good = bool(host) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:  # UnicodeError among them: a host that cannot be looked up at all
        is_good = False
    is_good = is_good and not any(each.isspace() for each in found)
    is_good = is_good and not (parts.query or parts.fragment or parts.username is not None)
    if not is_good:
        raise ConfigError((f"{name}: expected an address such as {_of_listen({})}, got {url!r}",))
    return found


def _section(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _of_listen(content: Mapping[str, Any]) -> str:
    listen = str(_section(content, "server").get("listen", DEFAULT_LISTEN))
    host, _, port = listen.rpartition(":")
    return f"http://{_EVERYWHERE.get(host, host)}:{port}"


def _allows_plain_http(config: Path | None, env: Mapping[str, str]) -> bool:
    try:
        said = _section(places.configured(config, env), "security").get("allow_plain_http")
    except ConfigError:
        return False
    return str(said).lower() in ("true", "1")


def _tokens(config: Path | None, env: Mapping[str, str]) -> Iterator[tuple[str, str | Path]]:
    """Every token there is, or the file it is kept in, whoever may do most first."""
    chosen = places.file_of(config, env)
    security = _section(places.configured(config, env), "security")
    yield from _one("security.operator_token", security, "operator_token")
    for folder in places.credential_folders(env, chosen):
        if (file := folder / "operator_token").is_file():
            yield str(file), file
    rows = security.get("operators")
    operators = list(enumerate(rows)) if isinstance(rows, list) else []
    for role, (place, one) in product(_RANK, operators):
        if isinstance(one, dict) and one.get("role", _RANK[0]) == role:
            yield from _one(f"security.operators.{place}.token", one, "token")


def _one(key: str, section: Mapping[str, Any], name: str) -> Iterator[tuple[str, str | Path]]:
    if isinstance(found := section.get(name), str):
        yield key, found.strip()
    elif isinstance(found := section.get(f"{name}_file"), str):
        yield f"{key}_file", Path(found)


def _read(file: Path, key: str) -> str:
    try:
        found = places.text_of(file).strip()
    except ConfigError as error:
        raise ConfigError(tuple(f"{key}: {problem}" for problem in error.problems)) from None
    if not found:
        raise ConfigError((f"{key}: {file} is empty",))
    return _fit(found, f"{key}: {file}")
