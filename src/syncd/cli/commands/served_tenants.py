"""`syncd tenants add / remove`: tenants beside those of the configuration, without a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Daemon, Json, Tenant
from syncd.config import places, sources
from syncd.domain.errors import ConfigError

WITHIN_S = 90.0
"""Pipeline is asked whether it knows the key; a write under way is let end."""


async def add(
    tenant: Annotated[str, Parameter(help="Its name: letters, digits, - and _.")],
    *,
    section: Annotated[
        Path | None,
        Parameter(help="A TOML file with the keys of a [tenants.NAME] section, without its head."),
    ] = None,
    pipeline_url: Annotated[str | None, Parameter(help="Pipeline's API.")] = None,
    pipeline_key_file: Annotated[
        Path | None, Parameter(help="A file with the key to this tenant's Pipeline.")
    ] = None,
    pipeline_webhook_secret_file: Annotated[
        Path | None, Parameter(help="A file with the secret of its webhook.")
    ] = None,
    invoice_url: Annotated[
        str | None, Parameter(help="Where people find an invoice in Pipeline, with {id} in it.")
    ] = None,
    start_date: Annotated[
        str | None, Parameter(help="Invoices dated before are left alone, as 2026-01-31.")
    ] = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Serve one more tenant from now on; it observes until it is set live.

    What is said here beats what the section says.
    """
    said = {
        "pipeline_url": pipeline_url,
        "pipeline_key_file": None if pipeline_key_file is None else str(pipeline_key_file),
        "pipeline_webhook_secret_file": (
            None if pipeline_webhook_secret_file is None else str(pipeline_webhook_secret_file)
        ),
        "invoice_url": invoice_url,
        "start_date": start_date,
    }
    try:
        given = {} if section is None else places.content_of(section)
        places.merge(given, {key: value for key, value in said.items() if value is not None})
        given = sources.with_secrets_read(given, f"tenants.{tenant}.")
    except ConfigError as error:
        end(Exit.BAD_CONFIGURATION, "\n  ".join(error.problems))
    body = {key: _plain(value) for key, value in given.items()}
    client = DaemonClient(daemon, timeout_s=WITHIN_S)
    _show(await client.post("/api/v1/tenants", {**body, "id": tenant}), as_json=json)


async def remove(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Serve one tenant less: it is disconnected; its links, history and journal are kept."""
    client = DaemonClient(daemon, timeout_s=WITHIN_S)
    _show(await client.delete(path_of("api", "v1", "tenants", tenant)), as_json=json)


def _plain(value: Any) -> Any:
    """A value of TOML as JSON has it: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value if isinstance(value, str | int | float) else str(value)


def _show(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    say(answer["message"])
