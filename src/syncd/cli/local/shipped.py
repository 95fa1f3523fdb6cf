"""`syncd config`: the files an installation needs, out of the program itself.

Whoever installs a wheel has no source beside it: example, units, alert rules and the rest are in
`cli/files`, and the source shows them again where people look for them.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import Literal

from cyclopts import App

config = App(
    name="config",
    help="Files for an installation: example, units, alert rules.",
    help_epilogue="Example: `syncd config example`",
)
Unit = Literal[
    "syncd.service",
    "syncd@.service",
    "syncd.tmpfiles",
    "syncd-backup.service",
    "syncd-backup.timer",
]


@config.command
def example() -> None:
    """Print a configuration with every key, its default and what it is for."""
    _print("syncd.example.toml")


@config.command
def unit(name: Unit = "syncd.service") -> None:
    """Print a unit for systemd.

    Parameters
    ----------
    name
        The daemon's service, its folders, or the service and timer of a nightly backup.
    """
    _print(name)


@config.command
def compose(*, replicas: bool = False) -> None:
    """Print a compose file for Docker.

    Parameters
    ----------
    replicas
        Two replicas on a PostgreSQL database behind a proxy, instead of one daemon with a file.
    """
    _print("compose-replicas.yaml" if replicas else "compose.yaml")


@config.command
def scrape() -> None:
    """Print what Prometheus needs to scrape the daemon."""
    _print("scrape.yml")


@config.command
def rules() -> None:
    """Print alert rules for Prometheus."""
    _print("rules.yml")


@config.command
def dashboard() -> None:
    """Print a dashboard for Grafana."""
    _print("dashboard.json")


def _print(name: str) -> None:
    sys.stdout.write((files("syncd.cli") / "files" / name).read_text("utf-8"))
