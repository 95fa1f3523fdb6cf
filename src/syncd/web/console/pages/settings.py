"""What is in force, read-only: the configuration's values, then what the organisation allows."""

from __future__ import annotations

from aiohttp import web

from syncd.engine.core.settings_in_force import SettingSource
from syncd.web.console import openings
from syncd.web.console.visit import ConsolePage, Visit

SOURCES = {
    SettingSource.DEFAULT: "default",
    SettingSource.CONFIGURATION: "configuration",
    SettingSource.ADDED: "added with the tenant",
    SettingSource.SWITCH: "console, API or command",
}


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/settings."""
    found = await visit.operations.settings(visit.tenant)
    prefix = f"tenants.{visit.tenant}."
    own = [one for one in found.settings if one.key.startswith(prefix)]
    return visit.page(
        "settings.html",
        opening=openings.of_settings(found),
        groups=[
            (f"Of {visit.tenant}", [(one.key.removeprefix(prefix), one) for one in own]),
            ("Of all tenants", [(one.key, one) for one in found.settings if one not in own]),
        ],
        sources=SOURCES,
        organisation=found.organisation,
    )


PAGES = (
    ConsolePage(
        path="/t/{t}/settings", call=show, operation="getSettings", menu="Settings", key="s"
    ),
)
