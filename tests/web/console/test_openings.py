"""The sentences that pages open with, by what they are told."""

from __future__ import annotations

import pytest

from syncd.domain.model.finding import Finding, FindingKind
from syncd.domain.model.sample import Sample
from syncd.web.console import openings
from syncd.web.console.words import GOOD, MOVING, OFF, PERSON
from tests.store.build import AT

NOTHING_DIFFERS = "Nothing in Xero differs from what was agreed, as far as it was looked at."


def finding(kind: FindingKind) -> Finding:
    return Finding(
        kind=kind, key="k", label="L", text="So.", opened_at=AT, seen_at=AT, looked_at=AT
    )


@pytest.mark.parametrize(
    ("kinds", "has_more", "tone", "said"),
    [
        (
            (), False, GOOD,
            f"Nothing is open. {NOTHING_DIFFERS} What waits stands under Invoices.",
        ),
        ((FindingKind.CONTACT_KEPT,), False, OFF, "1 open. None of them needs a person."),
        ((FindingKind.DIFFERING,), False, PERSON, "1 open. It needs a person."),
        (
            (FindingKind.DIFFERING, FindingKind.EXTRA, FindingKind.PAID_UNPAID_MISMATCH),
            False, PERSON, "3 open. 2 of them need a person.",
        ),
        ((FindingKind.EXTRA,), True, PERSON, "More than 1 open. It needs a person."),
    ],
)  # fmt: skip
def test_findings_say_how_many_are_open_and_want_a_person(
    kinds: tuple[FindingKind, ...], has_more: bool, tone: str, said: str
) -> None:
    made = openings.of_findings(
        [finding(kind) for kind in kinds], has_more=has_more, is_running=False
    )

    assert (made.look.tone, f"{made.look.word} {made.text}") == (tone, said)


def test_a_running_round_says_so_whatever_was_found_so_far() -> None:
    made = openings.of_findings([finding(FindingKind.EXTRA)], has_more=True, is_running=True)

    assert (made.look.tone, made.look.word) == (MOVING, "Reconciling.")


@pytest.mark.parametrize(
    ("kinds", "tone", "said"),
    [
        ((), OFF, "None of this kind is open. Other kinds may be; this page shows one."),
        ((FindingKind.EXTRA,), PERSON, "1 of this kind open. It needs a person."),
    ],
)
def test_one_kind_alone_says_nothing_of_both_books(
    kinds: tuple[FindingKind, ...], tone: str, said: str
) -> None:
    made = openings.of_findings(
        [finding(kind) for kind in kinds], has_more=False, is_running=False, is_narrowed=True
    )

    assert (made.look.tone, f"{made.look.word} {made.text}") == (tone, said)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ({"xero_refused": 3}, "Every webhook was refused."),
        # Another tenant's were signed well: the key fits, and these are somebody else's.
        ({"xero_refused": 3, "xero_kept": 400}, "Nothing came."),
        ({"xero_kept": 400}, "Nothing came."),
        ({"xero_refused": 3, "xero_kept": 400, "events": 1}, "Xero announces in time."),
        ({"xero_kept": 400, "missed": 1}, "Xero does not announce everything in time."),
    ],
)
def test_a_key_is_doubted_only_where_it_has_fitted_nothing(day: dict[str, int], said: str) -> None:
    assert openings.of_webhooks(Sample(period=1, seen_s=9, **day)).look.word == said
