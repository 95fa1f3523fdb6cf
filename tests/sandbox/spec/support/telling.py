"""The whole acceptance story told once: every answer that was given, and every webhook sent."""

from __future__ import annotations

from dataclasses import dataclass

import urllib3

from tests.sandbox.acceptance.support.listening import Delivery
from tests.sandbox.acceptance.support.running import Exchange, Recorder, started
from tests.sandbox.acceptance.support.sdk import Xero
from tests.sandbox.acceptance.support.story import CHAPTERS

API = "/api.xro/2.0"


@dataclass(frozen=True, slots=True)
class Told:
    """What one run of the story left behind."""

    exchanges: tuple[Exchange, ...]
    webhooks: tuple[Delivery, ...]


def tell() -> Told:
    """Run every chapter against a sandbox of its own books."""
    webhooks: list[Delivery] = []
    with started("--seed", "11") as sandbox, urllib3.PoolManager() as http:
        recorder = Recorder(http)
        for chapter in CHAPTERS:
            sandbox.begin()
            xero = Xero(sandbox, recorder, webhooks=webhooks)
            xero.connect()
            chapter(xero)
    return Told(tuple(recorder.exchanges), tuple(webhooks))
