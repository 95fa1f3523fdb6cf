"""The Entropy port's promises."""

from __future__ import annotations

import re

import pytest

from syncd.ports.entropy import Entropy
from syncd.runtime.system_entropy import SystemEntropy

every_entropy = pytest.mark.parametrize("entropy", [SystemEntropy(), SystemEntropy().child("a")])


@every_entropy
def test_draw_lies_in_the_half_open_interval_from_0_to_1(entropy: Entropy) -> None:
    assert all(0 <= entropy.draw() < 1 for _ in range(1000))


@every_entropy
@pytest.mark.parametrize("n_bytes", [16, 32, 64])
def test_token_is_url_safe_long_enough_and_never_the_same(entropy: Entropy, n_bytes: int) -> None:
    tokens = [entropy.token(n_bytes) for _ in range(100)]

    assert len(set(tokens)) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in tokens)
    assert all(len(token) >= n_bytes * 4 // 3 for token in tokens)


@every_entropy
def test_child_is_a_source_of_its_own(entropy: Entropy) -> None:
    assert entropy.child("worker-1").token(16) != entropy.child("worker-1").token(16)
