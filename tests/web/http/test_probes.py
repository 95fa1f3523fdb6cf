"""What probes and Prometheus are answered."""

from __future__ import annotations

import pytest

from syncd.domain.facts import ConnectionChanged, DaemonDraining
from tests.store.build import ACME
from tests.web.support.serving import Served


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
async def test_probe_of_a_daemon_at_work_is_ok(served: Served, path: str) -> None:
    answer = await served.client.get(path, role=None)

    assert (answer.status, answer.body) == (200, b"ok\n")


async def test_draining_is_alive_but_not_ready(served: Served) -> None:
    served.health.observe(DaemonDraining(cause="SIGTERM"))

    assert (await served.client.get("/livez", role=None)).status == 200
    assert (await served.client.get("/readyz", role=None)).status == 503
    verbose = await served.client.get("/healthz?verbose", role=None)
    assert (verbose.status, verbose.json["status"]) == (503, "fail")
    assert verbose.json["checks"]["accepting"][0]["status"] == "fail"


async def test_tenant_without_connection_only_warns(served: Served) -> None:
    served.health.observe(
        ConnectionChanged(tenant=ACME, state="Not Connected", organisation="", cause="start")
    )

    verbose = await served.client.get("/readyz?verbose", role=None)

    assert (verbose.status, verbose.json["status"]) == (200, "pass")
    assert verbose.json["checks"]["tenant:acme"] == [{"status": "warn", "output": "Not Connected"}]


async def test_metrics_are_prometheus_text(served: Served) -> None:
    answer = await served.client.get("/metrics", role=None)

    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"# TYPE syncd_invoices gauge" in answer.body
    assert b'syncd_build_info{version="1"} 1.0' in answer.body


@pytest.mark.parametrize("path", ["/livez", "/metrics", "/api/v1/tenants", "/nowhere"])
async def test_answer_says_nothing_of_what_serves_and_stays_out_of_caches(
    served: Served, path: str
) -> None:
    headers = (await served.client.get(path)).headers

    assert headers["Server"] == "syncd"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
