"""Is it fine? `syncd health` for probes, `syncd status` for people, `syncd version`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from syncd.cli import cards
from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, end, say, show_json, show_value

_OK = 200


async def health(*, ready: bool = False, json: bool = False, config: Path | None = None) -> None:
    """Exit 0 when the daemon is alive (or takes work), else 1.

    Parameters
    ----------
    ready
        Ask whether it takes work, not only whether it lives.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    answer = await DaemonClient(options_or_end(config)).probe("/readyz" if ready else "/livez")
    is_healthy = answer == _OK
    if json:
        show_json({"healthy": is_healthy, "http_status": answer or None})
    if not is_healthy:
        end(Exit.FAILED, f"not healthy: {'no answer' if answer == 0 else f'HTTP {answer}'}")
    if not json:
        say("ok")


async def status(*, json: bool = False, config: Path | None = None) -> None:
    """Per tenant: connection, organisation, queue, what is out of sync, calls left.

    Parameters
    ----------
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    items = (await DaemonClient(options_or_end(config)).get("/api/v1/tenants"))["items"]
    if json:
        show_json(items)
        return
    for tenant in items:
        show_value(cards.at_a_glance(tenant), as_json=False)
        say("")


def show_version(*, json: bool = False) -> None:
    """The program's version.

    Parameters
    ----------
    json
        Print JSON.
    """
    show_value({"version": version("syncd")}, as_json=json)
