"""Strangers at both listeners: nobody waits, nothing is a 5xx, and the log stays readable."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from functools import partial

import pytest

from tests.attack.attacker import (
    CALM_S,
    OPERATORS,
    PUBLIC,
    THOROUGH,
    Neighbour,
    answer,
    at_once,
    bearer,
    bomb,
    held_open,
    new_lines,
    noticed_s,
    peak_mb,
    post,
    status,
)
from tests.attack.conftest import Figure
from tests.journeys.support.harness import Journey

BOMBS = 10 * THOROUGH
HALF = 700
HALF_OF_OPERATORS = 300
HALF_HEADER = b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_BODY = b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nhalf"
FAT_BODY = b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(
    990_000
)
FAT_HEADERS = b"".join(b"X-%d: %s\r\n" % (at, b"a" * 8000) for at in range(120))
MOST_HALF_MB = 250.0
"""Below what the unit gives the daemon, beside what it needs itself."""
WRONG_TOKENS = 300 * THOROUGH
MOST_TAKEN_S = 5.0
"""Until a body nobody wants is cut: a second of lingering, and a slow machine."""


@pytest.mark.parametrize("path", ["/webhooks/xero", "/webhooks/pipeline/demo", "/nowhere"])
def test_good_webhook_does_not_notice_compressed_bombs(
    way: Journey, path: str, figure: Figure
) -> None:
    port = way.daemon.ports[PUBLIC]
    request = post(path, bomb(), Content_Encoding="gzip", x_xero_signature="AAAA")
    before_mb, most_s = peak_mb(way.daemon), noticed_s(way.daemon)

    with Neighbour(way.daemon) as good:
        found = at_once([partial(answer, port, request)] * BOMBS)

    figure(f"slowest good webhook beside {BOMBS} bombs to {path}", good.slowest_s * 1000, "ms")
    assert good.refused == []
    assert good.slowest_s < most_s
    assert {status(each) for each in found} <= {404 if path == "/nowhere" else 415, 0}
    assert peak_mb(way.daemon) - before_mb < 60


def test_operators_listener_unpacks_nothing_either(way: Journey, figure: Figure) -> None:
    port = way.daemon.ports[OPERATORS]
    path = "/api/v1/tenants/demo/reconcile"
    strangers = post(path, bomb(), Content_Encoding="gzip")
    known = post(path, bomb(), Content_Encoding="gzip", **bearer())
    most_s = noticed_s(way.daemon)

    with Neighbour(way.daemon) as good:
        found = at_once([partial(answer, port, each) for each in (strangers, known) * 5])

    figure("slowest good webhook beside 10 bombs to operators", good.slowest_s * 1000, "ms")
    assert good.slowest_s < most_s
    assert {status(each) for each in found} <= {401, 415, 0}


@pytest.mark.parametrize(
    ("listener", "count"),
    [(PUBLIC, HALF), (OPERATORS, HALF_OF_OPERATORS)],
    ids=["public", "operators"],
)
def test_half_requests_keep_nobody_waiting(
    way: Journey, listener: int, count: int, figure: Figure
) -> None:
    port, most_s = way.daemon.ports[listener], noticed_s(way.daemon)
    with ExitStack() as stack:
        for begun in (HALF_HEADER, HALF_BODY):
            for line in held_open(port, begun, count // 2):
                stack.enter_context(line)
        began = time.monotonic()
        is_alive = way.daemon.get("/livez").status
        took_s = time.monotonic() - began
        with Neighbour(way.daemon) as good:
            time.sleep(CALM_S)

    name = "public" if listener == PUBLIC else "operators"
    figure(f"good webhook beside {count} half requests to {name}", good.slowest_s * 1000, "ms")
    assert (is_alive, good.refused) == (200, [])
    assert max(good.slowest_s, took_s) < most_s


@pytest.mark.parametrize(
    ("name", "begun"),
    [
        ("bodies of 1 MB", FAT_BODY),
        ("headers of 1 MB", b"POST /webhooks/xero HTTP/1.1\r\n" + FAT_HEADERS),
    ],
)
def test_half_requests_do_not_fill_the_memory(
    way: Journey, name: str, begun: bytes, figure: Figure
) -> None:
    before_mb = peak_mb(way.daemon)
    with ExitStack() as stack:
        for line in held_open(way.daemon.ports[PUBLIC], begun, HALF):
            stack.enter_context(line)
        with Neighbour(way.daemon) as good:
            time.sleep(CALM_S)

    grown_mb = peak_mb(way.daemon) - before_mb
    figure(f"memory for {HALF} half {name}", grown_mb, "MB")
    assert good.refused == []
    assert grown_mb < MOST_HALF_MB


@pytest.mark.parametrize(
    ("listener", "path"), [(PUBLIC, "/nowhere"), (OPERATORS, "/api/v1/tenants")]
)
def test_body_that_nobody_wants_is_cut(
    way: Journey, listener: int, path: str, figure: Figure
) -> None:
    """A stranger would send for ever; the answer stands, and the line is cut."""
    (line,) = held_open(
        way.daemon.ports[listener],
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n".encode(),
        1,
    )
    began, taken, part = time.monotonic(), 0, bytes(2**16)
    with line, Neighbour(way.daemon) as good:
        try:
            while time.monotonic() - began < 4 * MOST_TAKEN_S:
                taken += line.send(part)
        except OSError:
            pass
        took_s = time.monotonic() - began

    figure(f"seconds a body to {path} was let in ({taken / 1e6:,.0f} MB)", took_s, "s")
    assert took_s < MOST_TAKEN_S
    assert good.refused == []


GET = b"GET /oauth/xero/callback?state=x HTTP/1.1\r\nHost: x\r\n"
NOTE = "/webhooks/pipeline/demo"
ODD: tuple[bytes, ...] = (
    post("/webhooks/xero", b"no gzip", Content_Encoding="gzip"),
    post("/webhooks/xero", b"x", x_xero_signature="\xe9"),
    post("/webhooks/xero", b"x" * (2**20 + 1)),
    post(NOTE, b"{}", webhook_timestamp="0" * 20 + "9" * 30, webhook_id="i"),
    post(NOTE, b"{}", webhook_timestamp="1" * 5_000, webhook_id="i"),
    post(NOTE, b"{}", webhook_timestamp="\xb2", webhook_id="i"),
    post(NOTE, b"{}", webhook_timestamp="99999999999", webhook_id="i", webhook_signature="v1,\xff"),
    GET + b"Cookie: syncd-state=caf\xe9\r\n\r\n",
    GET + b"Cookie: syncd-state=x\r\n\r\n",
    GET.replace(b"state=x", b"state=%FF%FE&code=%00") + b"Cookie: syncd-state=\xff\xfe\r\n\r\n",
    b"GET /connect/xero?ticket=%ED%A0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nExpect: the impossible\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://elsewhere/livez HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
    b"GET /api/v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
)


def test_no_stranger_causes_a_5xx_or_an_error_line(way: Journey, figure: Figure) -> None:
    with new_lines(way.daemon) as lines:
        for _ in range(THOROUGH):
            for listener in (PUBLIC, OPERATORS):
                for request in ODD:
                    found = answer(way.daemon.ports[listener], request)
                    assert status(found) == 0 or 200 <= status(found) < 500, (request, found)
                    assert b"aiohttp" not in found, (request, found)
                    if found and status(found) != 100:
                        assert b"\r\nServer: syncd\r\n" in found, (request, found)

    told = [json.loads(line) for line in lines]
    figure(f"log lines after {2 * len(ODD) * THOROUGH} odd requests", len(lines), "lines")
    assert [each for each in told if each["level"] == "error"] == []
    assert len([each for each in told if each["event"] == "request.refused"]) <= 2
    assert way.daemon.get("/readyz").status == 200


def test_wrong_tokens_are_counted_and_a_line_a_minute(way: Journey, figure: Figure) -> None:
    series = 'syncd_requests_refused_total{service="api",status="401"}'
    before = way.daemon.metrics().get(series, 0)
    port = way.daemon.ports[OPERATORS]
    request = b"GET /api/v1/tenants HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n"

    with new_lines(way.daemon) as lines:
        found = [status(answer(port, request)) for _ in range(WRONG_TOKENS)]

    assert set(found) == {401}
    assert way.daemon.metrics()[series] - before == WRONG_TOKENS
    told = [line for line in lines if "sign_in.refused" in line]
    figure(f"log lines after {WRONG_TOKENS} wrong tokens", len(told), "lines")
    assert len(told) <= 1 + THOROUGH
