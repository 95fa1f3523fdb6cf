"""Takes the pictures of the console that documents show: `make screens` writes docs/screens/.

The demo's stage with a fixed seed, its two pretend worlds acted on until each state stands; what
differs between two runs are the times, for the daemon runs by the machine's clock.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio

from syncd.lab.demo import by_hand
from syncd.lab.demo.stage import TENANT, Stage
from syncd.sandbox.user import User
from tests.browser.support.chromium import Site, Watched, asked, part_both_sides, site

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "screens"
CARD, BY_HAND = f"/t/{TENANT}", f"/t/{by_hand.TENANT}"
CUSTOMERS, INVOICES = 20, 60
SHOWN_S = 60.0
WIDE, NARROW = 1280, 390
TALLEST = {WIDE: 950, NARROW: 1500}
"""Pixels of height a picture may have; what stands below is left out."""
LIGHT: Mapping[str, Any] = {"color_scheme": "light", "forced_colors": "none", "media": "screen"}
DARK = {**LIGHT, "color_scheme": "dark"}
FORCED = {**LIGHT, "forced_colors": "active"}
PRINT = {**LIGHT, "media": "print"}


class Camera:
    """One tab, and the folder its pictures go to."""

    def __init__(self, tab: Watched, folder: Path) -> None:
        self._tab, self._folder = tab, folder

    async def take(
        self, name: str, path: str, *, width: int = WIDE, media: Mapping[str, Any] = LIGHT
    ) -> None:
        """The page at the path, from its top."""
        page = self._tab.page
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(**media)
        await self._tab.open(path)
        tall = int(await page.evaluate("document.documentElement.scrollHeight"))
        area = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST[width])}
        png = await page.screenshot(full_page=True, clip=area)  # type: ignore[arg-type]  # a literal
        (self._folder / f"{name}.png").write_bytes(packed(png))

    async def three(self, name: str, path: str) -> None:
        """Light, dark, and on a telephone."""
        await self.take(f"{name}-light", path)
        await self.take(f"{name}-dark", path, media=DARK)
        await self.take(f"{name}-390", path, width=NARROW)


def packed(png: bytes) -> bytes:
    """The same picture, packed as small as it goes: a browser packs in haste (PNG, chapter 5)."""
    head, at, before, pixels, after = png[:8], 8, b"", b"", b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        chunk = png[at : at + length + 12]
        if chunk[4:8] == b"IDAT":
            pixels += chunk[8:-4]
        elif pixels:
            after += chunk
        else:
            before += chunk
        at += length + 12
    body = b"IDAT" + zlib.compress(zlib.decompress(pixels), 9)
    size, check = struct.pack(">I", len(body) - 4), struct.pack(">I", zlib.crc32(body))
    return head + before + size + body + check + after


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """What is looked for, as soon as it is there."""
    with anyio.fail_after(SHOWN_S):
        while True:
            if found := await look():
                return found
            await anyio.sleep(0.1)


async def done(stage: Stage, tenant: str, kind: str) -> Any:
    """What came of a job that is begun here."""
    job = await asked(stage, f"/tenants/{tenant}/jobs/{kind}", method="POST")

    async def ended() -> Any:
        now = await asked(stage, f"/tenants/{tenant}/jobs/{job['id']}")
        return now if now["state"] not in ("waiting", "running") else None

    return await until(ended)


async def take_all(at: Site, camera: Camera) -> None:
    """Every state in turn; each stands on what the one before has left."""
    stage = at.stage
    await stage.connect(by_hand.TENANT, organisation=by_hand.ORGANISATION)
    await camera.take("observe", BY_HAND)
    await done(stage, by_hand.TENANT, "plan")
    plans = await asked(stage, f"/tenants/{by_hand.TENANT}/plans")
    await camera.take("plan", f"{BY_HAND}/plans/{plans['items'][0]['hash']}")

    invoice = await part_both_sides(stage)
    await camera.three("overview", CARD)
    await camera.take("forced-colours", CARD, media=FORCED)
    await camera.three("invoice", f"{CARD}/invoices/{invoice}")
    await camera.take("waiting", f"{CARD}/invoices?state=waiting")
    customers = await asked(stage, f"/tenants/{TENANT}/contacts?state=waiting")
    await camera.take("contact", f"{CARD}/contacts/{customers['items'][0]['id']}")
    await camera.take("findings", f"{CARD}/findings")
    await camera.take("webhooks", f"{CARD}/webhooks")

    await done(stage, TENANT, "report")
    reports = await asked(stage, f"/tenants/{TENANT}/reports")
    report = f"{CARD}/reports/{reports['items'][0]['digest']}"
    await camera.take("report", report)
    await camera.take("report-print", f"{report}.html", media=PRINT)

    stage.xero.bookkeeper({"do": "withdraw"})
    await asked(stage, f"/tenants/{TENANT}/refresh", method="POST")
    await until(lambda: _expired(stage))
    await camera.take("token-expired", CARD)

    await stage.connect(TENANT)
    User(stage.pipeline)({"do": "delete_many", "tenant": TENANT, "count": 30})
    await until(lambda: _halted(stage))
    await camera.take("brake", f"{CARD}/brake")


async def _halted(stage: Stage) -> bool:
    return bool((await asked(stage, "/brakes"))["items"])


async def _expired(stage: Stage) -> bool:
    return bool((await asked(stage, f"/tenants/{TENANT}"))["status"] == "TOKEN_EXPIRED")


async def taken(folder: Path) -> list[str]:
    """Take them all; what the browser complained of. An earlier run's are written over."""
    async with (
        site(invoices=INVOICES, customers=CUSTOMERS) as at,
        at.tab(expected=("404 (Not Found)",)) as tab,  # a report that prints has no icon
    ):
        await take_all(at, Camera(tab, folder))
        return tab.complaints


def main() -> None:
    """Take them, and say how much they weigh. Fails where the browser complained."""
    FOLDER.mkdir(exist_ok=True)
    complaints = asyncio.run(taken(FOLDER))
    sizes = [one.stat().st_size for one in FOLDER.glob("*.png")]
    print(f"{len(sizes)} pictures, {sum(sizes) / 1e6:.1f} MB")  # noqa: T201 - a command
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    main()
