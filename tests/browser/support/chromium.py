"""Chromium over the real daemon on the demo's stage; what the browser complains of is kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import anyio
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from syncd.engine.operator.sessions import SessionService
from syncd.lab.demo import by_hand
from syncd.lab.demo.stage import TENANT, Stage, staged
from syncd.sandbox.user import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SETTLED_S = 60.0
_NUMBERS = count(1)


def binary() -> str:
    """The browser of this machine. Where none is, CI fails and everybody else is told aloud."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is not None:
        return found
    said = "no chromium on this machine, so no page was opened in a browser: apt install chromium"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@dataclass
class Watched:
    """One tab, and all it complained of: errors, violations of the policy, other hosts."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """What the console of the browser may say: statuses that the journey asks for."""

    def watch(self) -> None:
        host = urlsplit(self.base).netloc
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", self._said)
        self.page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).netloc == host
                else self.complaints.append(f"another host: {request.url}")
            ),
        )

    def _said(self, message: Any) -> None:
        is_expected = any(each in message.text for each in self.expected)
        if message.type in ("error", "warning") and not is_expected:
            self.complaints.append(f"{message.type}: {message.text}")

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path)


@dataclass(frozen=True)
class Site:
    """The daemon's console, and a browser to open it in."""

    stage: Stage
    browser: Browser
    base: str

    @asynccontextmanager
    async def tab(
        self, *, javascript: bool = True, expected: tuple[str, ...] = (), **more: Any
    ) -> AsyncIterator[Watched]:
        """A tab in a profile of its own, signed in with a link."""
        context: BrowserContext = await self.browser.new_context(
            java_script_enabled=javascript, reduced_motion="reduce", **more
        )
        context.set_default_timeout(30_000)
        try:
            watched = Watched(await context.new_page(), self.base, expected=expected)
            watched.watch()
            operator = self.stage.system.operators[0]
            sessions = SessionService(self.stage.system.context)
            offer = await sessions.offer(operator.name, operator.token_mark)
            await watched.open(f"/login/{offer.ticket}")
            await watched.page.get_by_role("button", name="Sign in").click()
            await watched.page.wait_for_url(f"{self.base}/")
            yield watched
        finally:
            await context.close()


@asynccontextmanager
async def site(
    *, invoices: int = 24, customers: int = 12, connect: bool = True
) -> AsyncIterator[Site]:
    """The demo's stage, its books at rest, and the browser."""
    path = binary()
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with (
        staged(seed=1, customers=customers, invoices=invoices, observer=lambda _: None) as stage,
        async_playwright() as driver,
    ):
        browser = await driver.chromium.launch(executable_path=path, args=flags)
        try:
            if connect:
                await stage.connect()
                await at_rest(stage)
            yield Site(stage, browser, stage.operator_url)
        finally:
            await browser.close()


async def at_rest(stage: Stage) -> None:
    """Nothing of the demo's tenant is queued any more."""
    with anyio.fail_after(SETTLED_S):
        while True:
            standing = await asked(stage, f"/tenants/{TENANT}")
            if sum(standing["invoices"].values()) and not standing["backlog"]:
                return
            await anyio.sleep(0.1)


async def asked(stage: Stage, path: str, *, method: str = "GET") -> Any:
    """What the API says; with POST, to an empty body."""
    bearer = {"Authorization": f"Bearer {stage.token}"}
    async with (
        aiohttp.ClientSession(headers=bearer) as session,
        session.request(
            method,
            f"{stage.operator_url}/api/v1{path}",
            json={} if method == "POST" else None,
        ) as answer,
    ):
        return await answer.json()


async def ordered(stage: Stage, path: str, body: Any) -> Any:
    """What the API says to an order."""
    bearer = {"Authorization": f"Bearer {stage.token}"}
    async with (
        aiohttp.ClientSession(headers=bearer) as session,
        session.post(f"{stage.operator_url}/api/v1{path}", json=body) as answer,
    ):
        return await answer.json()


async def done(stage: Stage, kind: str) -> str:
    """A job is ordered and carried out; what came of it."""
    jobs = f"/tenants/{TENANT}/jobs"
    job = await ordered(stage, f"{jobs}/{kind}", {} if kind == "plan" else None)
    with anyio.fail_after(SETTLED_S):
        while job["state"] == "running":
            await anyio.sleep(0.1)
            job = await asked(stage, f"{jobs}/{job['id']}")
    return str(job["result"])


async def known_twice(stage: Stage, name: str) -> str:
    """A customer whose reference two contacts carry, once the daemon has looked; the id."""
    for branch in ("North", "South"):
        contact = {"Name": f"{name} {branch}", "AccountNumber": name}
        stage.xero.bookkeeper({"do": "create_contact", "set": contact})
    made = User(stage.pipeline)({"do": "create_customer", "ref": name, "name": name})
    path = f"/tenants/{TENANT}/contacts/{made['id']}"
    with anyio.fail_after(SETTLED_S):
        while True:
            found = await asked(stage, path)
            if found.get("state") == "waiting" and len(found["candidates"]) > 1:
                return str(made["id"])
            await anyio.sleep(0.1)


async def edit_by_hand(stage: Stage, number: str) -> None:
    """Somebody edits an invoice of the tenant that observes, and the daemon knows of it."""
    path = f"/tenants/{by_hand.TENANT}/invoices?q={number}"
    before = (await asked(stage, path))["items"][0]["version"]
    edit = {"do": "edit_invoice", "tenant": by_hand.TENANT, "number": number}
    User(stage.pipeline)({**edit, "set": {"reference": "edited since"}})
    with anyio.fail_after(SETTLED_S):
        while True:
            if (await asked(stage, path))["items"][0]["version"] > before:
                return
            await anyio.sleep(0.1)


async def invoice_id(stage: Stage, **filters: str) -> str:
    """The first invoice of a listing."""
    path = f"/tenants/{TENANT}/invoices?{urlencode(filters)}"
    with anyio.fail_after(SETTLED_S):
        while True:
            found = (await asked(stage, path))["items"]
            if found:
                return str(found[0]["id"])
            await anyio.sleep(0.1)


def move(stage: Stage, key: str, xero_id: str) -> None:
    """Somebody edits the reference in Pipeline, somebody else in Xero, as nobody did before."""
    number = next(_NUMBERS)
    xero, pipeline = {"Reference": f"X-{number}"}, {"reference": f"P-{number}"}
    stage.xero.bookkeeper({"do": "edit", "invoice": xero_id, "set": xero})
    User(stage.pipeline)({"do": "edit_invoice", "id": key, "set": pipeline})


async def part_both_sides(stage: Stage) -> str:
    """Somebody edits an invoice in Pipeline while somebody else edits it in Xero; its id."""
    listed = await asked(stage, f"/tenants/{TENANT}/invoices?state=synced&limit=50")
    one = next(each for each in listed["items"] if each["xero_status"] == "AUTHORISED")
    move(stage, one["id"], one["xero_invoice_id"])
    path = f"/tenants/{TENANT}/invoices/{one['id']}"
    with anyio.fail_after(SETTLED_S):
        while True:
            if (await asked(stage, path))["state"] == "out_of_sync":
                return str(one["id"])
            await anyio.sleep(0.1)
