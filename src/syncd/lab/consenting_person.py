"""A person who connects a tenant to Xero in the simulation: the real consent flow, a pretend browser.

Called once per world, by the first incarnation of the daemon that finds itself not connected.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import aiohttp

from syncd.bootstrap.machine import Machine
from syncd.bootstrap.system import System
from syncd.config.options import Options
from syncd.domain.ids import TenantId
from syncd.engine.consent import ConsentFlow
from syncd.engine.consent_outcome import Connected, ConsentOpened
from syncd.lab.simulated_machine import XERO_PATH
from syncd.lab.virtual_time import SimulationError
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.scopes import GRANULAR


async def connect(system: System, machine: Machine, options: Options, tenant: TenantId) -> None:
    """Lead somebody through consent. Raises SimulationError when Xero or syncd says no."""
    flow = _flow(system, machine, options)
    offer = await flow.start(tenant, "Alex of the office")
    opened = await flow.open(offer.ticket)
    if not isinstance(opened, ConsentOpened):
        raise SimulationError(f"the consent's ticket was refused: {opened.words}")
    back = await _approved(opened.url)
    ended = await flow.finish(back, opened.cookie)
    if not isinstance(ended, Connected):
        raise SimulationError(f"the consent was refused: {ended.words}")


def _flow(system: System, machine: Machine, options: Options) -> ConsentFlow:
    xero = options.xero
    app = XeroApp(
        client_id=xero.client_id,
        client_secret=xero.client_secret.get_secret_value(),
        redirect_uri=f"{options.server.public_url}/oauth/xero/callback",
        authorize_url=xero.authorize_url,
        identity_url=xero.identity_url,
        api_url=xero.api_url,
        scopes=GRANULAR,
    )
    identity = XeroIdentity(
        machine.transport("xero-identity"),
        app=app,
        clock=machine.clock,
        entropy=machine.entropy.child("consent identity"),
    )
    return ConsentFlow(
        tokens=system.tokens,
        store=system.hall.store,
        identity=identity,
        clock=machine.clock,
        entropy=machine.entropy.child("consent"),
        observe=system.hall.observe,
        public_url=options.server.public_url,
    )


async def _approved(url: str) -> dict[str, str]:
    """Xero's page approves by itself and sends the browser back: the query it comes with."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(XERO_PATH)) as browser,
        browser.get(url, allow_redirects=False) as answer,
    ):
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
