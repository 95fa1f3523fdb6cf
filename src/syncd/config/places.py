"""Where the configuration lies and what stands there, before anybody has judged it.

The usual places, the environment's names, the content of the TOML file. Read by `sources`, which
makes options of it, and by `access`, which must not load what that takes. The only reader of the
environment besides it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.domain.errors import ConfigError

ENV_PREFIX = "SYNCD_"
DEFAULT_FILE = Path("/etc/syncd/syncd.toml")
CREDENTIAL_FOLDERS = ("/run/secrets",)


def file_of(path: Path | None, environment: Mapping[str, str] | None = None) -> Path | None:
    """The TOML file that is read: the one asked for, else SYNCD_CONFIG's, else the usual place's.

    None where there is none of them.
    """
    env = os.environ if environment is None else environment
    named = env.get(ENV_PREFIX + "CONFIG")
    if path is None and not named:
        return DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    return path or Path(named or "")


def wanted_columns(environment: Mapping[str, str] | None = None) -> int | None:
    """How wide a screen COLUMNS says there is; None when it says nothing."""
    env = os.environ if environment is None else environment
    said = env.get("COLUMNS", "")
    return int(said) if said.isdigit() else None


def content_of(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises ConfigError when it cannot be read."""
    import tomllib  # noqa: PLC0415  (half of what a probe costs, and not every one reads a file)

    try:
        return tomllib.loads(text_of(path))
    except (ValueError, RecursionError) as error:  # its own error, endless numbers, endless depth
        raise ConfigError((f"{path}: is not valid TOML: {error}",)) from None


def text_of(path: Path) -> str:
    """What a file says, without the mark some editors put first.

    Raises ConfigError, in words that begin with the path.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError((f"{path} cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise ConfigError((f"{path} is not text in UTF-8",)) from None
    except ValueError:
        raise ConfigError((f"{str(path)!r} is no path",)) from None


def from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    """`SYNCD_SECTION__KEY` as nested options; `SYNCD_CONFIG` is not one of them.

    Raises ConfigError where one variable contradicts another.
    """
    found: dict[str, Any] = {}
    for name, value in sorted(env.items()):
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        *sections, last = name.removeprefix(ENV_PREFIX).lower().split("__")
        target = found
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                problem = f"{name}: {section} is set by itself as well; keep one of the two"
                raise ConfigError((problem,))
        target[last] = value
    return found


def merge(target: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Lay `above` over `target`, section by section, in place."""
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(target.get(key), dict):
            merge(target[key], value)
        else:
            target[key] = dict(value) if isinstance(value, Mapping) else value


def configured(path: Path | None, env: Mapping[str, str]) -> dict[str, Any]:
    """What the file and the environment say, as it stands there. Raises ConfigError."""
    chosen = file_of(path, env)
    content = {} if chosen is None else content_of(chosen)
    merge(content, from_environment(env))
    return content


def credential_folders(env: Mapping[str, str], configuration: Path | None) -> list[Path]:
    """Where secrets lie under their own names: systemd's folder, Docker's, the installed one.

    The last is `credentials` beside the configuration, from where the unit hands them to the
    daemon: so an administrator's commands find what the daemon was given. Others cannot enter it.
    """
    given = env.get("CREDENTIALS_DIRECTORY")
    folders = [Path(given)] if given else []
    folders += [Path(folder) for folder in CREDENTIAL_FOLDERS]
    if configuration is not None:
        folders.append(configuration.parent / "credentials")
    return [folder for folder in folders if os.access(folder, os.X_OK)]
