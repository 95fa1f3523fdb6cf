"""Where options come from: flags, environment, credentials files and one TOML file, in that order.

Where they lie is for `places` to say. Everything wrong is reported at once, each problem with its
key. A secret is given as `NAME`, as `NAME_file`, or as a systemd credential or Docker secret
called NAME.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from syncd.config import places, safety
from syncd.config.options import Options, StoreSection
from syncd.domain.errors import ConfigError

_SECRETS = (
    "encryption_key", "operator_token", "token", "client_secret", "webhook_key", "pipeline_key",
    "pipeline_webhook_secret",
)  # fmt: skip
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
    merged: dict[str, Any] = {}
    problems: list[str] = []
    given = places.from_environment(env)
    if chosen is not None:
        merged = places.content_of(chosen)
    elif not (given or flags):
        raise ConfigError((_NOTHING_NAMED.format(places.DEFAULT_FILE),))
    places.merge(merged, _credentials(merged, places.credential_folders(env, chosen)))
    places.merge(merged, given)
    places.merge(merged, dict(flags or {}))
    _read_secret_files(merged, "", problems)
    try:
        options = Options(**merged)
    except ValidationError as error:
        unread = {line.partition("_file: ")[0] for line in problems}
        worded = _worded(error)
        problems.extend(line for line in worded if line.partition(":")[0] not in unread)
        raise ConfigError(tuple(problems)) from None
    problems.extend(safety.problems(options))
    if problems:
        raise ConfigError(tuple(problems))
    return options


def store(path: Path | None) -> tuple[StoreSection, list[str]]:
    """Where the store lies, and the tenants named: all that work on its file needs, no secret.

    Raises ConfigError.
    """
    content = places.configured(path, os.environ)
    try:
        section = StoreSection.model_validate(content.get("store", {}))
    except ValidationError as error:
        raise ConfigError(tuple(f"store.{line}" for line in _worded(error))) from None
    tenants = content.get("tenants")
    return section, list(tenants) if isinstance(tenants, dict) else []


def secret_file(path: Path | None, section: str, name: str) -> Path | None:
    """The file a secret of the TOML file is kept in (`NAME_file`); None when it is given inline.

    Raises ConfigError when the TOML file cannot be read.
    """
    chosen = places.file_of(path)
    content = {} if chosen is None else places.content_of(chosen)
    found = content.get(section, {}).get(f"{name}_file")
    return Path(found) if found else None


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
        is_open |= key in _SECRETS or _named_in(value, f"{where}{key}.", found)
    return is_open


def _credentials(merged: Mapping[str, Any], folders: Sequence[Path]) -> dict[str, Any]:
    """Secrets that systemd or Docker laid beside us under a secret's own name."""
    names: dict[str, tuple[str, ...]] = {
        "encryption_key": ("security", "encryption_key"),
        "operator_token": ("security", "operator_token"),
        "client_secret": ("xero", "client_secret"),
        "webhook_key": ("xero", "webhook_key"),
    }
    for tenant in merged.get("tenants", {}):
        for secret in ("pipeline_key", "pipeline_webhook_secret"):
            names[f"{tenant}_{secret}"] = ("tenants", tenant, secret)
    found: dict[str, Any] = {}
    for name, keys in names.items():
        for folder in folders:
            file = folder / name
            if file.is_file():
                target = found
                for key in keys[:-1]:
                    target = target.setdefault(key, {})
                target[keys[-1]] = file.read_text(encoding="utf-8").strip()
                break
    return found


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
            try:
                node[name] = Path(value).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{where}{key}: {value} cannot be read: {error.strerror}")
        else:
            _read_secret_files(value, f"{where}{key}.", problems)


def _worded(error: ValidationError) -> list[str]:
    """Each problem with its key, what was expected, and no secret in sight."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        key = ".".join(str(part) for part in problem["loc"])
        lines.append(f"{key}: {problem['msg'][0].lower()}{problem['msg'][1:]}")
    return lines
