"""The daemon as its surroundings see it: probes, signals, exit codes, a scrape."""

from __future__ import annotations

import signal

from tests.journeys.support.harness import Daemon, call, wait_until
from tests.support.stores import needs_file

SERIES = (
    "syncd_build_info",
    'syncd_queue_depth{state="ready",tenant="demo"}',
    'syncd_queue_oldest_timestamp_seconds{tenant="demo"}',
    'syncd_invoices{state="synced",tenant="demo"}',
    'syncd_pushes_total{outcome="created",tenant="demo"}',
    "syncd_push_delay_seconds_bucket",
    'syncd_xero_bytes_read_total{tenant="demo"}',
    "syncd_read_to_write_seconds_bucket",
    "syncd_last_success_timestamp_seconds",
    'syncd_connection_state{state="Not Connected",tenant="demo"}',
)
OF_A_CONNECTED_ONE = (
    "syncd_xero_requests_total",
    "syncd_xero_request_duration_seconds_bucket",
    "syncd_xero_budget_remaining",
    "syncd_token_expiry_timestamp_seconds",
    "syncd_refresh_token_expiry_timestamp_seconds",
)


def test_scrape_tells_every_series_of_a_connected_tenant(unconnected: Daemon) -> None:
    unconnected.start()
    unconnected.connect()
    unconnected.worlds.user("create_customer", ref="C-1", name="One Ltd")

    def told() -> bool:
        names = list(unconnected.metrics())
        return all(
            any(name.startswith(series) for name in names)
            for series in (*SERIES, *OF_A_CONNECTED_ONE)
        )

    wait_until(told, 10, lambda: f"{(*SERIES, *OF_A_CONNECTED_ONE)} of {[*unconnected.metrics()]}")


def test_probes_need_no_token_and_everything_else_does(unconnected: Daemon) -> None:
    unconnected.start()
    address = f"http://127.0.0.1:{unconnected.ports[0]}"

    open_to_all = [call("GET", address + path).status for path in ("/livez", "/readyz", "/metrics")]
    closed = call("GET", f"{address}/api/v1/tenants").status
    public = [unconnected.get(path, port=1).status for path in ("/livez", "/metrics", "/api/v1")]

    assert open_to_all == [200, 200, 200]
    assert closed == 401
    assert public == [404, 404, 404]


def test_term_turns_readyz_to_503_and_ends_with_0(unconnected: Daemon) -> None:
    text = unconnected.config.read_text("utf-8")
    slow = text.replace("[server]", "[server]\ndrain_delay_s = 1.0")
    unconnected.config.write_text(slow, "utf-8")
    unconnected.start()
    assert unconnected.process is not None

    unconnected.process.send_signal(signal.SIGTERM)
    wait_until(lambda: unconnected.get("/readyz").status == 503, 1.0, "readyz is 503")
    alive = unconnected.get("/livez").status

    assert alive == 200
    assert unconnected.process.wait(10) == 0


@needs_file("a database takes several daemons")
def test_second_daemon_on_one_store_says_why_and_leaves_it_alone(unconnected: Daemon) -> None:
    unconnected.start()
    written = (unconnected.folder / "syncd.db").stat().st_mtime_ns

    second = unconnected.run_anew("run")

    assert second.returncode == 1
    assert str(unconnected.folder / "syncd.db") in second.stderr
    assert unconnected.get("/readyz").status == 200
    assert (unconnected.folder / "syncd.db").stat().st_mtime_ns == written


def test_bad_configuration_is_78_and_names_every_key(unconnected: Daemon) -> None:
    text = unconnected.config.read_text("utf-8")
    wrong = text.replace("poll_every_s =", "poll_evry_s =").replace('mode = "live"', 'mode = "on"')
    wrong = wrong.replace("[xero]", "[xero]\ncalls_per_minute = 0", 1)
    wrong = wrong.replace("calls_per_minute = 6000\n", "", 1)
    unconnected.config.write_text(wrong, "utf-8")

    for command in ("run", "check-config"):
        ended = unconnected.run_anew(command)

        assert ended.returncode == 78, ended
        for key in ("sync.poll_evry_s", "tenants.demo.mode", "xero.calls_per_minute"):
            assert key in ended.stderr


def test_health_is_0_while_it_lives_and_1_after(unconnected: Daemon) -> None:
    unconnected.start()
    alive = (
        unconnected.run_anew("health").returncode,
        unconnected.run_anew("health", "--ready").returncode,
    )
    unconnected.end(signal.SIGTERM)
    after = unconnected.run_anew("health").returncode
    status = unconnected.run_anew("status").returncode

    assert alive == (0, 0)
    assert after == 1
    assert status == 75
