"""`syncd sandbox`: a pretend Xero and a pretend Pipeline on ports, for people who build on them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from functools import partial
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
from aiohttp import web

from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.pretend.sandbox_state import StateFile
from syncd.domain.model.value import Value
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import BASE, PipelineWorld
from syncd.sandbox.seed import Country, seed_books
from syncd.sandbox.serve import AUTHORIZE, Served, SiteFactory, serve_worlds
from syncd.sandbox.xero.ledger import reference
from syncd.sandbox.xero.server.app import XeroWorld

_ANYWHERE = "127.0.0.1:0"
_XERO_HOOK = "/webhooks/xero"
_PIPELINE_HOOK = "/webhooks/pipeline/{tenant}"


async def sandbox(
    *,
    xero: str = _ANYWHERE,
    pipeline: str = _ANYWHERE,
    seed: int = 0,
    json: bool = False,
    redirect_uri: Sequence[str] = (),
    webhook_url: str | None = None,
    organisations: int = 1,
    customers: int = 0,
    invoices: int = 0,
    country: Country | None = None,
    state: Path | None = None,
) -> None:
    """Run the emulators only, until SIGTERM or Ctrl-C.

    Parameters
    ----------
    xero
        HOST:PORT the pretend Xero listens on; port 0 takes a free one.
    pipeline
        HOST:PORT the pretend Pipeline listens on; port 0 takes a free one.
    seed
        Same seed, same ids, keys and books.
    json
        Print one JSON object with every address and secret as the first line.
    redirect_uri
        A redirect the app has registered, besides any loopback address; may be repeated.
    webhook_url
        Where webhooks go: syncd's public listener, or the whole address of its /webhooks/xero.
    organisations
        How many organisations the Xero user has; Pipeline has as many tenants.
    customers
        How many customers each tenant begins with.
    invoices
        How many invoices each tenant begins with; from ten on, some cannot be sent.
    country
        Where every organisation is: its chart, tax types and currency, and the rates and closed
        quarters of the invoices it begins with. Without it they take turns, the first in NZ.
    state
        A file that keeps both worlds: read at the start when it exists, written every few seconds
        while something happens, and at the end.
    """
    if organisations < 1:
        end(Exit.USAGE, f"--organisations: expected 1 or more, got {organisations}")
    worlds = _worlds(seed, organisations, redirect_uri, country)
    kept = None if state is None else StateFile(state, worlds.xero, worlds.pipeline)
    if kept is None or not kept.is_there:
        worlds.fill(seed=seed, customers=customers, invoices=invoices, country=country or "NZ")
    worlds.aim(webhook_url)
    with kept or nullcontext():
        await worlds.serve(
            _site("--xero", xero), _site("--pipeline", pipeline), as_json=json, kept=kept
        )


class Worlds(Value, frozen=True, kw_only=True, gc=True):
    """Both pretend worlds, before they are served."""

    xero: XeroWorld
    pipeline: PipelineWorld

    async def serve(
        self,
        xero: SiteFactory,
        pipeline: SiteFactory,
        *,
        as_json: bool,
        kept: StateFile | None = None,
    ) -> None:
        """Answer on both sites, having said where, until a signal to stop."""
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            try:
                async with serve_worlds(
                    xero=self.xero,
                    pipeline=self.pipeline,
                    xero_site=xero,
                    pipeline_site=pipeline,
                    kill=_kill,
                    on_change=kept.touch if kept else None,
                ) as served:
                    _say(self.introduced(served), as_json=as_json)
                    await _stopped(signals, kept)
            except OSError as error:
                end(Exit.FAILED, f"cannot listen: {error.strerror or error}")

    def fill(self, *, seed: int, customers: int, invoices: int, country: Country = "NZ") -> None:
        """Give every tenant books to begin with, each against an organisation of its own."""
        if not customers and not invoices:
            return
        bookkeepers = {
            name: partial(self._bookkeeper, place)
            for place, name in enumerate(self.pipeline.tenants)
        }
        seed_books(
            self.pipeline,
            bookkeepers,
            seed=seed,
            customers=customers,
            invoices=invoices,
            country=country,
        )

    def _bookkeeper(self, place: int, command: dict[str, Any]) -> dict[str, Any]:
        return self.xero.bookkeeper({"organisation": place, **command})

    def aim(self, url: str | None) -> None:
        """Post webhooks to syncd's public listener, or Xero's alone to an address of its own."""
        if url is None:
            return
        path = urlsplit(url).path.rstrip("/")
        if path not in {"", _XERO_HOOK}:
            self.xero.webhooks.aim(url)
            return
        listener = url.rstrip("/").removesuffix(_XERO_HOOK)
        self.xero.webhooks.aim(listener + _XERO_HOOK)
        self.pipeline.webhooks.aim(listener + _PIPELINE_HOOK)

    def introduced(self, served: Served) -> dict[str, Any]:
        """Every address and secret a client needs, as `syncd sandbox --json` prints them."""
        name = next(iter(self.pipeline.tenants))
        return {
            "xero": {
                "api_url": served.xero_url,
                "identity_url": served.xero_url,
                "authorize_url": f"{served.xero_url}{AUTHORIZE}",
                "client_id": self.xero.client_id,
                "client_secret": self.xero.client_secret,
                "webhook_key": self.xero.webhook_key,
                "control_url": f"{served.xero_url}/_sandbox",
            },
            "pipeline": {
                "url": f"{served.pipeline_url}{BASE}",
                "key": self.pipeline.keys[name],
                "webhook_secret": self.pipeline.webhook_secrets[name],
                "control_url": f"{served.pipeline_url}/_sandbox",
                "tenants": {
                    each: {
                        "key": self.pipeline.keys[each],
                        "webhook_secret": self.pipeline.webhook_secrets[each],
                    }
                    for each in self.pipeline.tenants
                },
            },
        }


def _worlds(
    seed: int, organisations: int, redirect_uris: Sequence[str], country: Country | None
) -> Worlds:
    """Both worlds, empty; without a country the organisations take turns through all of them."""
    clock = SandboxClock(time.time)
    xero = XeroWorld(
        clock=clock,
        seed=seed,
        organisations=organisations,
        redirect_uris=redirect_uris,
        countries=reference.ORDER if country is None else (country,),
    )
    pipeline = PipelineWorld(clock=clock, seed=seed, tenants=_tenants(organisations))
    return Worlds(xero=xero, pipeline=pipeline)


async def _stopped(signals: AsyncIterator[signal.Signals], kept: StateFile | None) -> None:
    async with anyio.create_task_group() as group:
        if kept is not None:
            group.start_soon(kept.keep)
        async for _signal in signals:
            group.cancel_scope.cancel()


def _tenants(count: int) -> list[str]:
    return ["demo", *(f"demo-{at}" for at in range(2, count + 1))]


def _site(flag: str, address: str) -> SiteFactory:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        end(Exit.USAGE, f"{flag}: expected HOST:PORT, got {address!r}")
    return lambda runner: web.TCPSite(runner, host.strip("[]"), int(port))


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _say(introduced: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        line = dumps(introduced)
    else:
        rows = [
            f"{world:9}{name:15}{value}"
            for world, fields in introduced.items()
            for name, value in fields.items()
            if isinstance(value, str)
        ]
        line = "\n".join(rows)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
