"""A metric has every series from the start, and an instant that is gone leaves none."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from syncd.telemetry.series import NOBODY, Series, instant, one_of


def test_counter_stands_at_zero_with_every_value_of_its_labels() -> None:
    registry = CollectorRegistry()
    make = Series(registry, ("acme", "beta"))

    make.counter("x_seen", "Seen.", make.tenants | {"kind": ("a", "b")})

    text = generate_latest(registry).decode()
    assert text.count("x_seen_total{") == 4
    assert 'x_seen_total{kind="b",tenant="beta"} 0.0' in text


def test_instant_that_is_gone_leaves_no_series() -> None:
    registry = CollectorRegistry()
    make = Series(registry, ("acme",))
    gauge = make.gauge("x_ends", "Ends.", make.tenants, first=None)

    instant(gauge, "acme", None)
    instant(gauge, "acme", 5.0)
    assert 'x_ends{tenant="acme"} 5.0' in generate_latest(registry).decode()
    instant(gauge, "acme", None)

    assert "x_ends{" not in generate_latest(registry).decode()


def test_one_value_holds_and_the_others_do_not() -> None:
    registry = CollectorRegistry()
    make = Series(registry, ("acme",))
    gauge = make.gauge("x_mode", "Mode.", make.tenants | {"mode": ("on", "off")})

    one_of(gauge, "acme", ("on", "off"), ("off",))

    text = generate_latest(registry).decode()
    assert 'x_mode{mode="off",tenant="acme"} 1.0' in text
    assert 'x_mode{mode="on",tenant="acme"} 0.0' in text


def test_tenant_that_comes_has_every_series_and_one_that_goes_leaves_none() -> None:
    registry = CollectorRegistry()
    make = Series(registry, ("acme",))
    counter = make.counter("x_seen", "Seen.", make.tenants | {"kind": ("a", "b")})
    make.gauge("x_ends", "Ends.", make.tenants, first=None)
    make.gauge("x_hung", "Hung.", {"task": ("clock",), "tenant": NOBODY})
    alone = generate_latest(registry)

    make.add("beta")
    both = generate_latest(registry).decode()
    counter.labels("beta", "a").inc()
    make.remove("beta")

    assert 'x_seen_total{kind="b",tenant="beta"} 0.0' in both
    assert 'x_ends{tenant="beta"}' not in both
    assert both.count("x_hung{") == 1
    assert generate_latest(registry) == alone
