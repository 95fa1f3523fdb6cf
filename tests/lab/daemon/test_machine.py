"""The simulated machine: chance by name from one seed, a wall clock with errors of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.lab.daemon.machine import SeededEntropy, SimulatedClock, encryption_key
from syncd.lab.virtual.library_clocks import EPOCH_S
from syncd.runtime.vault import FernetVault


def test_a_rooms_draws_do_not_shift_anothers() -> None:
    quiet, busy = SeededEntropy("7"), SeededEntropy("7")
    for _ in range(10):
        busy.child("worker").draw()
        busy.draw()

    assert quiet.child("prober").token(16) == busy.child("prober").token(16)
    assert quiet.child("prober").token(16) != quiet.child("worker").token(16)


def test_another_seed_draws_otherwise() -> None:
    assert SeededEntropy("7").draw() != SeededEntropy("8").draw()
    assert 0 <= SeededEntropy("7").draw() < 1


def test_clock_can_be_set_forward_and_back() -> None:
    clock = SimulatedClock()
    began_at = clock.now()
    clock.step(60.0)
    clock.step(-90.0)

    assert began_at == datetime.fromtimestamp(EPOCH_S, tz=UTC)
    assert clock.now() - began_at == timedelta(seconds=-30)


def test_encryption_key_is_one_and_follows_the_seed() -> None:
    vault = FernetVault(encryption_key(7))

    assert vault.open(vault.seal("x", purpose="p", tenant="t"), purpose="p", tenant="t") == "x"
    assert encryption_key(7) != encryption_key(8)
