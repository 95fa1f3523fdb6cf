"""Who may do what: apps, codes, refresh tokens and connections (facts §1.2 to §1.7).

Kept by `identity` and `connections`; the gateway asks it whether a tenant is connected. One person
stands behind all consents of the sandbox.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

CODE_S = 300
GRACE_S = 1800
REFRESH_S = 60 * 86_400
ID_TOKEN_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A registered app. One without a secret is of the PKCE type."""

    client_id: str
    secret: str | None = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Code:
    """An authorisation code: single use, five minutes."""

    client_id: str
    redirect_uri: str
    scopes: list[str]
    challenge: str | None
    event_id: str
    issued_ms: int
    used: bool = False


@dataclass(slots=True, kw_only=True)
class RefreshToken:
    """A refresh token, when it was first used, and the ones issued for it."""

    client_id: str
    scopes: list[str]
    event_id: str
    session_id: str
    auth_ms: int
    issued_ms: int
    used_ms: int | None = None
    revoked: bool = False
    children: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Connection:
    """An organisation a user connected to the app."""

    id: str
    client_id: str
    tenant_id: str
    event_id: str
    created_ms: int
    updated_ms: int
    live: bool = True


@dataclass(slots=True)
class Grants:
    """All of it."""

    codes: dict[str, Code] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    revoked_sessions: dict[str, int] = field(default_factory=dict)

    def connection(self, client_id: str, tenant_id: str) -> Connection | None:
        """The app's live connection to the tenant."""
        for each in self.connections:
            if each.client_id == client_id and each.tenant_id == tenant_id and each.live:
                return each
        return None

    def live(self, client_id: str) -> list[Connection]:
        """The app's live connections, oldest first."""
        return [each for each in self.connections if each.client_id == client_id and each.live]

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def load(self, dumped: dict[str, Any]) -> None:
        """As it was dumped."""
        self.codes = {key: Code(**each) for key, each in dumped["codes"].items()}
        self.refresh_tokens = {
            key: RefreshToken(**each) for key, each in dumped["refresh_tokens"].items()
        }
        self.connections = [Connection(**each) for each in dumped["connections"]]
        self.revoked_sessions = dict(dumped["revoked_sessions"])
