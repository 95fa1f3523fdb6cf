"""Bugs to plant in the workflows: leases, tokens, events, results, restores, retention, people.

Listed and applied by `mutants`; each function's docstring says what is wrong with its bug.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio

from syncd.domain.model.inbox import Category, NoticeOutcome
from syncd.domain.rules.compare import view_fingerprint
from syncd.engine.connection.refresh import Refresher
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import tenant_mode
from syncd.engine.invoices import loaded_invoice, settle
from syncd.engine.loops import retention, waiting_results
from syncd.engine.recovery import lease_reaper
from syncd.engine.webhooks import inbox
from syncd.lab.days.planted_in_rules import Planted, Replacement

# The store is the engine's own; a mutant meets it where the engine does.
_JOBS: Any = vars(lease_reaper)["jobs"]
_RESTORES: Any = vars(loaded_invoice)["restores"]
_FORGET: Any = vars(retention)["retention"]
_JOURNAL: Any = vars(tenant_mode)["journal"]
_LONG = timedelta(days=400)


def _lease_kept() -> Iterator[Replacement]:
    """What a dead process had leased stays leased."""
    really_rescue = _JOBS.rescue_leases
    yield _JOBS, "free_leases", lambda _, at: really_rescue(at - _LONG)
    yield _JOBS, "rescue_leases", lambda now: really_rescue(now - _LONG)


def _refresh_unstored() -> Iterator[Replacement]:
    """A refresh token is presented before that is stored."""

    async def begin(*_: Any) -> bool:
        return True

    yield Refresher, "_begin", begin


def _two_refreshes() -> Iterator[Replacement]:
    """Whoever wants new tokens asks for them, also beside another."""
    yield TokenService, "lock", lambda *_: anyio.Lock()


def _old_pair_kept() -> Iterator[Replacement]:
    """The new access token is kept with the refresh token that was spent for it."""
    really_keep = Refresher._keep  # noqa: SLF001 - what a mutant is

    async def keep(self: Any, row: Any, unsaved: Any) -> None:
        spent = self._encryption.refresh(row)
        pair = replace(unsaved.pair, refresh_token=spent)
        await really_keep(self, row, replace(unsaved, pair=pair))

    yield Refresher, "_keep", keep


def _contact_events_dropped() -> Iterator[Replacement]:
    """Events of contacts are taken for events nobody knows."""
    really_ignored = inbox._ignored  # noqa: SLF001 - what a mutant is

    def ignored(change: Any, tenant: Any) -> Any:
        if change.category == Category.CONTACT:
            return NoticeOutcome.UNKNOWN_CATEGORY
        return really_ignored(change, tenant)

    yield inbox, "_ignored", ignored


def _version_stale() -> Iterator[Replacement]:
    """Pipeline is told the version before the one that Xero shows."""
    really_synced = settle._synced_version  # noqa: SLF001 - what a mutant is

    def synced_version(end: Any) -> Any:
        version = really_synced(end)
        return version if version is None else version - 1

    yield settle, "_synced_version", synced_version


def _restore_ignored() -> Iterator[Replacement]:
    """After a restore work goes on before Xero was looked through."""
    really_outstanding = _RESTORES.is_outstanding

    def is_outstanding(tenant: Any) -> Any:
        return replace(really_outstanding(tenant), decode=lambda _: False)

    yield _RESTORES, "is_outstanding", is_outstanding


def _retention_eager() -> Iterator[Replacement]:
    """Records are forgotten whatever their age."""
    yield retention, "_is_young", lambda *_: False
    for name in ("forget_intents", "forget_calls", "forget_events"):
        yield _FORGET, name, _ageless(getattr(_FORGET, name))


def _ageless(really_forget: Any) -> Any:
    return lambda after, up_to, before: really_forget(after, up_to, before + _LONG)


def _resolve_unseen() -> Iterator[Replacement]:
    """A person's decision holds for whatever stands there now, not for what was shown."""
    yield view_fingerprint, "fingerprint", lambda **_: "as shown"


def _waits_untold() -> Iterator[Replacement]:
    """Pipeline is not told of queued work that does not go."""

    async def tell_once(*_: Any, **__: Any) -> int:
        return 0

    yield waiting_results, "tell_once", tell_once


def _switch_unwritten() -> Iterator[Replacement]:
    """What a person switches is not written into the journal."""
    yield tenant_mode, "said", lambda *_: _JOURNAL.append([])


WORKFLOWS: Mapping[str, Planted] = {
    "lease-kept": _lease_kept,
    "refresh-unstored": _refresh_unstored,
    "two-refreshes": _two_refreshes,
    "old-pair-kept": _old_pair_kept,
    "contact-events-dropped": _contact_events_dropped,
    "version-stale": _version_stale,
    "restore-ignored": _restore_ignored,
    "retention-eager": _retention_eager,
    "resolve-unseen": _resolve_unseen,
    "waits-untold": _waits_untold,
    "switch-unwritten": _switch_unwritten,
}
"""Planted bugs of the workflows by name."""
