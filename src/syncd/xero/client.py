"""One call to Xero: breaker, token, slot, transport, verdict.

The only place that sends to the Accounting API; called by `ledger`. A token is asked for before the
slot, so that no slot is held while one is refreshed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import anyio

from syncd.domain.errors import (
    BREAKER,
    NotRenewed,
    OutcomeUnknown,
    RemoteError,
    ServerTrouble,
    Throttled,
    TooLong,
    TooOld,
    Unauthorised,
)
from syncd.domain.facts import CallMade, RemoteMoved
from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import BudgetLeft, Lane
from syncd.ports.clock import Clock
from syncd.ports.tokens import Bearer, Tokens
from syncd.ports.transport import HttpRequest, HttpResponse, Transport
from syncd.xero import faults
from syncd.xero.breaker import Breaker
from syncd.xero.faults import RequestTraits, TokenRefused
from syncd.xero.quota import Quota, Remaining, Slot

_SYSTEM = "xero"
_API = "/api.xro/2.0"
MOST_BYTES = 16 * 1024 * 1024
"""Of one answer; who reads a list asks for fewer rows where many are longer together."""


class XeroRequest(Value, frozen=True, kw_only=True):
    """One request to Xero's API; `target` is path and query below the API's base."""

    not_shown = ("body",)

    operation: str
    method: str
    target: str
    lane: Lane
    body: bytes | None = None
    idempotency_key: IdempotencyKey | None = None
    modified_since: str | None = None
    not_after: datetime | None = None
    """The read behind it is too old after this: then it does not leave."""

    @property
    def is_write(self) -> bool:
        """It may change something in Xero; then it never waits for a slot."""
        return self.method != "GET"


class XeroClient:
    """Calls Xero for every tenant.

    `on_call` is told of each call once it has ended, and when the breaker opens or closes.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        api_url: str,
        tokens: Tokens,
        clock: Clock,
        quota: Quota,
        on_call: Callable[[CallMade | RemoteMoved], None],
        timeout_s: float = 60.0,
        make_breaker: Callable[[], Breaker] = Breaker,
    ) -> None:
        self._transport = transport
        self._base = api_url.rstrip("/") + _API
        self._tokens = tokens
        self._clock = clock
        self._quota = quota
        self._on_call = on_call
        self._timeout_s = timeout_s
        self._make_breaker = make_breaker
        self._breakers: dict[TenantId, Breaker] = {}

    async def request(self, tenant: TenantId, call: XeroRequest) -> HttpResponse:
        """A good answer to this call. Raises RemoteError's leaves.

        A token Xero refuses is renewed once and the call repeated once, writes too: a 401 was
        surely not applied. One that it has just issued it refuses for a fault of its own.
        """
        self._check_breaker(tenant, call.operation)
        bearer = await self._tokens.bearer(tenant)
        try:
            return await self._with_slot(tenant, call, bearer)
        except TokenRefused:
            renewed = await self._tokens.renew(tenant, bearer)
        try:
            return await self._with_slot(tenant, call, renewed, is_new=True)
        except TokenRefused as error:
            why = "it refuses the token it has just issued"
            raise NotRenewed(f"{error}: {why}", system=_SYSTEM, detail=why) from error

    async def reserve(self, tenant: TenantId, lane: Lane, calls: int) -> None:
        """See `Ledger.reserve`."""
        self._check_breaker(tenant, "reserve")
        await self._tokens.bearer(tenant)
        await self._quota.reserve(tenant, lane, calls)

    def budget_left(self, tenant: TenantId) -> BudgetLeft:
        """What is left of a tenant's allowance, and whether Xero answers, for people."""
        breaker = self._breaker(tenant)
        return replace(
            self._quota.budget_left(tenant),
            failing_since_s=breaker.failing_since_s,
            tried_at_s=breaker.retry_at_s if breaker.is_open else None,
        )

    def try_now(self, tenant: TenantId) -> None:
        """A person asked: where Xero fails for the tenant, one call tries at once."""
        self._breaker(tenant).try_now(anyio.current_time())

    async def _with_slot(
        self, tenant: TenantId, call: XeroRequest, bearer: Bearer, *, is_new: bool = False
    ) -> HttpResponse:
        async with self._quota.slot(tenant, call.lane, may_wait=not call.is_write) as slot:
            self._check_breaker(tenant, call.operation)
            self._still_fresh(call)
            # The gate may have closed while the call stood in its lane: then not a byte leaves.
            self._tokens.check(tenant)
            response = await self._exchange(tenant, call, bearer, slot)
        asked = RequestTraits(
            operation=call.operation,
            is_write=call.is_write,
            is_conditional=call.modified_since is not None,
        )
        error = faults.classify(response, asked)
        if isinstance(error, Unauthorised) and error.cause == "disconnected":
            error = await self._confirmed(tenant, bearer, error, faults.in_doubt(response, asked))
        self._judge(tenant, response, error, is_new=is_new)
        if error is None:
            return response
        if isinstance(error, Throttled):
            slot.throttled(faults.limit_named(response), faults.retry_after_s(response))
        if isinstance(error, Unauthorised) and error.cause == "insufficient_scope":
            await self._tokens.permission_missing(tenant, bearer, error.detail)
        if isinstance(error, Unauthorised) and error.cause == "role_refused":
            await self._tokens.role_refused(tenant, bearer)
        raise error

    async def _confirmed(
        self, tenant: TenantId, bearer: Bearer, error: Unauthorised, else_: RemoteError
    ) -> RemoteError:
        """What a 403 is that says "not connected": `error`, or trouble that Xero's list denies."""
        try:
            return error if await self._tokens.disconnected(tenant, bearer) else else_
        except BaseException:
            self._breaker(tenant).cancelled()
            raise

    async def _exchange(
        self, tenant: TenantId, call: XeroRequest, bearer: Bearer, slot: Slot
    ) -> HttpResponse:
        """Send once, and note for allowance, breaker and facts what came."""
        breaker = self._breaker(tenant)
        began_s = anyio.current_time()
        response: HttpResponse | None = None
        breaker.begin()
        try:
            response = await self._transport.send(self._http(call, bearer))
        except RemoteError as error:
            self._failed(tenant)
            raise self._transport_failure(call, error) from error
        finally:
            remaining = Remaining.of(response)
            slot.spent(remaining if response else None)
            self._on_call(
                CallMade(
                    tenant=tenant,
                    operation=call.operation,
                    status=response.status if response else 0,
                    took_s=anyio.current_time() - began_s,
                    bytes_read=response.wire_bytes if response else 0,
                    minute_remaining=remaining.minute,
                    day_remaining=remaining.day,
                    app_remaining=remaining.app,
                )
            )
            if response is None:
                breaker.cancelled()
        return response

    def _judge(
        self, tenant: TenantId, response: HttpResponse, error: RemoteError | None, *, is_new: bool
    ) -> None:
        """Whether Xero works for the tenant, by its answer to a token that `is_new` or not.

        That a token has ended says neither. What is no answer of Xero's own comes from something
        in front of it, which lets nothing through.
        """
        is_refused = isinstance(error, TokenRefused)
        if faults.is_trouble(response, error) or (is_refused and is_new):
            self._failed(tenant)
        elif is_refused:
            self._breaker(tenant).cancelled()
        else:
            was_open = self._breaker(tenant).is_open
            self._breaker(tenant).succeeded()
            self._report_breaker(tenant, was_open=was_open)

    def _failed(self, tenant: TenantId) -> None:
        was_open = self._breaker(tenant).is_open
        self._breaker(tenant).failed(anyio.current_time())
        self._report_breaker(tenant, was_open=was_open)

    def _report_breaker(self, tenant: TenantId, *, was_open: bool) -> None:
        """Tell that the breaker has opened or closed."""
        is_open = self._breaker(tenant).is_open
        if is_open is not was_open:
            self._on_call(RemoteMoved(tenant=tenant, system=_SYSTEM, is_failing=is_open))

    def _http(self, call: XeroRequest, bearer: Bearer) -> HttpRequest:
        headers = {
            "Authorization": f"Bearer {bearer.access_token}",
            "xero-tenant-id": bearer.organisation_id,
            "Accept": "application/json",
        }
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        if call.modified_since is not None:
            headers["If-Modified-Since"] = call.modified_since
        return HttpRequest(
            method=call.method,
            url=self._base + call.target,
            headers=headers,
            body=call.body,
            timeout_s=self._timeout_s,
            max_bytes=MOST_BYTES,
        )

    def _transport_failure(self, call: XeroRequest, error: RemoteError) -> RemoteError:
        """A failure of the transport, in the words of what was asked."""
        kind: type[RemoteError] = type(error)
        if isinstance(error, OutcomeUnknown) and not call.is_write:
            kind = ServerTrouble
        if isinstance(error, TooLong) and call.is_write:
            kind = OutcomeUnknown
        return kind(f"{call.operation}: {error}", system=_SYSTEM)

    def _still_fresh(self, call: XeroRequest) -> None:
        if call.not_after is not None and self._clock.now() > call.not_after:
            raise TooOld(
                f"{call.operation} was not sent: what it rests on was read too long ago and is "
                "read again",
                system=_SYSTEM,
            )

    def _check_breaker(self, tenant: TenantId, operation: str) -> None:
        wait_s = self._breaker(tenant).wait_s(anyio.current_time())
        if wait_s is not None:
            raise Throttled(
                f"Xero fails for {tenant}; {operation} rests {wait_s:.0f} s, then one call tries",
                retry_after_s=wait_s,
                limit=BREAKER,
                system=_SYSTEM,
            )

    def _breaker(self, tenant: TenantId) -> Breaker:
        if tenant not in self._breakers:
            self._breakers[tenant] = self._make_breaker()
        return self._breakers[tenant]
