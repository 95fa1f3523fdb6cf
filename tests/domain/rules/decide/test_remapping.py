"""A changed mapping makes exactly the lines it changes count as Pipeline's edits."""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.planned import PlanField
from syncd.domain.model.settings import CodeMapping
from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.rules.compare import comparison, snapshots
from syncd.domain.rules.compare.translation import expected
from syncd.domain.rules.decide import remapping
from syncd.domain.rules.decide.remapping import Remapped
from tests.domain import builders

OTHER = CodeMapping(account="210")
SAID = replace(
    builders.invoice(), lines=(builders.line(id="a"), builders.line(id="b", cost_code="MAT"))
)
BOTH = {"LAB": CodeMapping(account="200"), "MAT": CodeMapping(account="220")}


def _meant(**codes: CodeMapping) -> Snapshot:
    return expected(SAID, builders.meaning(SAID, cost_codes={**BOTH, **codes}))


def _agreed() -> tuple[Base, Snapshot]:
    """Both sides as they agreed under the old mapping."""
    said, shown = snapshots.of_pipeline(SAID), _meant()
    lines = tuple(replace(line, id=f"x-{line.id}") for line in shown.lines)
    shown = replace(shown, lines=lines)
    pairs = tuple((line.id, f"x-{line.id}") for line in said.lines)
    return Base(pipeline=said, xero=shown, pairs=pairs), shown


def _under(meant: Snapshot, base: Base, live: Snapshot) -> Remapped | None:
    return remapping.remapped(base, snapshots.of_pipeline(SAID), live, meant)


def test_without_a_change_of_the_mapping_nothing_is_remapped() -> None:
    base, live = _agreed()

    assert _under(_meant(), base, live) is None


def test_only_the_lines_of_the_changed_code_count_as_moved() -> None:
    base, live = _agreed()
    meant = _meant(LAB=OTHER)

    found = _under(meant, base, live)

    assert found is not None
    assert found.fields == (PlanField(field="lines[0].accountCode", before="200", after="210"),)
    moved = comparison.compare(
        base=found.base, desired=snapshots.of_pipeline(SAID), live=live, expected=meant
    )
    wanted = [(cell.name, cell.moved_pipeline, cell.moved_xero) for cell in moved.diffs]
    assert wanted == [("lines[0].accountCode", True, False)]


def test_what_was_recoded_in_xero_is_not_overwritten() -> None:
    base, live = _agreed()
    first = replace(live.lines[0], account="260")
    live = replace(live, lines=(first, *live.lines[1:]))

    found = _under(_meant(LAB=OTHER), base, live)

    assert found is not None
    assert found.fields == ()
    assert found.recoded == (PlanField(field="lines[0].accountCode", before="260", after="210"),)
    assert found.base == base


def test_a_difference_kept_by_decision_stays() -> None:
    base, live = _agreed()
    kept = replace(base, kept=("lines/a/account",))

    assert _under(_meant(LAB=OTHER), kept, live) is None


def test_a_base_without_both_halves_says_nothing() -> None:
    base, live = _agreed()

    assert _under(_meant(LAB=OTHER), replace(base, xero=None), live) is None
