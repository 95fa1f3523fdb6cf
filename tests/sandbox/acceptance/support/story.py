"""The acceptance story in chapters: what an application built on Xero does, told with its SDK."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getmembers, isfunction
from types import ModuleType

from tests.sandbox.acceptance.support import (
    story_contacts,
    story_identity,
    story_invoices,
    story_money,
    story_transport,
    story_webhooks,
)
from tests.sandbox.acceptance.support.sdk import Xero

Chapter = Callable[[Xero], None]


def _chapters(*modules: ModuleType) -> list[Chapter]:
    return [
        chapter
        for module in modules
        for name, chapter in getmembers(module, isfunction)
        if chapter.__module__ == module.__name__
        and list(chapter.__annotations__) == ["xero", "return"]
        and chapter.__annotations__["return"] == "None"
        and not name.startswith("_")
    ]


CHAPTERS = _chapters(
    story_identity,
    story_contacts,
    story_invoices,
    story_money,
    story_transport,
    story_webhooks,
)
