"""`syncd run`, as the command line has it; `daemon_start` answers what is typed most."""

from __future__ import annotations

from syncd.cli.local import foreground
from syncd.cli.parameters import Config


def run(*, config: Config = None) -> None:
    """Run the daemon in the foreground.

    SIGTERM drains and ends with 0; a second one stops at once and loses nothing. SIGHUP reads the
    configuration again.
    """
    foreground.run(config)
