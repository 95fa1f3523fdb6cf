"""`syncd plan` shows and keeps a plan; `syncd apply` does it to its end and tells refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from syncd.cli.commands.plan import apply, plan
from syncd.cli.parameters import Reached
from syncd.domain.ids import TenantId
from syncd.domain.model.planned import Plan, PlanAction, PlanScope
from syncd.domain.model.settings import CodeMapping
from syncd.domain.rules.plan_file import totals_of
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.engine.plans.service import ApplyAnswer, PlanService, Progress
from syncd.store import settings
from tests.cli.commanding import Commanded, daemon
from tests.domain import builders
from tests.domain.test_planned import ITEM, PLAN
from tests.store.build import ACME

HELD = replace(ITEM, action=PlanAction.HOLD, name="PL-7", key="p7", reason="account_unmapped")
LEFT = replace(ITEM, action=PlanAction.LEAVE, name="PL-9", before="1234.5", after="1234.5")
_ITEMS = (ITEM, HELD, LEFT)
_WHOLE = replace(PLAN, items=_ITEMS, mode="observe", totals=totals_of(_ITEMS))
SEALED = replace(_WHOLE, hash=_WHOLE.digest())


class TwoSlices:
    """A desk that makes one plan and applies it in two slices."""

    def __init__(self, last: PlanOutcome, *, withheld: int = 0) -> None:
        self.last = last
        self.withheld = withheld
        self.scopes: list[PlanScope] = []
        self.tickets: list[str] = []

    async def make(self, _: TenantId, scope: PlanScope) -> Plan:
        self.scopes.append(scope)
        return SEALED

    async def apply(self, _: TenantId, plan: Plan, ticket: str, who: str) -> ApplyAnswer:
        assert (plan, who) == (SEALED, "super user")
        self.tickets.append(ticket)
        outcome = PlanOutcome.APPLIED if not ticket else self.last
        item = ItemOutcome(
            kind="invoice", key="p1", name="PL-1", action="update", outcome=outcome, why="Told."
        )
        progress = (Progress.of(ticket) if ticket else Progress()).after(1, [item])
        left = self.withheld if ticket else 0
        return ApplyAnswer(
            is_complete=bool(ticket), progress=progress, items=(item,), withheld=left
        )


def _desk(
    at: Commanded, last: PlanOutcome = PlanOutcome.ALREADY, *, withheld: int = 0
) -> TwoSlices:
    made = TwoSlices(last, withheld=withheld)
    at.desk.operations.plans = cast("PlanService", made)
    return made


async def test_a_plan_is_shown_with_its_money_and_kept_as_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    async with daemon(tmp_path) as at:
        made = _desk(at)
        await plan("acme", out=out, remap=True, daemon=at.daemon)

    shown = capsys.readouterr().out
    assert made.scopes == [PlanScope(remap=True)]
    assert "+1.00" in shown
    assert "PL-1" in shown
    assert "PL-9" not in shown
    assert "1 more are left as they are" in shown
    assert SEALED.hash in shown
    assert "does this, refuses by name what has moved since, and sets acme live." in shown
    assert "Not done by applying it: 1 wait for what they name (PL-7)." in shown
    assert json.loads(out.read_text())["hash"] == SEALED.hash


async def test_a_plan_as_json_is_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        _desk(at)
        await plan("acme", json=True, retry_failed=True, daemon=at.daemon)

    assert len(json.loads(capsys.readouterr().out)["items"]) == 3


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_kept_plan_is_applied_to_its_end(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:
    out = tmp_path / "plan.json"
    async with daemon(tmp_path) as at:
        made = _desk(at)
        await plan("acme", out=out, daemon=at.daemon)
        capsys.readouterr()
        await apply(out, json=as_json, daemon=at.daemon)

    shown = capsys.readouterr().out
    assert made.tickets == ["", "1.1.0.0"]
    if as_json:
        answer = json.loads(shown)
        assert (answer["applied"], answer["already_applied"], len(answer["items"])) == (1, 1, 2)
    else:
        assert "1 carried out, 1 already so, 0 refused" in shown


async def test_a_refusal_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "plan.json"
    async with daemon(tmp_path) as at:
        _desk(at, PlanOutcome.REFUSED)
        await plan("acme", out=out, daemon=at.daemon)
        with pytest.raises(SystemExit) as ended:
            await apply(out, daemon=at.daemon)

    assert ended.value.code == 1
    assert "1 refused" in capsys.readouterr().out


async def test_what_a_plan_left_out_is_said_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    async with daemon(tmp_path) as at:
        _desk(at, withheld=3)
        await plan("acme", out=out, daemon=at.daemon)
        capsys.readouterr()
        await apply(out, daemon=at.daemon)

    shown = " ".join(capsys.readouterr().out.split())
    assert "Pending changes refused or not in the plan: 3. Nothing of them is written" in shown
    assert "syncd tenants live acme" in shown
    assert "1 wait for what they name (PL-7)" in shown


@pytest.mark.parametrize("text", [None, "no json", "[]", '{"tenant": "acme"}'])
async def test_what_is_no_plan_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        await apply(file, daemon=Reached(config=tmp_path / "none.toml"))

    assert ended.value.code == 1
    assert "plan.json" in capsys.readouterr().err


async def test_a_plan_that_cannot_be_kept_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        _desk(at)
        with pytest.raises(SystemExit) as ended:
            await plan("acme", out=tmp_path / "no" / "plan.json", daemon=at.daemon)

    assert ended.value.code == 1
    assert "cannot be written" in capsys.readouterr().err


async def test_a_mapping_the_organisation_does_not_take_is_told_beside_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        _desk(at)
        at.desk.maps(LAB=CodeMapping(account="200"))
        await at.desk.store.run(settings.put(ACME, builders.settings()))
        await plan("acme", json=True, daemon=at.daemon)
        good = capsys.readouterr().err
        at.desk.maps(LAB=CodeMapping(account="999"))
        await plan("acme", json=True, daemon=at.daemon)

    told = capsys.readouterr()
    assert good == ""
    assert "cost_codes.LAB.account: account 999 is not in Xero's chart of accounts" in told.err
    assert json.loads(told.out)["hash"] == SEALED.hash
