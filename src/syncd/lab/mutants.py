"""Planted bugs, to prove that the judges bite: a green sweep means nothing without them.

Each mutant replaces a function or two of the daemon for the length of a run. Patching is what this
room is for, and nothing else in the house may do it: a switch inside the product that turns a
promise off would be worse than any test is good. A function that was renamed fails loudly here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from syncd.domain.errors import RemoteError
from syncd.domain.ids import IdempotencyKey
from syncd.domain.model.probing import SeenNothing
from syncd.domain.rules import intent
from syncd.engine import case, contact_probes, invoice_probes, paper, replay
from syncd.engine.probing import Look
from syncd.xero.ledger import XeroLedger

Replacement = tuple[Any, str, Callable[..., Any]]


def _intent_after_call() -> Iterator[Replacement]:
    """The intent is committed once the answer is there, not before the first byte."""
    really_open = paper.open_call
    answers: dict[str, Any] = {}

    async def open_call(hall: Any, tenant: Any, prepared: Any, elements: Any, key: Any) -> Any:
        is_invoices = prepared.operation.endswith("invoices")
        send = hall.ledger.send_invoices if is_invoices else hall.ledger.send_contacts
        writes = [element.body.write for element in elements]
        try:
            answers[key] = await send(tenant, prepared, writes, idempotency_key=key, not_after=None)
        except RemoteError as error:
            answers[key] = error
        return await really_open(hall, tenant, prepared, elements, key)

    yield paper, "open_call", open_call
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

    def unseen(*_: Any) -> Look[Any]:
        return Look(sight=SeenNothing())

    yield invoice_probes, "_create", unseen
    yield contact_probes, "_create", unseen


def _new_key() -> Iterator[Replacement]:
    """Every attempt of one call has an idempotency key of its own."""
    really_on_paper = replay._on_paper  # noqa: SLF001 - what a mutant is

    async def on_paper(hall: Any, call: Any) -> Any:
        again = await really_on_paper(hall, call)
        fresh = IdempotencyKey(f"{again.idempotency_key}-{again.sends}")
        return replace(again, idempotency_key=fresh)

    yield replay, "_on_paper", on_paper


def _early_end() -> Iterator[Replacement]:
    """An uncertain write is given up without waiting for a late commit."""
    yield intent, "_is_late", lambda *_: True


def _blind() -> Iterator[Replacement]:
    """What Xero shows now is taken for what was agreed: an edit there is nobody's."""
    really_case_of = case.case_of

    def case_of(known: Any, sight: Any, world: Any) -> Any:
        made = really_case_of(known, sight, world)
        if made.base is None or made.shown is None:
            return made
        return replace(made, base=replace(made.base, xero=made.shown))

    yield case, "case_of", case_of


MUTANTS: Mapping[str, Callable[[], Iterator[Replacement]]] = {
    "intent-after-call": _intent_after_call,
    "no-look": _no_look,
    "new-key": _new_key,
    "early-end": _early_end,
    "blind": _blind,
}
"""Every planted bug by its name; the functions' docstrings say what is wrong with each."""


def applied(name: str) -> AbstractContextManager[None]:
    """The daemon with this bug, for the block's life. Raises KeyError for an unknown name."""
    return _replaced(MUTANTS[name])


@contextmanager
def _replaced(replacements: Callable[[], Iterator[Replacement]]) -> Iterator[None]:
    with ExitStack() as stack:
        for place, name, stand_in in list(replacements()):
            stack.enter_context(patch.object(place, name, stand_in))
        yield
