"""What Xero is like on a simulated day, where the documents leave it open: drawn once per seed.

Set before the first document, for some of it decides what a number is. A client must be right under
every setting; what Xero makes of content beyond its normal forms is never `synced` in silence.
"""

from __future__ import annotations

from random import Random
from typing import Any

from syncd.lab.faults.fault_mix import TOKENS, FaultMix

_AS_WRITTEN = 0.4
"""The share of seeds whose Xero is as its defaults say."""
_OTHERWISE = 0.25
"""How often each thing is otherwise in the rest."""
OTHERWISE: dict[str, Any] = {
    "unit_places": 2,
    "drops_tracking": True,
    "drops_emoji": True,
    "trims_texts": False,
    "ties": "even",
    "new_lines_first": False,
    "save_good_on_400": False,
    "numbers_ignore_case": False,
    "since_is_inclusive": False,
    "nothing_is_304": True,
    "dead_numbers_stay_taken": False,
    "grace_keeps_all_pairs": False,
    "allocation_bumps_invoice": False,
    "merge_moves_invoices": False,
    "deleted_payments_in_lists": False,
    "unknown_invoice_is_404": True,
    "unknown_line_is_error": False,
    "void_keeps_lines": False,
    "archived_contacts_hold_number": False,
    "own_writes_raise_events": False,
    "payment_raises_invoice_event": False,
    "credit_events": False,
    "resource_url_has_id": False,
    "access_token_s": 900,
}
"""Each switch that is drawn, and the setting that is not its default."""


_AGAIN = (0.0, 0.0, 0.0, 0.2)
"""Chance of an entry of the feed to come again."""
_MANY = 1000
_MOST_CHANGES = 500
_PAGES = (_MANY, _MANY, _MANY, 3, 7, 20)
"""Rows of a page: mostly more than a day has."""


def of_xero(rng: Random, mix: FaultMix) -> dict[str, Any]:
    """One seed's Xero.

    A refresh that is carried out late ends the pair of the next one, where only the newest lives.
    No client can help that but by a new consent, so no day has both.
    """
    if rng.random() < _AS_WRITTEN:
        return {}
    drawn = {name: value for name, value in OTHERWISE.items() if rng.random() < _OTHERWISE}
    if any(rule["do"] == "late_commit" and rule["match"] == TOKENS for rule in mix.xero):
        drawn.pop("grace_keeps_all_pairs", None)
    return drawn


def rows_a_page(rng: Random) -> int:
    """How many rows the daemon's sweeps and reports ask for at once on this day.

    Not its looks by mark: one among hundreds of documents, three at a time, would spend the day.
    """
    return rng.choice(_PAGES)


def of_pipeline(rng: Random) -> dict[str, float]:
    """One seed's Pipeline: a page of the feed may be shorter than was asked for."""
    most = float(min(rng.choice(_PAGES), _MOST_CHANGES))
    return {"most_changes": most, "repeat_entries": rng.choice(_AGAIN)}
