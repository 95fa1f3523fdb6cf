"""Datagrams to the service manager, heard on a real socket."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.runtime.systemd import Systemd


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def manager(ear: socket.socket) -> Systemd:
    return Systemd(ear.getsockname())


def test_every_word_is_one_datagram(ear: socket.socket) -> None:
    told = manager(ear)

    told.ready("2 tenants\nserved")
    told.alive()
    told.stopping("draining")

    assert [ear.recv(4096) for _ in range(3)] == [
        b"READY=1\nSTATUS=2 tenants served",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=draining",
    ]


def test_reloading_carries_the_monotonic_time_in_the_same_datagram(ear: socket.socket) -> None:
    manager(ear).reloading()

    first, second = ear.recv(4096).decode().split("\n")

    assert first == "RELOADING=1"
    assert second.startswith("MONOTONIC_USEC=")
    assert int(second.partition("=")[2]) > 0


def test_abstract_address_is_understood() -> None:
    name = f"syncd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name)
        listener.settimeout(5)

        Systemd("@" + name).ready()

        assert listener.recv(4096) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_nobody_listening_is_nobodys_trouble(address: str) -> None:
    Systemd(address).ready()


@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_is_fed_only_when_it_is_meant_for_this_process(
    environment: dict[str, str], watchdog_s: float | None
) -> None:
    assert Systemd.from_environment(environment).watchdog_s == watchdog_s


def test_ear_is_found_in_the_environment(
    ear: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", ear.getsockname())

    Systemd.from_environment().ready()

    assert ear.recv(4096) == b"READY=1"


def test_how_it_stands_is_told_where_it_has_changed(ear: socket.socket) -> None:
    systemd = manager(ear)
    for words in ("2 tenants", "2 tenants", "2 tenants; a: paused\nby x"):
        systemd.says(words)
    systemd.alive()

    heard = [ear.recv(4096) for _ in range(3)]
    assert heard == [b"STATUS=2 tenants", b"STATUS=2 tenants; a: paused by x", b"WATCHDOG=1"]


def test_how_it_stands_is_told_again_where_nobody_had_room_for_it(ear: socket.socket) -> None:
    systemd = manager(ear)
    for _ in range(1000):
        systemd.alive()  # until the queue is full
    systemd.says("2 tenants")
    for _ in range(1000):
        if ear.recv(4096) == b"WATCHDOG=1":
            systemd.says("2 tenants")
            break

    heard = set()
    ear.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            heard.add(ear.recv(4096))
    assert b"STATUS=2 tenants" in heard
