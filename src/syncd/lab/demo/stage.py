"""The demo's stage: both pretend worlds served, a configuration file, and the daemon running by it.

Entered by `lab.demo.story`. Everything is on loopback ports and in one temporary folder, which is
gone when the stage is left. The daemon is `bootstrap`'s own, on the real machine.
"""

from __future__ import annotations

import json
import secrets
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import real_machine
from syncd.bootstrap.system import System
from syncd.config import sources
from syncd.config.options import Options
from syncd.lab.demo import by_hand
from syncd.lab.watch.comparing import DUE_DAYS
from syncd.ports.observer import Observer
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.vault import new_encryption_key
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import BASE, PipelineWorld
from syncd.sandbox.seed import COST_CODES, TAX_TYPES_OF, Country, seed_books
from syncd.sandbox.serve import Served, serve_worlds
from syncd.sandbox.xero.server.app import XeroWorld
from syncd.telemetry.logs import log_observer, make_logger
from syncd.web.public.receiver import PIPELINE_PATH, XERO_PATH

TENANT = "demo"
BRAKE_VOIDS = 20
"""More than a scripted day deletes of three hundred invoices, fewer than a slip of the hand."""
_CONNECT_S = 20.0
_POLL_S = 0.05
_CALL = aiohttp.ClientTimeout(total=_CONNECT_S)


class DemoFailed(Exception):
    """The stage could not be set; says what was asked and what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that runs, and where it is found."""

    folder: Path
    config: Path
    log: Path
    operator_url: str
    worlds: Served
    xero: XeroWorld
    pipeline: PipelineWorld
    system: System
    token: str
    login_link: str
    """Signs somebody in at the console, once, within ten minutes."""

    async def connect(self, tenant: str = TENANT, *, organisation: int = 0) -> str:
        """Connect to Xero as a person with a browser does; the organisation's name.

        Asks the operator API for the address, follows it to Xero's consent, picks the organisation
        by its place there (the pretend Xero approves by itself) and follows on, back to the daemon,
        cookies included. Raises DemoFailed.
        """
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=_CALL) as browser:
            card = f"{self.operator_url}/api/v1/tenants/{tenant}"
            bearer = {"Authorization": f"Bearer {self.token}"}
            async with browser.post(f"{card}/connect", headers=bearer, json={}) as answer:
                url = (await _good(answer, "an address to connect at"))["url"]
            async with browser.get(url, allow_redirects=False) as led:
                if (consent := led.headers.get("Location")) is None:
                    raise DemoFailed(f"consent: expected the way to Xero, got {led.status}")
            async with browser.get(f"{consent}&org={organisation + 1}") as page:
                if not page.ok:
                    raise DemoFailed(f"consent: expected a page, got {page.status} at {page.url}")
            with anyio.move_on_after(_CONNECT_S):
                while True:
                    async with browser.get(card, headers=bearer) as answer:
                        shown = await _good(answer, "the tenant's card")
                    if shown["status"] == "Connected":
                        return str(shown["organisation"])
                    await anyio.sleep(_POLL_S)
        raise DemoFailed(f"expected Connected within {_CONNECT_S:g} s, got {shown['status']}")

    def dumps(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both books as `GET /_sandbox/dump` shows them: the tenant's, the organisation's."""
        return self.pipeline.dump()["tenants"][TENANT], self.xero.dump()["organisations"][0]

    def observed(self) -> dict[str, Any]:
        """The organisation of the tenant in `observe`, as `GET /_sandbox/dump` shows it."""
        found: dict[str, Any] = self.xero.dump()["organisations"][by_hand.ORGANISATION]
        return found


async def _login_link(operator_url: str, token: str) -> str:
    bearer = {"Authorization": f"Bearer {token}"}
    address = f"{operator_url}/api/v1/login-links"
    async with (
        aiohttp.ClientSession(timeout=_CALL, headers=bearer) as session,
        session.post(address, json={}) as answer,
    ):
        return str((await _good(answer, "a link to the console"))["url"])


async def _good(answer: aiohttp.ClientResponse, wanted: str) -> Any:
    if not answer.ok:
        raise DemoFailed(f"expected {wanted}, got {answer.status} {await answer.text()}")
    return await answer.json()


@asynccontextmanager
async def staged(
    *, seed: int, customers: int, invoices: int, observer: Observer, country: Country = "NZ"
) -> AsyncIterator[Stage]:
    """Set the stage with seeded books of a country; everything has ended when the block is left.

    Raises OSError when no port or folder is to be had, and whatever the daemon raises at its start.
    """
    clock = SandboxClock(time.time)
    countries = (country, by_hand.COUNTRY)
    xero = XeroWorld(clock=clock, seed=seed, organisations=2, countries=countries)
    pipeline = PipelineWorld(clock=clock, seed=seed, tenants=(TENANT, by_hand.TENANT))
    bookkeepers = {TENANT: xero.bookkeeper}
    seed_books(
        pipeline, bookkeepers, seed=seed, customers=customers, invoices=invoices, country=country
    )
    by_hand.keep(pipeline, xero.bookkeeper)
    with tempfile.TemporaryDirectory(prefix="syncd-demo-") as name:
        async with serve_worlds(xero=xero, pipeline=pipeline) as served:
            folder = Path(name)
            token = secrets.token_urlsafe(24)
            sections = _sections(
                folder, served, xero, pipeline, token, tax_types=TAX_TYPES_OF[country]
            )
            config = folder / "syncd.toml"
            config.touch(mode=0o600)
            config.write_text(toml(sections), encoding="utf-8")
            log = folder / "syncd.log"
            options = sources.load(config, environment={})
            async with _running(options, log, observer) as system:
                # Xero asks at once whether anybody judges signatures there, so not before.
                await _aim(xero, pipeline, options.server.public_url)
                operator_url = f"http://{options.server.listen}"
                yield Stage(
                    folder=folder,
                    config=config,
                    log=log,
                    operator_url=operator_url,
                    worlds=served,
                    xero=xero,
                    pipeline=pipeline,
                    system=system,
                    token=token,
                    login_link=await _login_link(operator_url, token),
                )


@asynccontextmanager
async def _running(options: Options, log: Path, observer: Observer) -> AsyncIterator[System]:
    """The daemon at work, as `syncd run` has it; drained at the end."""
    began_s = anyio.current_time()
    with log.open("w", encoding="utf-8") as stream:
        clock = SystemClock()
        logger = make_logger(clock, stream=stream, pretty=False)
        async with real_machine(
            options,
            observers=(log_observer(logger, clock), observer),
            on_observer_failure=lambda text: logger.error("observer.failed", error=text),
        ) as machine:
            system = await bootstrap.build(options, machine)
            async with anyio.create_task_group() as group:
                started = anyio.Event()
                group.start_soon(lambda: system.daemon.run(started=started))
                await started.wait()
                machine.scheduler.start()
                bootstrap.announce(system, took_s=anyio.current_time() - began_s)
                try:
                    yield system
                finally:
                    machine.scheduler.stop()
                    system.daemon.drain("the demo is over")


async def _aim(xero: XeroWorld, pipeline: PipelineWorld, public_url: str) -> None:
    """Have both worlds post their webhooks to the daemon's public listener.

    Xero tries the address first, and the play begins when it has judged. Raises DemoFailed.
    """
    pipeline.webhooks.aim(f"{public_url}{PIPELINE_PATH}")
    xero.webhooks.aim(f"{public_url}{XERO_PATH}")
    with anyio.move_on_after(_CONNECT_S):
        while xero.webhooks.state == "validating":  # noqa: ASYNC110 - a witness has no events of ours
            await anyio.sleep(_POLL_S)
    if xero.webhooks.state != "healthy":
        state = xero.webhooks.state
        raise DemoFailed(
            f"expected Xero to accept our webhook address within {_CONNECT_S:g} s, it is {state}"
        )


def _sections(
    folder: Path,
    served: Served,
    xero: XeroWorld,
    pipeline: PipelineWorld,
    token: str,
    *,
    tax_types: Mapping[str, str],
) -> dict[str, Mapping[str, Any]]:
    listen, public = (f"127.0.0.1:{port}" for port in _free_ports(2))
    return {
        "server": {
            "listen": listen,
            "public_listen": public,
            "public_url": f"http://{public}",
        },
        "store": {"url": f"sqlite://{folder / 'syncd.db'}"},
        "security": {"encryption_key": new_encryption_key(), "operator_token": token},
        "xero": {
            "client_id": xero.client_id,
            "client_secret": xero.client_secret,
            "webhook_key": xero.webhook_key,
            "api_url": served.xero_url,
            "identity_url": served.xero_url,
            "authorize_url": xero.authorize_url,
        },
        # Everything else as in production.
        # A day's work is over in a minute: it passes, and what nobody does in a minute does not.
        "sync": {
            "poll_every_s": 2,
            "draft_quiet_s": 1,
            "brake_voids": BRAKE_VOIDS,
            "brake_window_s": 60,
        },
        f"tenants.{TENANT}": {
            **_tenant(TENANT, served, pipeline, COST_CODES, tax_types),
            "mode": "live",
        },
        # In `observe` until somebody applies a plan: no mode of its own here.
        f"tenants.{by_hand.TENANT}": _tenant(
            by_hand.TENANT, served, pipeline, by_hand.COST_CODES, by_hand.TAX_TYPES
        ),
    }


def _tenant(
    name: str,
    served: Served,
    pipeline: PipelineWorld,
    cost_codes: Mapping[str, str],
    tax_types: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "pipeline_url": f"{served.pipeline_url}{BASE}",
        "pipeline_key": pipeline.keys[name],
        "pipeline_webhook_secret": pipeline.webhook_secrets[name],
        "invoice_url": "https://app.pipeline.example/invoices/{id}",
        "due_days": DUE_DAYS,
        "cost_codes": {code: {"account": account} for code, account in cost_codes.items()},
        "tax_types": tax_types,
    }


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on now: Xero must know our address before we listen there."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in listeners]
    for each in listeners:
        each.close()
    return ports


def toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Sections as a TOML file's text; texts, numbers and nested tables of them."""
    chapters = (
        "\n".join([f"[{name}]", *(f"{key} = {_value(each)}" for key, each in rows.items())])
        for name, rows in sections.items()
    )
    return "\n\n".join(chapters) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{json.dumps(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {inside} }}"
    return json.dumps(value, ensure_ascii=False)
