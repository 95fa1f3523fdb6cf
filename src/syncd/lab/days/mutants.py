"""Planted bugs, to prove that the judges bite: a green sweep means nothing without them.

Each mutant replaces a function or two of the daemon for the length of a run. Patching is what this
room is for, and nothing else in the house may do it: a switch inside the product that turns a
promise off would be worse than any test is good. A function that was renamed fails loudly here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from syncd.bootstrap import restoration
from syncd.domain.errors import RemoteError
from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.probing import FoundNothing
from syncd.domain.model.result import PaymentStatus
from syncd.domain.rules.decide import bases, threeway
from syncd.domain.rules.decide.situation import DesiredState, VerdictKind
from syncd.domain.rules.inbound import change_cursor, payment_diff
from syncd.domain.rules.limits import brake
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.tenant import connection
from syncd.engine.contacts import probe_reads
from syncd.engine.core import tenant_mode
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.feed import write_back
from syncd.engine.invoices import decision_input
from syncd.engine.invoices import probe_reads as invoice_looks
from syncd.engine.webhooks.inbox import Inbox
from syncd.engine.writes import resend, write_ahead
from syncd.engine.writes.probe_reads import ProbeRead
from syncd.lab.days.planted_in_rules import RULES, Planted, Replacement
from syncd.lab.days.planted_in_workflows import WORKFLOWS
from syncd.pipeline.client import PipelineClient
from syncd.xero.ledger import XeroLedger
from syncd.xero.quota import Quota

# The store is the engine's own; a mutant meets it where the engine does.
_JOBS: Any = vars(write_back)["jobs"]


def _intent_after_call() -> Iterator[Replacement]:
    """The intent is committed once the answer is there, not before the first byte."""
    really_open = write_ahead.open_call
    answers: dict[str, Any] = {}

    async def open_call(
        context: Any, tenant: Any, prepared: Any, elements: Any, key: Any, **more: Any
    ) -> Any:
        is_invoices = prepared.operation.endswith("invoices")
        send = context.ledger.send_invoices if is_invoices else context.ledger.send_contacts
        writes = [element.body.write for element in elements]
        try:
            answers[key] = await send(tenant, prepared, writes, idempotency_key=key, not_after=None)
        except RemoteError as error:
            answers[key] = error
        return await really_open(context, tenant, prepared, elements, key, **more)

    yield write_ahead, "open_call", open_call
    for name in ("send_invoices", "send_contacts"):
        yield XeroLedger, name, _answered_already(getattr(XeroLedger, name), answers)


def _answered_already(
    really_send: Callable[..., Any], answers: dict[str, Any]
) -> Callable[..., Any]:
    async def send(self: Any, *what: Any, idempotency_key: str, **how: Any) -> Any:
        if idempotency_key not in answers:
            return await really_send(self, *what, idempotency_key=idempotency_key, **how)
        answer = answers.pop(idempotency_key)
        if isinstance(answer, RemoteError):
            raise answer
        return answer

    return send


def _no_look() -> Iterator[Replacement]:
    """Nobody looks whether an uncertain create stands in Xero before it is made anew."""

    def unseen(*_: Any) -> ProbeRead[Any]:
        return ProbeRead(result=FoundNothing())

    yield invoice_looks, "_create", unseen
    yield probe_reads, "_create", unseen


def _new_key() -> Iterator[Replacement]:
    """Every attempt of one call has an idempotency key of its own."""
    really_stored_repeat = resend._stored_repeat  # noqa: SLF001 - what a mutant is

    async def stored_repeat(context: Any, call: Any, waiting: Any) -> Any:
        again = await really_stored_repeat(context, call, waiting)
        fresh = IdempotencyKey(f"{again.idempotency_key}-{again.sends}")
        return replace(again, idempotency_key=fresh)

    yield resend, "_stored_repeat", stored_repeat


def _early_end() -> Iterator[Replacement]:
    """An uncertain write is given up without waiting for a late commit."""
    yield uncertain_write, "_is_late", lambda *_: True


def _blind() -> Iterator[Replacement]:
    """What Xero shows now is taken for what was agreed: an edit there is nobody's."""
    really_case_of = decision_input.case_of

    def case_of(loaded: Any, remote: Any, round_settings: Any) -> Any:
        made = really_case_of(loaded, remote, round_settings)
        if made.base is None or made.xero is None:
            return made
        return replace(made, base=replace(made.base, xero=made.xero))

    yield decision_input, "case_of", case_of


def _money_dropped() -> Iterator[Replacement]:
    """Money that comes is told; money that is taken back is not."""
    really_differences = payment_diff.differences

    def differences(*what: Any) -> Any:
        found = really_differences(*what)
        return tuple(one for one in found if one.status is not PaymentStatus.DELETED)

    yield payment_diff, "differences", differences


def _answer_before_commit() -> Iterator[Replacement]:
    """A webhook is answered while its events are in memory, and they join the next commit."""
    really_join = Inbox._join  # noqa: SLF001 - what a mutant is

    async def join(self: Any, group: Any) -> None:
        if len(group.spans) > 1:
            await really_join(self, group)

    yield Inbox, "_join", join


def _our_clock() -> Iterator[Replacement]:
    """A sweep goes on from the time of day here, not from the last row's own."""
    really_after_page = change_cursor.after_page

    def after_page(progress: Any, last_at: Any, *, now: Any, **how: Any) -> Any:
        after = really_after_page(progress, last_at, now=now, **how)
        return (
            after
            if after.place is not None
            else replace(after, reached_at=now + change_cursor.OVERLAP)
        )

    yield change_cursor, "after_page", after_page


def _since_our_clock() -> Iterator[Replacement]:
    """A look by our mark begins when the write was sent by the clock here, whatever Xero's says."""
    never: Any = timedelta()
    yield XeroLedger, "clock_ahead", never


def _base_from_look() -> Iterator[Replacement]:
    """What a look finds after a lost answer is taken for what was sent."""
    really_adopted = bases.base_after_adoption

    def base_after_adoption(**found: Any) -> Any:
        return replace(really_adopted(**found), xero=found["live"])

    yield bases, "base_after_adoption", base_after_adoption


def _pushed_over() -> Iterator[Replacement]:
    """What both sides changed is written over with Pipeline's."""
    really_classify = threeway.classify

    def classify(situation: Any) -> Any:
        verdict = really_classify(situation)
        is_present = situation.desired is DesiredState.PRESENT
        if verdict.kind is not VerdictKind.OUT_OF_SYNC or not (is_present and situation.has_base):
            return verdict
        return replace(verdict, kind=VerdictKind.UPDATE)

    yield threeway, "classify", classify


def _no_release() -> Iterator[Replacement]:
    """What a hold waits for comes, and nobody looks again."""
    really_release = _JOBS.release_by_predicates

    def release(tenant: Any, _: Any, at: Any) -> Any:
        return really_release(tenant, ("nobody waits for this",), at)

    yield _JOBS, "release_by_predicates", release


def _missed_release() -> Iterator[Replacement]:
    """A decision is stored as held although its reason went while it was made."""
    yield _JOBS, "_waited_for", lambda _: ()


def _deaf() -> Iterator[Replacement]:
    """What Pipeline has told one call of its limit holds for that call alone."""
    yield PipelineClient, "_wait_for_limit", lambda *_: None


def _eager_refresh() -> Iterator[Replacement]:
    """A token is replaced when half of its life is over."""
    really_refresh_at = connection.refresh_at

    def refresh_at(expires_at: Any, life_s: float) -> Any:
        return really_refresh_at(expires_at - timedelta(seconds=life_s / 2), life_s)

    yield connection, "refresh_at", refresh_at


def _one_rest_for_all() -> Iterator[Replacement]:
    """What Xero tells one tenant of its limits binds every tenant."""
    really_of = Quota._of  # noqa: SLF001 - what a mutant is

    def of(self: Any, _: Any) -> Any:
        return really_of(self, TenantId("everybody"))

    yield Quota, "_of", of


def _others_books() -> Iterator[Replacement]:
    """Every tenant's Pipeline is asked, and told, with the first one's key."""
    really_request = PipelineClient.request

    async def request(self: Any, _: Any, asked: Any) -> Any:
        return await really_request(self, next(iter(vars(self)["_remotes"])), asked)

    yield PipelineClient, "request", request


def _writes_while_paused() -> Iterator[Replacement]:
    """A pause is told and shown, and whoever claims work does not ask for it."""

    async def set_paused(*_: Any, **__: Any) -> Any:
        return tenant_mode.Switched(is_done=True, message="It is switched.")

    yield tenant_mode, "set_paused", set_paused


def _no_brake() -> Iterator[Replacement]:
    """However much would be voided at once, it is."""
    yield brake, "check", lambda *_, **__: None


def _sure_after_restore() -> Iterator[Replacement]:
    """A backup that was put back is believed: what was agreed in it, and what was created."""
    yield vars(restoration)["restores"], "mark", lambda **_: ()


def _literal_clock() -> Iterator[Replacement]:
    """A clock that is set moves nothing of what waits."""
    yield CarriedClock, "now", lambda clock: clock._wall.now()  # noqa: SLF001 - what a mutant is
    yield CarriedClock, "set_by", lambda _: timedelta()


MUTANTS: Mapping[str, Planted] = {
    "intent-after-call": _intent_after_call,
    "no-look": _no_look,
    "new-key": _new_key,
    "early-end": _early_end,
    "blind": _blind,
    "base-from-look": _base_from_look,
    "pushed-over": _pushed_over,
    "money-dropped": _money_dropped,
    "answer-before-commit": _answer_before_commit,
    "our-clock": _our_clock,
    "since-our-clock": _since_our_clock,
    "no-release": _no_release,
    "deaf": _deaf,
    "eager-refresh": _eager_refresh,
    "missed-release": _missed_release,
    "one-rest-for-all": _one_rest_for_all,
    "others-books": _others_books,
    "deaf-to-pause": _writes_while_paused,
    "no-brake": _no_brake,
    "sure-after-restore": _sure_after_restore,
    "literal-clock": _literal_clock,
    **RULES,
    **WORKFLOWS,
}
"""Every planted bug by its name; the functions' docstrings say what is wrong with each."""


def applied(name: str) -> AbstractContextManager[None]:
    """The daemon with this bug, for the block's life. Raises KeyError for an unknown name."""
    return _replaced(MUTANTS[name])


@contextmanager
def _replaced(replacements: Planted) -> Iterator[None]:
    with ExitStack() as stack:
        for place, name, stand_in in list(replacements()):
            stack.enter_context(patch.object(place, name, stand_in))
        yield
