"""Signals: a fold over facts, bounded, and lost without harm."""

from __future__ import annotations

import anyio
import pytest

from syncd.domain.facts import ChangesTaken, StoreWritten
from syncd.web.console import live
from syncd.web.console.live import LiveStreams, Subject
from tests.store.build import ACME, AT, BETA


def changed(tenant: str = ACME) -> ChangesTaken:
    values = {"tenant": tenant}
    for name in ChangesTaken.__struct_fields__:
        values.setdefault(name, 0)  # type: ignore[arg-type]  # counts
    return ChangesTaken(**values)  # type: ignore[arg-type]  # as above


async def test_a_fact_is_signalled_to_the_tabs_of_its_tenant() -> None:
    streams = LiveStreams()
    acme, beta, everyone = (streams.join(name) for name in (ACME, BETA, ""))
    assert acme is not None
    assert beta is not None
    assert everyone is not None

    streams.observe(changed())
    streams.observe(StoreWritten(at=AT))

    first, second = acme.receive_nowait(), acme.receive_nowait()
    assert {first.subject, second.subject} == {Subject.QUEUE, Subject.INVOICES}
    assert first.number < second.number
    assert everyone.statistics().current_buffer_used == 2
    with pytest.raises(anyio.WouldBlock):
        beta.receive_nowait()
    for one in (acme, beta, everyone):
        streams.leave(one)
    assert len(streams) == 0


async def test_a_tab_that_does_not_keep_up_loses_signals_and_holds_nobody() -> None:
    streams = LiveStreams()
    slow = streams.join(ACME)
    assert slow is not None

    for _ in range(1000):
        streams.observe(changed())

    assert slow.statistics().current_buffer_used <= 16
    streams.leave(slow)


async def test_streams_are_bounded_and_end_with_the_daemon() -> None:
    streams = LiveStreams()
    joined = [streams.join("") for _ in range(live.MOST_STREAMS)]

    assert streams.join("") is None
    streams.end()
    for one in joined:
        assert one is not None
        assert [signal async for signal in live.beats(one)] == []
        streams.leave(one)


async def test_without_news_there_is_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    streams = LiveStreams()
    tab = streams.join("")
    assert tab is not None

    async for signal in live.beats(tab):
        assert signal is None
        break

    streams.leave(tab)
