"""`syncd tenants pause / resume / live / observe`: a tenant's switches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.cli.daemon_client import DaemonClient, options_or_end, path_of
from syncd.cli.output import Exit, end, say, show_json
from syncd.cli.parameters import Config, Json, Tenant
from syncd.config import sources
from syncd.config.options import Options


async def pause(tenant: Tenant, *, json: Json = False, config: Config = None) -> None:
    """Hold all writes to Xero, at once; reading goes on, so that nothing is missed."""
    await _press(tenant, "pause", {}, options_or_end(config), as_json=json)


async def resume(tenant: Tenant, *, json: Json = False, config: Config = None) -> None:
    """Let a paused tenant's work go on."""
    await _press(tenant, "resume", {}, options_or_end(config), as_json=json)


async def live(tenant: Tenant, *, json: Json = False, config: Config = None) -> None:
    """Write to Xero from now on, where the configuration names no mode."""
    await _switch(tenant, "live", config, as_json=json)


async def observe(tenant: Tenant, *, json: Json = False, config: Config = None) -> None:
    """Read, plan and show, but write nothing, where the configuration names no mode."""
    await _switch(tenant, "observe", config, as_json=json)


async def _switch(tenant: str, mode: str, config: Path | None, *, as_json: bool) -> None:
    options = options_or_end(config)
    section = options.tenants.get(tenant)
    is_named = section is not None and "mode" in section.model_fields_set
    # A file that says `observe` may have been started by a plan: the daemon knows, and answers.
    if section is not None and is_named and section.mode != mode and section.mode == "live":
        end(
            Exit.FAILED,
            f'{tenant} stays as it is: tenants.{tenant}.mode = "{section.mode}" stands in '
            f"{sources.file_of(config) or 'the environment'}. Change that key there and reload the "
            "daemon (SIGHUP); or remove it, reload, and the mode is switched with this command.",
        )
    await _press(tenant, "mode", {"mode": mode}, options, as_json=as_json)


async def _press(
    tenant: str, button: str, body: Mapping[str, Any], options: Options, *, as_json: bool
) -> None:
    path = path_of("api", "v1", "tenants", tenant, button)
    answer = await DaemonClient(options).post(path, body)
    if as_json:
        show_json(answer)
        return
    say(answer["message"])
