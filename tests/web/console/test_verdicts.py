"""The sentence a tenant's pages open with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.job import PublicState
from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.connection.gate import ConnectionCard
from syncd.engine.operator.statuses import TenantStatus
from syncd.web.console import verdicts
from syncd.web.console.verdicts import Needs

STATUS = TenantStatus(
    tenant="acme",
    card=ConnectionCard(status=ConnectionState.CONNECTED),
    mode=Mode.LIVE,
    is_paused=False,
    is_added=False,
    halt=None,
    allowance=BudgetLeft(minute=41, day=4000, in_flight=0, parked_until_s=None),
    invoices=dict.fromkeys(PublicState, 0),
    backlog=0,
    clears_in_s=None,
)


LOOKED_FOR = "whether Xero took the last write is looked for"


def status(**changes: object) -> TenantStatus:
    return replace(STATUS, **changes)


@pytest.mark.parametrize("kind", TroubleKind)
def test_every_trouble_has_a_sentence_without_commands(kind: TroubleKind) -> None:
    trouble = Trouble(kind=kind, text="It is so. See `syncd status`, then act.")

    told = verdicts.of(status(troubles=(trouble,), backlog=2, halt="34 would go."), Needs())

    assert told.text
    assert "`" not in told.text
    assert told.press is None or told.press.href.startswith("/t/acme/")


@pytest.mark.parametrize("kind", TroubleKind)
def test_a_single_trouble_speaks_for_itself_but_for_what_a_person_ordered(
    kind: TroubleKind,
) -> None:
    own = {
        TroubleKind.HALTED: "34 would go. Nothing is written until somebody releases it.",
        TroubleKind.PAUSED: "Nothing is written to Xero; reading goes on. 2 invoices are queued.",
    }
    trouble = Trouble(kind=kind, text="It is so. See `syncd status`, then act.")

    told = verdicts.of(
        status(troubles=(trouble,), backlog=2, halt="34 would go."), Needs(causes=3, invoices=20)
    )

    assert told.text == own.get(kind, "It is so.")
    assert told.trouble is kind


@pytest.mark.parametrize(
    ("changes", "needs", "text"),
    [
        ({}, Needs(), "Nothing is queued. Nothing needs a person."),
        (
            {"invoices": {**dict.fromkeys(PublicState, 0), PublicState.UNCERTAIN: 2}},
            Needs(),
            f"2 invoices are uncertain: {LOOKED_FOR}. Nothing needs a person.",
        ),
        (
            {"backlog": 213, "clears_in_s": 840.0},
            Needs(),
            "213 invoices are queued, clear in about 14 minutes. Nothing needs a person.",
        ),
        (
            {},
            Needs(causes=3, invoices=20),
            "3 things need a person (20 invoices); everything else goes by itself.",
        ),
        (
            {},
            Needs(causes=1, invoices=1),
            "1 thing needs a person (1 invoice); everything else goes by itself.",
        ),
        (
            {},
            Needs(causes=2, invoices=0),
            "2 things need a person; everything else goes by itself.",
        ),
        (
            {"mode": Mode.OBSERVE},
            Needs(causes=1),
            "1 thing needs a person; nothing is written: 0 invoices would be. A plan shows them.",
        ),
        (
            {
                "mode": Mode.OBSERVE,
                "invoices": {**dict.fromkeys(PublicState, 0), PublicState.WAITING: 300},
            },
            Needs(),
            "300 invoices would be written. A plan shows them.",
        ),
    ],
)
def test_a_tenant_without_trouble_says_what_is_to_do(
    changes: dict[str, object], needs: Needs, text: str
) -> None:
    assert verdicts.of(status(**changes), needs).text == text


def test_a_mode_is_one_of_two_words() -> None:
    assert verdicts.mode_of("live") is Mode.LIVE
    assert verdicts.mode_of("observe") is Mode.OBSERVE
    assert verdicts.mode_of("Live") is None


def test_an_observing_tenant_leads_to_where_it_goes_live() -> None:
    idle, wanted = (
        verdicts.of(status(mode=Mode.OBSERVE), needs) for needs in (Needs(), Needs(causes=2))
    )

    press = idle.press
    assert press is not None
    assert wanted.press == press
    assert idle.look.word == wanted.look.word == "Observes."
    assert (idle.look.tone, wanted.look.tone) == ("off", "person")
    assert (press.href, press.operation, press.posts) == ("/t/acme/plans", "listPlans", False)
