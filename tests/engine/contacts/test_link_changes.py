"""A link remembers what it stood for, and moves only with what really changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus
from syncd.engine.contacts import link_changes
from tests.domain.rules.contacts.test_field_moves import CONTACT, CUSTOMER, NOW

LATER = NOW + timedelta(hours=1)
LINK = link_changes.fresh(CUSTOMER, CONTACT, NOW, is_ours=True)
SURVIVOR = replace(CONTACT, id=XeroContactId("x-2"), name="Survivor")


def test_a_look_that_finds_the_same_changes_nothing() -> None:
    assert not link_changes.is_changed(LINK, link_changes.seen(LINK, CONTACT, LATER))


def test_a_contact_that_was_archived_and_restored_has_moved_both_times() -> None:
    archived = replace(CONTACT, status=ContactStatus.ARCHIVED)
    gone = link_changes.seen(LINK, archived, LATER)

    assert link_changes.is_changed(LINK, gone)
    assert gone.base is not None
    assert gone.base.xero == archived
    assert link_changes.seen(gone, CONTACT, NOW) == LINK


def test_every_merge_is_remembered_and_the_survivor_is_none_of_ours() -> None:
    once = link_changes.survived(LINK, SURVIVOR, LATER)
    twice = link_changes.survived(once, replace(SURVIVOR, id=XeroContactId("x-3")), LATER)

    assert twice.base is not None
    assert twice.base.former == ("x-1", "x-2")
    assert (twice.xero_id, twice.is_ours, twice.merged_to) == ("x-3", False, None)
    assert twice.base.pipeline == CUSTOMER


def test_a_shared_link_keeps_its_contact_and_stands_for_the_other() -> None:
    shared = link_changes.shared(LINK, SURVIVOR, LATER)

    assert (shared.xero_id, link_changes.target(shared)) == ("x-1", "x-2")
    assert link_changes.target(LINK) == "x-1"


def test_a_shared_link_remembers_every_contact_that_stood_for_it() -> None:
    end = replace(SURVIVOR, id=XeroContactId("x-3"))
    once = link_changes.shared(LINK, SURVIVOR, LATER)
    twice = link_changes.shared(once, end, LATER)
    alone = link_changes.survived(once, end, LATER)

    assert once.base is not None
    assert once.base.former == ()
    for link in (twice, alone):
        assert link.base is not None
        assert "x-2" in link.base.former
        assert link_changes.target(link) == "x-3"
