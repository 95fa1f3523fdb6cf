"""Where options come from: flags, environment, credentials files and one TOML file, in that order.

Where they lie is for `places` to say. Everything wrong is reported at once, each problem with its
key. A secret is given as `NAME`, as `NAME_file`, or as a systemd credential or Docker secret
called NAME.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from syncd.config import contradictions, places, reading, safety, wording
from syncd.config.options import Options, StoreSection
from syncd.domain.errors import ConfigError

_NOTHING_NAMED = (
    "no configuration is named: give --config FILE or set SYNCD_CONFIG (there is no {} either); "
    "config/syncd.example.toml shows what can be said"
)


def load(
    path: Path | None,
    *,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Options:
    """The options: flags beat environment beat credentials files beat TOML.

    Raises ConfigError naming every wrong key at once.
    """
    env = os.environ if environment is None else environment
    chosen = places.file_of(path, env)
    problems = list(_stray(env))
    given = _or_problems(partial(places.from_environment, env), problems)
    if chosen is not None:
        before = len(problems)
        merged = _or_problems(partial(places.content_of, chosen), problems)
        if len(problems) > before:
            raise ConfigError(tuple(problems))  # nothing else can be judged
    elif given or flags or problems:
        merged = {}
    else:
        raise ConfigError((_NOTHING_NAMED.format(places.DEFAULT_FILE),))
    folders = places.credential_folders(env, chosen)
    places.merge(merged, _credentials(merged, folders, problems))
    places.merge(merged, given)
    places.merge(merged, dict(flags or {}))
    _read_secret_files(merged, "", problems)
    return _judged(merged, problems)


def _judged(merged: Mapping[str, Any], problems: list[str]) -> Options:
    """The options of what was merged. Raises ConfigError with these problems and all further."""
    try:
        options = reading.read(Options, merged)
    except ConfigError as error:
        # A secret whose file cannot be read is missing for that reason, which is told.
        unread = {line.partition(":")[0].removesuffix("_file") for line in problems}
        problems.extend(line for line in error.problems if line.partition(":")[0] not in unread)
        raise ConfigError(tuple(problems)) from None
    problems.extend((*safety.problems(options), *contradictions.problems(options)))
    if problems:
        raise ConfigError(tuple(problems))
    return options


def store(path: Path | None) -> tuple[StoreSection, list[str]]:
    """Where the store lies, and the tenants named: all that work on it needs.

    No secret is asked for but the password of a database. Raises ConfigError.
    """
    content = places.configured(path, os.environ)
    said = content.get("store", {})
    if isinstance(said, dict) and not {"password", "password_file"} & said.keys():
        problems = list[str]()
        folders = places.credential_folders(os.environ, places.file_of(path, os.environ))
        found = _found_in(folders, {"store_password": ("store", "password")}, problems)
        if problems:
            raise ConfigError(tuple(problems))
        said = {**said, **found.get("store", {})}
    tenants = content.get("tenants")
    return store_section(said), list(tenants) if isinstance(tenants, dict) else []


def store_section(said: Any) -> StoreSection:
    """What is said of a store, judged, with the password a file holds. Raises ConfigError."""
    problems = list[str]()
    _read_secret_files(said, "store.", problems)
    if problems:
        raise ConfigError(tuple(problems))
    return reading.read(StoreSection, said, within=("store",))


def _or_problems(read: Callable[[], dict[str, Any]], problems: list[str]) -> dict[str, Any]:
    """What is read; nothing where it cannot be, and `problems` says why."""
    try:
        return read()
    except ConfigError as error:
        problems.extend(error.problems)
        return {}


def _stray(env: Mapping[str, str]) -> Iterator[str]:
    """Variables that name an option without its section, or a section without an option.

    Others that begin like ours are not: an orchestrator sets some for a service called syncd.
    """
    for name in sorted(env):
        bare = name.removeprefix(places.ENV_PREFIX).lower()
        if name == bare.upper() or "__" in bare:
            continue
        if bare in Options.__struct_fields__:
            yield f"{name}: no such option; its keys are {places.ENV_PREFIX}{bare.upper()}__KEY"
        for section in wording.sections_with(bare):
            yield (
                f"{name}: no such option; did you mean "
                f"{places.ENV_PREFIX}{section.upper()}__{bare.upper()}?"
            )


def with_secrets_read(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A section with every `NAME_file` read. Raises ConfigError, each problem by its key."""
    found, problems = dict(given), list[str]()
    _read_secret_files(found, where, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return found


def secret_file(path: Path | None, section: str, name: str) -> Path | None:
    """The file a secret of the TOML file is kept in (`NAME_file`); None when it is given inline.

    Raises ConfigError when the TOML file cannot be read.
    """
    chosen = places.file_of(path)
    content = {} if chosen is None else places.content_of(chosen)
    inside = content.get(section)
    found = inside.get(f"{name}_file") if isinstance(inside, dict) else None
    return Path(found) if isinstance(found, str) and found else None


def secret_files(
    path: Path | None, environment: Mapping[str, str] | None = None
) -> dict[str, Path]:
    """Every file that holds a secret, by its key: the TOML file itself where one stands in it.

    Raises ConfigError when the TOML file cannot be read.
    """
    chosen = places.file_of(path, environment)
    if chosen is None:
        return {}
    content = places.content_of(chosen)
    found: dict[str, Path] = {}
    if _named_in(content, "", found):
        found["the configuration"] = chosen
    return found


def _named_in(node: Any, where: str, found: dict[str, Path]) -> bool:
    """Collect the `NAME_file` keys below `node`; whether a secret stands there in the open."""
    if isinstance(node, list):
        open_ones = [_named_in(item, f"{where}{at}.", found) for at, item in enumerate(node)]
        return any(open_ones)  # of all of them: each one's files are collected
    if not isinstance(node, dict):
        return False
    is_open = False
    for key, value in node.items():
        if key.endswith("_file") and isinstance(value, str):
            found[f"{where}{key}"] = Path(value)
        is_open |= key in wording.SECRETS or _named_in(value, f"{where}{key}.", found)
    return is_open


def _credentials(
    merged: Mapping[str, Any], folders: Sequence[Path], problems: list[str]
) -> dict[str, Any]:
    """Secrets that systemd or Docker laid beside us under a secret's own name."""
    names: dict[str, tuple[str, ...]] = {
        "encryption_key": ("security", "encryption_key"),
        "operator_token": ("security", "operator_token"),
        "client_secret": ("xero", "client_secret"),
        "webhook_key": ("xero", "webhook_key"),
        "notify_secret": ("notify", "secret"),
        "notify_password": ("notify", "password"),
        "store_password": ("store", "password"),
    }
    tenants = merged.get("tenants")
    for tenant in tenants if isinstance(tenants, dict) else ():
        for secret in ("pipeline_key", "pipeline_webhook_secret"):
            names[f"{tenant}_{secret}"] = ("tenants", tenant, secret)
    return _found_in(folders, names, problems)


def _found_in(
    folders: Sequence[Path], names: Mapping[str, tuple[str, ...]], problems: list[str]
) -> dict[str, Any]:
    """What lies under one of these names in the first of the folders that has it, by its keys."""
    found: dict[str, Any] = {}
    for name, keys in names.items():
        for folder in folders:
            file = folder / name
            if os.path.isfile(file):  # noqa: PTH113  (Path's raises for a name that is too long)
                target = found
                for key in keys[:-1]:
                    target = target.setdefault(key, {})
                _read_secret(target, keys[-1], file, ".".join(keys), problems)
                break
    return found


def _read_secret(
    target: dict[str, Any], name: str, file: Path, key: str, problems: list[str]
) -> None:
    try:
        target[name] = places.text_of(file).strip()
    except ConfigError as error:
        problems.extend(f"{key}: {problem}" for problem in error.problems)


def _read_secret_files(node: Any, where: str, problems: list[str]) -> None:
    """Replace every `NAME_file` by NAME with the file's content, in place."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            _read_secret_files(item, f"{where}{index}.", problems)
    if not isinstance(node, dict):
        return
    for key in list(node):
        value = node[key]
        if key.endswith("_file") and isinstance(value, str):
            name = key.removesuffix("_file")
            del node[key]
            if name in node:
                continue
            _read_secret(node, name, Path(value), f"{where}{key}", problems)
        else:
            _read_secret_files(value, f"{where}{key}.", problems)
