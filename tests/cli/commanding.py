"""A daemon's operator listener, and the configuration file that leads commands to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from syncd.cli.parameters import Reached
from syncd.telemetry.health import Health
from tests.engine.support.operating import Desk
from tests.web.support.serving import TOKENS, operators

OPERATORS = [("office", "Office"), ("boss", "Super User"), ("admin", "Admin")]


def lines(*, listen: str, store: Path, public: str = "127.0.0.1:0", remote: str = "") -> str:
    """A whole configuration; `remote` is where Xero and Pipeline are said to be."""
    remote = remote or "http://127.0.0.1:9"
    found = f"""
[server]
listen = "{listen}"
public_listen = "{public}"

[store]
url = "sqlite://{store}"

[security]
encryption_key = "{Fernet.generate_key().decode()}"

[xero]
client_id = "app"
client_secret = "s"
api_url = "{remote}"
identity_url = "{remote}"

[tenants.acme]
pipeline_url = "{remote}/api/v1"
pipeline_key = "k"
invoice_url = "https://p.example.com/{{id}}"
"""
    for name, role in OPERATORS:
        found += f'\n[[security.operators]]\nname = "{name}"\nrole = "{role}"\n'
        found += f'token = "{TOKENS[role]}"\n'
    return found


@dataclass(frozen=True, kw_only=True)
class Commanded:
    """A daemon that answers, and the file that says where."""

    desk: Desk
    health: Health
    base: str
    config: Path

    @property
    def daemon(self) -> Reached:
        """What leads a command there."""
        return Reached(config=self.config)


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[Commanded]:
    """The operator listener over a seedable store, and a configuration that leads there."""
    async with operators() as served:
        config = folder / "syncd.toml"
        listen = served.client.base.removeprefix("http://")
        config.write_text(lines(listen=listen, store=folder / "syncd.db"), "utf-8")
        yield Commanded(
            desk=served.desk, health=served.health, base=served.client.base, config=config
        )
