"""Only who has a key of the site can say where a request came from."""

from __future__ import annotations

import pytest

from syncd.web.http.forwarded import ReplicaKeys

NEW, OLD = "a-new-key", "an-older-one"
SITE = ReplicaKeys.of(f"{NEW}\n{OLD}\n")


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
def test_address_is_proved_by_any_key_of_the_site(peer: str) -> None:
    assert SITE.peer_of(SITE.said(peer)) == peer
    assert SITE.peer_of(ReplicaKeys.of(OLD).said(peer)) == peer
    assert ReplicaKeys.of(OLD).peer_of(SITE.said(peer)) is None


@pytest.mark.parametrize("said", ["", "127.0.0.1", "127.0.0.1 ", "127.0.0.1 \udcff", " 00"])
def test_what_proves_nothing_names_nobody(said: str) -> None:
    assert SITE.peer_of(said) is None


def test_proof_is_good_for_one_address() -> None:
    proof = SITE.said("10.0.0.1").partition(" ")[2]

    assert SITE.peer_of(f"10.0.0.2 {proof}") is None


def test_no_key_shows() -> None:
    shown = repr(SITE) + SITE.said("::1")

    assert NEW not in shown
    assert OLD not in shown
