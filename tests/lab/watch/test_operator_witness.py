"""What the operator's deeds explain: this document, this span of time, and nothing beside."""

from __future__ import annotations

from syncd.lab.watch.operator_witness import Decision, OperatorCommand, OperatorWitness

SHOWN = frozenset({("Reference", "A", "B")})


def decision(take: str, **of: object) -> Decision:
    return Decision(began_s=10.0, ended_s=11.0, invoice="i1", take=take, **of)  # type: ignore[arg-type] # few of its fields


def test_what_begins_is_in_force_until_its_end_was_asked_for() -> None:
    witness = OperatorWitness()

    witness.begins("paused", 5.0)
    witness.ends("paused", 9.0)

    assert witness.in_force(7.0) == ["paused"]
    assert witness.in_force(4.0) == witness.in_force(9.5) == []


def test_restore_forgets_what_is_in_force_and_knows_nothing_of_the_hours_since_the_backup() -> None:
    witness = OperatorWitness()
    witness.begins("paused", 5.0)

    witness.restored(taken_s=3.0, at_s=8.0)

    assert witness.in_force(9.0) == []
    assert witness.is_forgotten(5.0)
    assert not witness.is_forgotten(2.0)
    assert not witness.is_forgotten(8.5)


def test_taken_for_xero_keeps_what_was_shown_and_leaves_what_was_deleted() -> None:
    witness = OperatorWitness(decisions=[decision("xero", shown=SHOWN, left=4)])

    assert witness.kept == {"i1": SHOWN}
    assert ("i1", 4) in witness.left
    assert witness.let_go == frozenset()


def test_taken_for_pipeline_lets_dead_documents_go_and_keeps_nothing() -> None:
    witness = OperatorWitness(
        decisions=[decision("pipeline", shown=SHOWN, dead=frozenset({"d1"}), left=4)]
    )

    assert witness.let_go == {"d1"}
    assert witness.kept == {}
    assert witness.left == set()


def test_press_covers_its_own_time_alone_and_what_was_issued_before_it() -> None:
    witness = OperatorWitness(refreshes=[OperatorCommand(began_s=1.0, ended_s=2.0)])

    assert witness.is_pressed(0.5, 1.5)
    assert not witness.is_pressed(0.5, 2.5)
    assert witness.is_pressed(1.05, 1.5), "issued while the command was on its way"
    assert not witness.is_pressed(1.2, 1.5)


def test_set_clock_explains_what_was_issued_before_and_judged_after() -> None:
    witness = OperatorWitness(steps=[(10.0, -3600.0)])

    assert witness.was_set(5.0, 15.0)
    assert not witness.was_set(11.0, 15.0)
