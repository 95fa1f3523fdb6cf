"""Runs a consent: from a one-time ticket through Xero to Connected, or to a page that says why.

    start ──ticket──> open ──state, PKCE, cookie──> Xero ──code──> finish ──> Connected
                                                                      └─────> NotConnected(words)

Nothing of a grant is kept unless every check has passed. Called by the API (start) and by the pages
of the public listener (open, finish). Tickets and states are stored as digests, used once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from syncd.domain.errors import (
    Conflict,
    NotSent,
    OutcomeUnknown,
    RemoteError,
    ServerTrouble,
    StoreError,
    SyncdError,
    Throttled,
    Unauthorised,
)
from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.settings import TenantPolicy
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.connection import consent_failures, consent_words, organisation_choice
from syncd.engine.connection.consent_outcome import (
    Connected,
    ConsentOffer,
    ConsentOpened,
    NotConnected,
    Stopped,
)
from syncd.engine.connection.consent_return import give_back
from syncd.engine.connection.consent_words import ConsentProblem
from syncd.engine.connection.gate import catch_up_wanted
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import journal_entries
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.identity import Identity, OrganisationConnection, TokenPair
from syncd.ports.observer import Observer
from syncd.store import consents, tenants, tokens
from syncd.store.consents import OpenedConsent, UsedConsent
from syncd.store.journal import RecordType
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Store, Transaction

CONNECT_PATH = "/connect/xero"
CALLBACK_PATH = "/oauth/xero/callback"
TICKET_LIFE_S = 600.0
"""A ticket, and again the way through Xero and back."""
_TICKET_BYTES = 32
_NOTICED_SKEW_S = 300.0
_LONGEST_TEXT = 4096
"""More than any state or code of Xero's; what is longer is not looked at."""


class ConsentFlow:
    """Leads people through Xero's consent."""

    def __init__(
        self,
        *,
        tokens: TokenService,
        store: Store,
        identity: Identity,
        clock: Clock,
        entropy: Entropy,
        observe: Observer,
        policies: Mapping[TenantId, TenantPolicy],
        public_url: str,
    ) -> None:
        self._tokens = tokens
        self._connections = tokens.connections
        self._store = store
        self._identity = identity
        self._clock = clock
        self._entropy = entropy
        self._observe = observe
        self._policies = policies
        self._public_url = public_url.rstrip("/")

    async def start(self, tenant: TenantId, who: str) -> ConsentOffer:
        """A link that leads `who` to Xero, once, for ten minutes."""
        now = self._clock.now()
        ticket = self._entropy.token(_TICKET_BYTES)
        expires_at = now + timedelta(seconds=TICKET_LIFE_S)
        tx = Transaction()
        tx.add(consents.offer(tenant, _digest(ticket), created_by=who, expires_at=expires_at))
        await self._store.commit(tx)
        url = f"{self._public_url}{CONNECT_PATH}?ticket={ticket}"
        return ConsentOffer(url=url, ticket=ticket, expires_at=expires_at)

    async def open(self, ticket: str) -> ConsentOpened | NotConnected:
        """The way to Xero, with the cookie to set: the same whoever follows the link, and as often.

        A preview or a scanner that follows it first takes nothing away from the person it is for.
        The ticket is spent once somebody has come back.
        """
        now = self._clock.now()
        spent = NotConnected(
            problem=ConsentProblem.TICKET_SPENT,
            words=consent_words.plain(ConsentProblem.TICKET_SPENT),
        )
        offered = await self._store.fetch(consents.offered(_digest(ticket), now))
        if not offered:
            return spent
        (standing,) = offered
        if standing.sealed is not None:
            asked = self._tokens.encryption.opened_consent(standing.tenant, standing.sealed)
            return ConsentOpened(url=asked.url, cookie=asked.state)
        asked = self._identity.consent()
        opened = await self._store.run(
            consents.open_consent(
                _digest(ticket),
                state_digest=_digest(asked.state),
                sealed=self._tokens.encryption.consent(standing.tenant, asked),
                at=now,
                expires_at=now + timedelta(seconds=TICKET_LIFE_S),
            )
        )
        if not opened:
            return await self.open(ticket)  # somebody has opened it in the same instant
        return ConsentOpened(url=asked.url, cookie=asked.state)

    async def finish(
        self, query: Mapping[str, str], cookie: str | None
    ) -> Connected | NotConnected:
        """What Xero sent the browser back with, and the cookie the browser kept.

        The state is used up by this, whatever comes of it. Raises StoreError.
        """
        state = query.get("state", "")
        used: UsedConsent | None = None
        try:
            used = await self._used(state, cookie)
            return await self._granted(used, query)
        except Exception as error:  # noqa: BLE001  (the last resort: a person waits for a page)
            stopped = self._stopped(error)
            tenant = await self._note(state, used, stopped)
            again = None if used is None else await self._again(used)
            return NotConnected(
                problem=stopped.problem, words=stopped.words, tenant=tenant, again=again
            )

    def _stopped(self, error: Exception) -> Stopped:
        """Why the consent ends; an error nobody foresaw is told. Raises what the page says busy."""
        if isinstance(error, Stopped):
            return error
        if isinstance(error, SyncdError):
            raise error
        text = f"{type(error).__name__}: {error}"
        self._observe(ServiceFailed(service="consent", error=text, retry_after_s=0.0))
        return Stopped(ConsentProblem.OUR_MISTAKE)

    async def _again(self, used: UsedConsent) -> ConsentOffer | None:
        """A fresh link for whoever set out and came back; the page does without, if need be."""
        try:
            return await self.start(used.tenant, used.created_by)
        except StoreError:
            return None

    async def _note(
        self, state: str, used: UsedConsent | None, stopped: Stopped
    ) -> TenantId | None:
        """Write down whose consent failed and how; None when nobody knows whose it was.

        What comes back without its cookie uses nothing up, so it may come again: it is noted once.
        """
        now = self._clock.now()
        if used is not None:
            whose = OpenedConsent(tenant=used.tenant, created_by=used.created_by)
        else:
            found = await self._store.fetch(consents.underway(_digest(state), now))
            if not found:
                return None
            (whose,) = found
            if await consent_failures.is_repeated(self._store, whose, stopped, now):
                return whose.tenant
        await consent_failures.note(self._store, self._observe, whose, stopped, now)
        return whose.tenant

    async def _used(self, state: str, cookie: str | None) -> UsedConsent:
        """The consent this state belongs to. What is forged uses nothing up."""
        if not state or len(state) > _LONGEST_TEXT:
            raise Stopped(ConsentProblem.STATE_MISSING)
        if not cookie:
            raise Stopped(ConsentProblem.COOKIE_MISSING)
        if not hmac.compare_digest(_digest(cookie), _digest(state)):
            raise Stopped(ConsentProblem.STATE_MISMATCH)
        for used in await self._store.run(consents.use(_digest(state), self._clock.now())):
            return used
        raise Stopped(ConsentProblem.STATE_SPENT)

    async def _granted(self, used: UsedConsent, query: Mapping[str, str]) -> Connected:
        _no_error(query)
        code = query.get("code", "")
        if not code or len(code) > _LONGEST_TEXT:
            raise Stopped(ConsentProblem.CODE_MISSING)
        (row,) = await self._store.fetch(tenants.one(used.tenant))
        policy, asked_at = self._policies[used.tenant], self._clock.now()
        pair = await self._exchanged(used, code)
        try:
            self._has_permissions(pair)
            organisation = await self._organisation(used.tenant, pair)
            await self._keep(used, pair, organisation, asked_at)
        except Stopped as stopped:
            returned = await give_back(self._identity, pair, await self._in_use())
            words = consent_words.with_returned(stopped.words, returned)
            raise Stopped(stopped.problem, words) from stopped
        except StoreError:
            # The page says that nothing was changed.
            await give_back(self._identity, pair, await self._in_use())
            raise
        return Connected(
            tenant=used.tenant,
            organisation=organisation.name,
            words=consent_words.connected(
                organisation.name, policy, is_paused=row.is_paused, is_halted=row.is_halted
            ),
            notice=_clock_notice(pair, asked_at),
        )

    def _has_permissions(self, pair: TokenPair) -> None:
        """Stop when the grant lacks anything that was asked for."""
        missing = self._identity.missing_scopes(pair.scopes)
        if missing:
            words = consent_words.permission_missing(missing, pair.scopes)
            raise Stopped(ConsentProblem.PERMISSION_MISSING, words)
        if not pair.refresh_token:
            raise Stopped(ConsentProblem.OFFLINE_MISSING)

    async def _in_use(self) -> frozenset[XeroOrganisationId]:
        """The organisations any tenant's connection leads to, by the store: one may be faster."""
        return frozenset(
            row.organisation_id
            for row in await self._store.fetch(tokens.everyone())
            if row.organisation_id is not None and _holds(row)
        )

    async def _exchanged(self, used: UsedConsent, code: str) -> TokenPair:
        verifier = self._tokens.encryption.opened_consent(used.tenant, used.sealed).verifier
        try:
            return await self._identity.exchange(code, verifier)
        except Unauthorised as error:
            raise Stopped(ConsentProblem.CODE_EXPIRED) from error
        except (NotSent, OutcomeUnknown, ServerTrouble, Throttled) as error:
            raise Stopped(ConsentProblem.IDENTITY_UNREACHABLE) from error
        except RemoteError as error:
            raise Stopped(ConsentProblem.APP_REFUSED) from error

    async def _organisation(self, tenant: TenantId, pair: TokenPair) -> OrganisationConnection:
        """The organisation just granted, when this tenant may have it."""
        try:
            listed = await self._identity.connections(pair.access_token)
        except RemoteError as error:
            raise Stopped(ConsentProblem.IDENTITY_UNREACHABLE) from error
        row = self._connections.row(tenant)
        pinned = row.organisation_id if row is not None else None
        chosen = organisation_choice.choose(listed, pair, pinned)
        if chosen is None:
            raise Stopped(ConsentProblem.NO_ORGANISATION)
        if isinstance(chosen, organisation_choice.SeveralOrganisations):
            words = consent_words.several_organisations(chosen.names)
            raise Stopped(ConsentProblem.SEVERAL_ORGANISATIONS, words)
        self._may_have(tenant, chosen)
        return chosen

    def _may_have(self, tenant: TenantId, chosen: OrganisationConnection) -> None:
        """One organisation per tenant, for good, and one tenant per organisation."""
        row = self._connections.row(tenant)
        pinned = row.organisation_id if row is not None else None
        if row is not None and pinned is not None and chosen.organisation_id != pinned:
            bound = row.organisation_name or "the organisation it was connected to first"
            words = consent_words.wrong_organisation(chosen.name, bound)
            raise Stopped(ConsentProblem.WRONG_ORGANISATION, words)
        if any(
            other.tenant != tenant
            and other.organisation_id == chosen.organisation_id
            and _holds(other)
            for other in self._connections.everyone()
        ):
            raise _taken(chosen)

    async def _keep(
        self,
        used: UsedConsent,
        pair: TokenPair,
        organisation: OrganisationConnection,
        at: datetime,
    ) -> None:
        """Everything was right: the pair, the state and the journal, in one transaction."""
        tenant, who = used.tenant, used.created_by
        before = self._connections.row(tenant)
        tx = Transaction()
        tx.add(
            tokens.connect(
                tenant,
                self._tokens.encryption.pair(tenant, pair),
                organisation_id=organisation.organisation_id,
                organisation_name=organisation.name,
                connection_id=organisation.id,
                scopes=" ".join(pair.scopes),
                at=at,
            )
        )
        said = f"Connected to the Xero organisation {organisation.name}"
        kind = RecordType.CREATE if before is None else RecordType.EDIT
        tx.add(journal_entries.of_connection(tenant, said, at=at, who=who, record_type=kind))
        tx.add(consents.succeeded(tenant))
        if before is not None:
            tx.add(catch_up_wanted(tenant, at))
        try:
            await self._store.commit(tx)
        except Conflict as error:
            # Another consent was faster, here or in another process.
            await self._connections.reread(tenant)
            self._may_have(tenant, organisation)
            raise _taken(organisation) from error
        await self._connections.moved(tenant, cause="consent_granted")


def _holds(row: Connection) -> bool:
    """Whether the organisation is still the tenant's, connected or not."""
    return row.has_tokens or row.state.value != ConnectionState.NOT_CONNECTED.value


def _no_error(query: Mapping[str, str]) -> None:
    """Stop when Xero sent the browser back with an error (facts §1.2)."""
    error = query.get("error", "").lower()
    match error:
        case "":
            return
        case "access_denied":
            raise Stopped(ConsentProblem.CONSENT_REFUSED)
        case "invalid_scope" | "unauthorized_client":
            raise Stopped(ConsentProblem.SCOPE_NOT_ALLOWED)
        case _ if "limit" in error:
            raise Stopped(ConsentProblem.APP_LIMIT)
        case _:
            raise Stopped(ConsentProblem.XERO_ERROR)


def _taken(organisation: OrganisationConnection) -> Stopped:
    words = consent_words.organisation_taken(organisation.name)
    return Stopped(ConsentProblem.ORGANISATION_TAKEN, words)


def _clock_notice(pair: TokenPair, asked_at: datetime) -> str | None:
    """A wrong clock breaks no connection (lives are counted from the answer), but is told."""
    if pair.issued_at is None:
        return None
    skew_s = (pair.issued_at - asked_at).total_seconds()
    return consent_words.clock_notice(skew_s) if abs(skew_s) > _NOTICED_SKEW_S else None


def _digest(text: str) -> str:
    """Of what somebody sent, which may hold what is no text."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
