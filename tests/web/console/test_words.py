"""The words are complete: every state, reason, finding, brake, verdict and role has its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import pytest

from syncd.domain.model.brake import BrakeKind
from syncd.domain.model.control_totals import Cause, Dimension
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import NoticeOutcome
from syncd.domain.model.invoice import MoneyKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.planned import PlanAction
from syncd.domain.model.replica import ReplicaState
from syncd.domain.model.settings import Mode
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.verdict import TenantVerdictKind
from syncd.engine.plans.outcomes import PlanOutcome
from syncd.web.console import statics, words
from syncd.web.http.guard import ROLE_NAMES

TONES = {words.GOOD, words.MOVING, words.PERSON, words.STOP, words.OFF}
LOOKS: list[tuple[Callable[[Any], words.Look], Iterable[Enum]]] = [
    (words.state, PublicState),
    (words.connection, ConnectionState),
    (words.mode, Mode),
    (words.finding, FindingKind),
    (words.replica, ReplicaState),
    (words.verdict, TenantVerdictKind),
    (words.plan_action, PlanAction),
    (words.plan_outcome, PlanOutcome),
]


@pytest.mark.parametrize(("look", "members"), LOOKS)
def test_every_member_has_word_tone_and_a_shape_that_is_there(
    look: Callable[[Any], words.Look], members: Iterable[Enum]
) -> None:
    shapes = set(re.findall(r'id="(\w+)"', statics.every()["icons.svg"].plain.decode()))

    for one in members:
        found = look(one)
        assert found.word
        assert found.tone in TONES
        assert found.icon in shapes


def test_states_are_told_apart_without_colour() -> None:
    assert len({words.state(one).icon for one in PublicState}) == len(PublicState)
    assert set(words.STATES) == set(PublicState)


def test_every_reason_brake_and_role_has_words() -> None:
    assert len({words.reason(one) for one in Reason}) == len(Reason)
    assert all(words.brake(one) for one in BrakeKind)
    assert len({words.money(one) for one in MoneyKind}) == len(MoneyKind)
    assert len({words.cause(one) for one in Cause}) == len(Cause)
    assert len({words.dimension(one) for one in Dimension}) == len(Dimension)
    assert words.ROLES.keys() == ROLE_NAMES.keys()


def test_waiting_for_a_limit_wants_nobody() -> None:
    assert words.state(PublicState.WAITING).tone == words.PERSON
    assert words.state(PublicState.WAITING, Reason.RATE_LIMITED).tone == words.MOVING
    assert words.state(PublicState.WAITING, Reason.CONTACT_UNMAPPED).tone == words.PERSON


def test_no_word_shouts_or_sighs() -> None:
    said = [words.reason(one) for one in Reason] + [
        words.verdict(one).word for one in TenantVerdictKind
    ]

    assert [one for one in said if "!" in one or "`" in one or "successfully" in one] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Paused: nothing is written until `syncd tenants resume`.",
            "Paused: nothing is written until syncd tenants resume.",
        ),
        ("A brake halted it. See `syncd brakes list`, then release it.", "A brake halted it."),
        ("Press Connect to Xero.", "Press Connect to Xero."),
    ],
)
def test_sentences_lose_what_is_typed(text: str, kept: str) -> None:
    assert words.without_commands(text) == kept


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 second"),
        (45, "45 seconds"),
        (80, "80 seconds"),
        (100, "2 minutes"),
        (5399, "90 minutes"),
        (7200, "2 hours"),
    ],
)
def test_how_long_is_said_in_one_unit(seconds: float, said: str) -> None:
    assert words.lasting(seconds) == said


def test_ids_behind_names_are_left_out_and_nothing_else() -> None:
    one, two = "39841afa-2313-4647-a5b5-89c1f222fdb3", "e34e444f-2383-4ed1-ab66-17b0dd2d9b41"

    said = words.plain(
        f"Kauri ({one}), Bayview ({two}) fit (both). Run `syncd link`. Choose {one}."
    )

    assert said == f"Kauri, Bayview fit (both). Choose {one}."


@pytest.mark.parametrize("reason", Reason)
def test_the_code_of_a_reason_is_left_out_of_a_sentence(reason: Reason) -> None:
    assert words.plain(f"Waiting ({reason}): INV-1. It waits (again).") == (
        "Waiting: INV-1. It waits (again)."
    )


def test_everything_that_becomes_of_a_notice_has_its_words() -> None:
    said = [words.notice(one) for one in NoticeOutcome]

    assert len(set(said)) == len(said)
    assert words.notice(None) == words.notice("new") == "not worked through yet"
