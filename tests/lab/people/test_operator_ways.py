"""The kinds of operators: half of the worlds have none, a third have tight brakes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

from syncd.config import sources
from syncd.config.options import Options
from syncd.lab.people import operator_ways
from syncd.lab.people.operator_ways import Brakes, OperatorWays, configured, draw

SEEDS = 600


def options() -> Options:
    told = {
        "store": {"url": f"sqlite://{Path('/pretend/syncd.db')}"},
        "security": {"encryption_key": "k" * 44, "operator_token": "an operator of a test"},
        "xero": {"client_id": "c", "client_secret": "s"},
        "tenants": {
            "demo": {
                "pipeline_url": "http://localhost/api/v1",
                "pipeline_key": "key",
                "mode": "live",
                "invoice_url": "https://app.test/invoices/{id}",
            }
        },
    }
    return sources.load(None, flags=told, environment={})


def drawn() -> list[OperatorWays]:
    return [draw(lambda name, seed=seed: Random(f"{seed}/{name}")) for seed in range(SEEDS)]  # type: ignore[misc] # noqa: S311 - a pretend world's dice


def test_half_of_the_worlds_have_nobody_and_a_third_have_brakes() -> None:
    found = drawn()
    nobody = sum(not (set(each.acts) - {operator_ways.WATCH}) for each in found)
    braked = sum(each.brakes is not None for each in found)

    assert abs(nobody / SEEDS - 1 / 2) < 0.07
    assert abs(braked / SEEDS - 1 / 3) < 0.07


def test_every_act_is_somebody_s_and_sometimes_the_only_one() -> None:
    counted = Counter(act for each in drawn() for act in each.acts)
    alone = {next(iter(each.acts)) for each in drawn() if len(each.acts) == 1}

    assert set(counted) == {*operator_ways.USUAL, operator_ways.WATCH}
    assert len(alone) > len(operator_ways.USUAL) / 2


def test_nobody_restores_who_never_saves() -> None:
    assert all(
        operator_ways.BACKUP in each.acts for each in drawn() if operator_ways.RESTORE in each.acts
    )


def test_who_turns_modes_is_asked_for_it_by_the_configuration() -> None:
    policy = configured(options(), OperatorWays(acts={operator_ways.OBSERVE: 1.0})).tenants["demo"]
    others = configured(options(), OperatorWays()).tenants["demo"]

    assert policy.mode is None
    assert others.mode == "live"


def test_tight_brakes_are_configured() -> None:
    tight = Brakes(voids=2, window_s=600.0, money=None, bursts_an_hour=1.0)

    made = configured(options(), OperatorWays(brakes=tight))

    assert (made.sync.brake_voids, made.sync.brake_window_s) == (2, 600.0)
    assert configured(options(), OperatorWays()).sync == options().sync
