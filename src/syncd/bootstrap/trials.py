"""Tries what a configuration says of others with one call each: Pipeline, Xero, our own daemon.

Asked by `syncd check-config`. Nothing is changed anywhere: a page of one change is read from each
Pipeline, and Xero is asked to renew a token that is none, which it refuses after it has looked at
the app's id and secret.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio

from syncd.bootstrap import adapters, notifying, preflight
from syncd.bootstrap.adapters import Transports
from syncd.config.options import Options
from syncd.domain.errors import NotSent, RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.rules.text import wording
from syncd.pipeline.billing import PipelineBilling
from syncd.ports.transport import HttpRequest, HttpResponse, Transport
from syncd.runtime.aiohttp_transport import AiohttpTransport, tcp_transport
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.system_entropy import SystemEntropy
from syncd.web.http.deadlines import NEUTRAL_HEADERS
from syncd.xero.oauth import XeroIdentity
from syncd.xero.token_answers import InvalidClient

WITHIN_S = 10.0
"""Each call ends by then."""
NO_TOKEN = "a-token-that-is-none-to-try-the-app"  # noqa: S105  (made up, and refused by all)
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  (compared, not bound)


async def problems(options: Options) -> list[str]:
    """What others refuse, or do not answer, by key."""
    async with _transports() as transport:
        clock = SystemClock()
        billing = PipelineBilling(adapters.pipeline_client(options, transport, clock=clock))
        identity = adapters.identity(options, transport, clock=clock, entropy=SystemEntropy())
        found = [
            await pipeline_problem(billing, TenantId(name), tenant.pipeline_url)
            for name, tenant in sorted(options.tenants.items())
        ]
        found.append(await _app_problem(identity, options.xero.identity_url))
        found.append(await _books_problem(transport("xero"), options.xero.api_url))
        found.append(await notifying.mail_problem(options, clock))
    return [problem for problem in found if problem]


async def own_daemon(options: Options, taken: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Of a daemon that has this store open: what of `taken` is not its own, and what it lacks.

    An address it listens on itself is no problem; an operator's token it does not know is a hint
    that it has not reloaded.
    """
    addresses = dict(
        zip(
            preflight.LISTENERS,
            (options.server.listen, options.server.public_listen),
            strict=True,
        )
    )
    async with _transports() as transport:
        probe = transport("self")
        foreign = [
            f"{problem}, and not by the daemon that has this store open"
            for key, problem in taken.items()
            if not _is_ours(await _answer(probe, _base(addresses[key])))
        ]
        hints = []
        if preflight.LISTENERS[0] in taken and not foreign:
            hints = [hint async for hint in _unknown_tokens(probe, options)]
    return foreign, hints


async def _unknown_tokens(probe: Transport, options: Options) -> AsyncIterator[str]:
    url = f"{_base(options.server.listen)}/api/v1/tenants"
    for one in options.security.all_operators():
        answer = await _answer(probe, url, token=one.token.get_secret_value())
        if answer is not None and answer.status == HTTPStatus.UNAUTHORIZED:
            yield (
                f"security: the running daemon does not know the token of operator {one.name!r} "
                "yet; syncd reload"
            )


async def pipeline_problem(billing: PipelineBilling, tenant: TenantId, url: str) -> str:
    """Why this tenant's Pipeline cannot be read, by key; empty when it can."""
    where = f"tenants.{tenant}.pipeline_url: {url}"
    try:
        with anyio.fail_after(WITHIN_S):
            await billing.changes_since(tenant, None, limit=1)
    except Unauthorised:
        return f"tenants.{tenant}.pipeline_key: Pipeline at {url} refuses it"
    except Throttled:
        return ""  # it knows the key
    except TimeoutError:
        return f"{where} does not answer within {WITHIN_S:g} s"
    except NotSent:
        return f"{where} cannot be reached: {_UNREACHED}"
    except RemoteError as error:
        return f"{where} does not answer as Pipeline does: {wording.what_happened(error)}"
    return ""


_UNREACHED = "its name is unknown, or nothing listens there"


async def _app_problem(identity: XeroIdentity, url: str) -> str:
    where = f"xero.identity_url: {url}"
    try:
        with anyio.fail_after(WITHIN_S):
            await identity.refresh(NO_TOKEN)
    except InvalidClient:
        return "xero.client_secret: Xero does not know this client_id with this client_secret"
    except (Unauthorised, Throttled):
        return ""  # it knows the app, and refuses the token
    except TimeoutError:
        return f"{where} does not answer within {WITHIN_S:g} s"
    except NotSent:
        return f"{where} cannot be reached: {_UNREACHED}"
    except RemoteError as error:
        return f"{where} does not answer as Xero does: {wording.what_happened(error)}"
    return ""


async def _books_problem(transport: Transport, url: str) -> str:
    """Xero's books answer; without a token nothing more can be asked."""
    if await _answer(transport, f"{url}/connections") is None:
        return f"xero.api_url: {url} cannot be reached: {_UNREACHED}"
    return ""


async def _answer(transport: Transport, url: str, *, token: str = "") -> HttpResponse | None:
    """What comes of one GET; None for nothing."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        request = HttpRequest(method="GET", url=url, headers=headers, timeout_s=WITHIN_S)
        return await transport.send(request)
    except RemoteError:
        return None


def _is_ours(answer: HttpResponse | None) -> bool:
    return answer is not None and answer.headers.get("server") == NEUTRAL_HEADERS["Server"]


def _base(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    return f"http://{_EVERYWHERE.get(host, host)}:{port}"


@asynccontextmanager
async def _transports() -> AsyncIterator[Transports]:
    made: list[AiohttpTransport] = []

    def transport(system: str) -> Transport:
        made.append(tcp_transport(system))
        return made[-1]

    try:
        yield transport
    finally:
        for each in made:
            await each.close()
