"""An address that is kept lets callers wait while one answerer follows another."""

from __future__ import annotations

import asyncio

import pytest

from syncd.domain.errors import ConfigError
from syncd.runtime.kept_address import KeptAddress, host_name


async def answering(kept: KeptAddress, words: bytes) -> asyncio.Server:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    return await asyncio.start_server(answer, sock=kept.again())


async def heard(kept: KeptAddress) -> bytes:
    host, _, port = kept.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    words = await reader.read()
    writer.close()
    return words


async def test_caller_between_two_answerers_waits_and_is_not_refused() -> None:
    kept = KeptAddress("server.listen", "127.0.0.1:0")
    first = await answering(kept, b"first")
    assert await heard(kept) == b"first"
    first.close()
    await first.wait_closed()

    waiting = asyncio.create_task(heard(kept))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    second = await answering(kept, b"second")

    assert await waiting == b"second"
    second.close()
    await second.wait_closed()
    address = kept.address
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))


def test_address_that_is_taken_is_named_with_its_key() -> None:
    kept = KeptAddress("server.listen", "127.0.0.1:0")

    with pytest.raises(ConfigError, match=r"server.public_listen: 127.0.0.1:\d+ cannot be"):
        KeptAddress("server.public_listen", kept.address)
    kept.close()


def test_host_that_nobody_knows_is_named_with_its_key() -> None:
    with pytest.raises(ConfigError, match=r"server\.listen: nowhere\.invalid:80 cannot be"):
        KeptAddress("server.listen", "nowhere.invalid:80")


def test_address_of_the_sixth_version_is_bracketed() -> None:
    kept = KeptAddress("server.listen", "[::1]:0")

    assert kept.address.startswith("[::1]:")
    kept.close()


def test_machine_has_a_name() -> None:
    assert host_name()
