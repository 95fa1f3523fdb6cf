"""Rarer faults: each seed draws a few kinds, half of the seeds none; added to `fault_mix`'s.

With dice of its own, so that the draws of `fault_mix` stay where they are. All of it ends with the
storm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from syncd.lab.faults.fault_mix import TOKENS, FaultMix

_PLAIN = 0.5
_ONE_KIND = 0.2
_MOST_KINDS = 4
_LISTS = ({"method": "GET", "path": "Invoices"}, {"method": "GET", "path": "Contacts"})
_INVOICES = {"path": "Invoices"}
_CHANGES = {"path": "changes"}
_LONGEST_LAG_S = 60.0
_ROWS = (
    ('"Status":"AUTHORISED"', '"Status":"MYSTERY"'),
    ('"Total":', '"Total":99999999999999999999'),
    ('"DateString":', '"Datum":'),
    ('"InvoiceNumber":"B-', '"InvoiceNumber":{},"Number":"B-'),
    ('"ContactStatus":"ACTIVE"', '"ContactStatus":"SLEEPING"'),
)
"""How a row of Xero's listings becomes one that breaks the contract."""
_ENTRIES = (
    ('"version":', '"versio":'),
    ('"lineAmountTypes":"Exclusive"', '"lineAmountTypes":"Sideways"'),
    ('"id":"', '"id":7,"was":"'),
)
"""The same for entries of Pipeline's feed, which then name none, or break the contract."""

ODD_TOKENS = {
    "a token answer without expires_in": ('"expires_in":', '"expires":'),
    "a token answer whose expires_in is text": ('"expires_in":', '"expires_in":"1800","was":'),
    "a token answer whose expires_in is 0": ('"expires_in":', '"expires_in":0,"was":'),
    "a token answer whose expires_in is half a day": ('"expires_in":', '"expires_in":43200,"was":'),
    "a token answer whose expires_in is huge": ('"expires_in":', '"expires_in":9e30,"was":'),
    "a token answer without a refresh token": ('"refresh_token":', '"refresh":'),
    "a token answer without scope": ('"scope":', '"scop":'),
    "a token answer of a narrower scope": ('"scope":"', '"scope":"offline_access","was":"'),
}
"""How a pair of tokens comes, by what is odd about it."""
_TOKEN_LIVES_S = (0, 120, 300, 600)
"""Refreshes are rare where a token lives half an hour."""
_STALLS_S = (25, 55, 90, 200, 400)
"""Just in time for whoever asks, or later than anybody waits."""

SET_BACK = "Pipeline was restored from a backup"
_SIDES = {"xero": "Xero", "pipeline": "Pipeline", "tokens": "Xero's token endpoint"}
AWAY = {side: f"{name} went away" for side, name in _SIDES.items()}
STALLED = {side: f"{name} stalled" for side, name in _SIDES.items() if side != "tokens"}


def named(mix: FaultMix) -> list[str]:
    """What it is called when `mix.outage` goes away, or stalls."""
    names = STALLED if mix.stall_s else AWAY
    sides = ("xero", "pipeline") if mix.outage == "both" else (mix.outage,)
    return [names[side] for side in sides]


def added(mix: FaultMix, rng: Random) -> FaultMix:
    """`mix` with this seed's rarer faults in front, where they strike first."""
    draw = rng.random()
    if draw < _PLAIN:
        return mix
    count = 1 if draw < _PLAIN + _ONE_KIND else rng.randint(2, _MOST_KINDS)
    for name in rng.sample((*KINDS,), count):
        mix = KINDS[name](mix, rng)
    return mix


def _in_xero(mix: FaultMix, *rules: dict[str, Any]) -> FaultMix:
    return replace(mix, xero=(*rules, *mix.xero))


def _in_pipeline(mix: FaultMix, *rules: dict[str, Any]) -> FaultMix:
    return replace(mix, pipeline=(*rules, *mix.pipeline))


def _refused_tokens(mix: FaultMix, rng: Random) -> FaultMix:
    return _in_xero(mix, {"do": "unauthorised", "match": _INVOICES, "probability": _some(rng, 0.2)})


def _edge_refusals(mix: FaultMix, rng: Random) -> FaultMix:
    """An edge in front of Xero that forbids a call, in HTML."""
    return _in_xero(mix, {"do": "html", "status": 403, "probability": _some(rng, 0.15)})


def _limits(mix: FaultMix, rng: Random) -> FaultMix:
    """Every limit, with and without a word how long to wait."""
    kinds = ("minute", "day", "appminute", "concurrent")
    rules = [
        {"do": "throttle", "problem": kind, "retry_after": 60, "probability": _some(rng, 0.05)}
        for kind in kinds
    ]
    silent = {"do": "throttle", "retry_after": None, "probability": _some(rng, 0.1)}
    return _in_pipeline(_in_xero(mix, *rules), silent)


def _culprit(mix: FaultMix, rng: Random) -> FaultMix:
    """Whatever batch a certain kind of document is in ends in a 500, applied or not."""
    ending = f'{rng.randint(0, 9)}","'
    rules = [
        {"do": do, "match": {"method": method, **_INVOICES, "contains": ending}, "probability": 1}
        for do, method in ((rng.choice(("error_before", "error_after_commit")), "PUT"),)
    ]
    return _in_xero(mix, *rules)


def _old_cursors(mix: FaultMix, rng: Random) -> FaultMix:
    return _in_pipeline(mix, {"do": "gone", "match": _CHANGES, "probability": _some(rng, 0.3)})


def _odd_rows(mix: FaultMix, rng: Random) -> FaultMix:
    rules = [
        {
            "do": "rewritten",
            "match": rng.choice(_LISTS),
            "find": find,
            "put": put,
            "probability": _some(rng, 0.3),
        }
        for find, put in rng.sample(_ROWS, 2)
    ]
    return _in_xero(mix, *rules)


def _odd_entries(mix: FaultMix, rng: Random) -> FaultMix:
    find, put = rng.choice(_ENTRIES)
    rule = {"do": "rewritten", "match": _CHANGES, "find": find, "put": put}
    return _in_pipeline(mix, {**rule, "probability": _some(rng, 0.3)})


def _nothing_found(mix: FaultMix, rng: Random) -> FaultMix:
    """Pipeline answers that there is nothing, and pages without rows."""
    single = {"do": "not_found", "match": {"path": "invoices/*"}, "probability": _some(rng, 0.3)}
    return _in_pipeline(mix, single)


def _lag(mix: FaultMix, rng: Random) -> FaultMix:
    return replace(mix, read_lag_s=rng.uniform(1.0, _LONGEST_LAG_S))


def _outages(mix: FaultMix, rng: Random) -> FaultMix:
    return replace(mix, outage=rng.choice(("xero", "pipeline", "both")))


def _riddles(mix: FaultMix, rng: Random) -> FaultMix:
    return replace(mix, riddles=_some(rng, 0.5))


def _spent_day(mix: FaultMix, rng: Random) -> FaultMix:
    """Fewer calls than a day needs; more come with the next, well after the storm."""
    return replace(mix, day_left=rng.randint(160, 400))


def _odd_tokens(mix: FaultMix, rng: Random) -> FaultMix:
    """Pairs that come with something odd, pages of HTML in their place, and words to wait."""
    odd: list[dict[str, Any]] = [
        {"do": "rewritten", "find": find, "put": put, "probability": _some(rng, 0.4)}
        for find, put in rng.sample([*ODD_TOKENS.values()], 3)
    ]
    rules = [
        *odd,
        {"do": "html", "status": 200, "probability": _some(rng, 0.2)},
        {"do": "throttle", "retry_after": rng.choice((5, 30, 60)), "probability": _some(rng, 0.2)},
    ]
    short = replace(mix, token_life_s=rng.choice(_TOKEN_LIVES_S))
    return _in_xero(short, *({**rule, "match": TOKENS} for rule in rules))


def _lost_grants(mix: FaultMix, rng: Random) -> FaultMix:
    """A refresh is applied, its answer is lost, and what was spent for it is refused."""
    rule = {"do": "drop_after_commit", "match": TOKENS, "probability": _some(rng, 0.5)}
    strict = replace(mix, loses_grants=True, token_life_s=rng.choice(_TOKEN_LIVES_S))
    return _in_xero(strict, rule)


def _no_tokens(mix: FaultMix, rng: Random) -> FaultMix:
    """For minutes no token is given out, while all else works."""
    return replace(mix, outage="tokens", stall_s=0.0, token_life_s=rng.choice(_TOKEN_LIVES_S))


def _set_back(mix: FaultMix, rng: Random) -> FaultMix:
    """Pipeline itself is restored from a backup, once or a few times."""
    return replace(mix, sets_back_an_hour=rng.choice((4.0, 8.0)))


def _stalls(mix: FaultMix, rng: Random) -> FaultMix:
    """For minutes every answer of a side comes late, or too late.

    Nobody drains the daemon on such a day: a person's order that waits for Xero longer than a drain
    does finds the store closed, and says so as an error.
    """
    side, stall_s = rng.choice(("xero", "pipeline", "both")), rng.choice(_STALLS_S)
    return replace(mix, outage=side, stall_s=stall_s, drains=0.0)


def _some(rng: Random, most: float) -> float:
    return rng.uniform(most / 10, most)


KINDS: Mapping[str, Callable[[FaultMix, Random], FaultMix]] = {
    "refused tokens": _refused_tokens,
    "edge refusals": _edge_refusals,
    "limits": _limits,
    "culprit": _culprit,
    "old cursors": _old_cursors,
    "odd rows": _odd_rows,
    "odd entries": _odd_entries,
    "nothing found": _nothing_found,
    "lag": _lag,
    "outages": _outages,
    "riddles": _riddles,
    "spent day": _spent_day,
    "odd tokens": _odd_tokens,
    "lost grants": _lost_grants,
    "no tokens": _no_tokens,
    "stalls": _stalls,
    "set back": _set_back,
}
