"""docs/cli.md names every command there is."""

from __future__ import annotations

import re
from pathlib import Path

from cyclopts import App

from syncd.cli import app
from syncd.cli.configuration import keys
from syncd.cli.contacts import contacts
from syncd.cli.database import db
from syncd.cli.findings import findings
from syncd.cli.invoices import invoices
from syncd.cli.tenants import tenants
from syncd.cli.webhooks import webhooks

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
GROUPS: dict[str, App] = {
    "db": db,
    "keys": keys,
    "tenants": tenants,
    "invoices": invoices,
    "contacts": contacts,
    "findings": findings,
    "webhooks": webhooks,
}


def commands(of: App) -> set[str]:
    return {name for name in of if not name.startswith("-")}


def test_page_lists_every_command_and_no_other() -> None:
    single = {(name,) for name in commands(app) - set(GROUPS)}
    grouped = {(name, each) for name, group in GROUPS.items() for each in commands(group)}

    listed = set()
    for words in re.findall(r"^\| `syncd ([a-z\- ]+)", PAGE, flags=re.MULTILINE):
        listed.add(tuple(words.split()))
    assert listed == single | grouped
