"""Every hold has a releaser, and every releaser survives storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, XeroInvoiceId
from syncd.domain.model import predicate as predicates
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.settings import Mode
from syncd.domain.rules import holds

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTEXT = holds.HoldContext(
    now=NOW,
    version=7,
    customer=PipelineCustomerId("c-1"),
    number="INV-1",
    mapping="m1",
    invoice=XeroInvoiceId("x-1"),
    until=NOW + timedelta(hours=3),
)
STUCK = holds.ReleaseFacts(
    now=NOW,
    version=7,
    is_contact_linked=False,
    is_contact_usable=False,
    mapping="m1",
    settings_read_at=NOW,
    has_money=True,
    is_number_free=False,
    sides_agree=False,
    mode=Mode.OBSERVE,
    is_paused=True,
    is_gate_open=False,
    is_breaker_closed=False,
    is_brake_released=False,
    has_person_acted=False,
)
FREE = holds.ReleaseFacts(
    now=NOW + timedelta(days=1),
    version=8,
    is_contact_linked=True,
    is_contact_usable=True,
    mapping="m2",
    settings_read_at=NOW + timedelta(seconds=1),
    has_money=False,
    is_number_free=True,
    sides_agree=True,
    mode=Mode.LIVE,
    is_paused=False,
    is_gate_open=True,
    is_breaker_closed=True,
    is_brake_released=True,
    has_person_acted=True,
)
reasons = st.none() | st.sampled_from(Reason)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)
instants = st.datetimes(timezones=st.just(UTC))
KINDS = get_args(Predicate)
any_predicate = st.one_of(
    st.builds(predicates.ContactLinked, customer=texts.map(PipelineCustomerId)),
    st.builds(predicates.ContactUsable, customer=texts.map(PipelineCustomerId)),
    st.builds(predicates.MappingChanged, fingerprint=texts),
    st.builds(predicates.SettingsReadAfter, at=instants),
    st.builds(predicates.MoneyGone, invoice=texts.map(XeroInvoiceId)),
    st.builds(predicates.NumberFree, number=texts),
    st.builds(predicates.PipelineVersionAbove, version=st.integers(0)),
    st.builds(predicates.BothSidesAgree, invoice=texts.map(XeroInvoiceId)),
    st.builds(predicates.After, at=instants),
    st.sampled_from(
        [
            predicates.ModeLive(),
            predicates.NotPaused(),
            predicates.GateOpen(),
            predicates.BreakerClosed(),
            predicates.BrakeReleased(),
            predicates.PersonActs(),
        ]
    ),
)


@given(any_predicate)
def test_a_predicate_survives_storage(predicate: Predicate) -> None:
    assert holds.decode(holds.encode(predicate)) == predicate


@given(any_predicate, any_predicate)
def test_different_predicates_are_different_texts(left: Predicate, right: Predicate) -> None:
    assert (holds.encode(left) == holds.encode(right)) == (left == right)


@given(any_predicate)
def test_a_stored_text_begins_with_its_topic(predicate: Predicate) -> None:
    text, topic = holds.encode(predicate), holds.topic(predicate)

    assert text == topic or text.startswith(f"{topic}@")


@given(any_predicate)
def test_every_predicate_is_released_by_some_world_and_not_by_another(
    predicate: Predicate,
) -> None:
    if isinstance(predicate, predicates.After | predicates.SettingsReadAfter):
        predicate = replace(predicate, at=NOW)
        assert holds.is_released(predicate, FREE)
        return
    if isinstance(predicate, predicates.MappingChanged):
        predicate = replace(predicate, fingerprint="m1")
    if isinstance(predicate, predicates.PipelineVersionAbove):
        predicate = replace(predicate, version=7)

    assert holds.is_released(predicate, FREE)
    assert not holds.is_released(predicate, STUCK)


@given(reasons, st.booleans())
def test_every_reason_has_a_releaser_and_none_is_released_at_once(
    reason: Reason | None,
    has_invoice: bool,
) -> None:
    context = CONTEXT if has_invoice else replace(CONTEXT, invoice=None)

    found = holds.predicates_for(reason, context)

    assert found
    assert not any(holds.is_released(predicate, STUCK) for predicate in found)
    assert all(holds.is_released(predicate, FREE) for predicate in found)


@given(reasons)
def test_a_new_version_in_pipeline_releases_always(reason: Reason | None) -> None:
    facts = replace(STUCK, version=8)

    found = holds.predicates_for(reason, CONTEXT)

    assert any(holds.is_released(predicate, facts) for predicate in found)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.OBSERVING, predicates.ModeLive),
        (Reason.PAUSED, predicates.NotPaused),
        (Reason.NOT_CONNECTED, predicates.GateOpen),
        (Reason.TOKEN_EXPIRED, predicates.GateOpen),
        (Reason.CONTACT_UNMAPPED, predicates.ContactLinked),
        (Reason.CONTACT_NAME_TAKEN, predicates.ContactLinked),
        (Reason.CONTACT_ARCHIVED, predicates.ContactUsable),
        (Reason.ACCOUNT_UNMAPPED, predicates.MappingChanged),
        (Reason.TAX_UNMAPPED, predicates.MappingChanged),
        (Reason.LOCKED_PERIOD, predicates.SettingsReadAfter),
        (Reason.CURRENCY_UNAVAILABLE, predicates.SettingsReadAfter),
        (Reason.NUMBER_TAKEN, predicates.NumberFree),
        (Reason.HAS_PAYMENTS, predicates.MoneyGone),
        (Reason.RATE_LIMITED, predicates.After),
        (Reason.BREAKER_OPEN, predicates.BreakerClosed),
        (Reason.BRAKE_HALTED, predicates.BrakeReleased),
        (Reason.STATUS_REGRESSION, predicates.BothSidesAgree),
        (None, predicates.BothSidesAgree),
    ],
)
def test_a_reason_is_released_by_what_caused_it(reason: Reason | None, kind: type) -> None:
    found = holds.predicates_for(reason, CONTEXT)

    assert any(isinstance(predicate, kind) for predicate in found)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_the_closed_set_is_listed(reason: Reason) -> None:
    assert reason in holds._RELEASERS


def test_settings_never_read_release_nothing() -> None:
    predicate = predicates.SettingsReadAfter(at=NOW)

    assert not holds.is_released(predicate, replace(FREE, settings_read_at=None))


def test_topics_are_what_an_event_can_say() -> None:
    linked = predicates.ContactLinked(customer=PipelineCustomerId("c-1"))

    assert holds.topic(linked) == "contact_linked:c-1"
    assert holds.topic(predicates.SettingsReadAfter(at=NOW)) == "settings_read"
    assert holds.encode(predicates.MappingChanged(fingerprint="m1")) == "mapping_changed@m1"


def test_a_text_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="known kind"):
        holds.decode("moon_full")
