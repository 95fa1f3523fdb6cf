"""Options that are well-formed alone and weaken a promise together; used by `sources`.

What Xero remembers, and for how long, is true of Xero: where its address is this machine's, a trial
may run the daemon faster.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from syncd.config.access import is_loopback, listens_everywhere
from syncd.config.options import NotifySection, Options, TenantSection

XERO_FORGETS_S = 360.0
"""The idempotency key of a write (facts §4.1); repeated later it may be done twice."""
MOST_READ_TO_WRITE_S = 60.0
"""What somebody changes in Xero between our read and our write is overwritten unseen."""
_CALLS_A_BEAT = 4
"""A token, a read and a write may each take a call's limit before anything is shown."""
_ORDERED = (("backoff_base_s", "backoff_most_s"), ("webhook_quiet_s", "webhook_most_s"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_WHOLE_RATE = 1


def problems(options: Options) -> list[str]:
    """Everything that is refused, by key."""
    found = [
        *_durations(options),
        *_listeners(options),
        *_notify(options.notify),
        *_replicas(options),
        *_tenants(options),
    ]
    if not is_loopback(urlsplit(options.xero.api_url).hostname or ""):
        found += _memory_of_xero(options)
    return found


def _durations(options: Options) -> Iterator[str]:
    sync, call_s = options.sync, options.xero.timeout_s
    if sync.lease_s <= call_s:
        yield (
            f"sync.lease_s: expected more than xero.timeout_s ({call_s:g}), got {sync.lease_s:g}; "
            "else work is given to another round while its call still runs"
        )
    for least, most in (
        ("backoff_base_s", "backoff_most_s"),
        ("webhook_quiet_s", "webhook_most_s"),
    ):
        low, high = getattr(sync, least), getattr(sync, most)
        if low > high:
            yield f"sync.{least}: expected at most sync.{most} ({high:g}), got {low:g}"


def _memory_of_xero(options: Options) -> Iterator[str]:
    sync, call_s = options.sync, options.xero.timeout_s
    if sync.replay_within_s + call_s > XERO_FORGETS_S:
        yield (
            f"sync.replay_within_s: expected at most {XERO_FORGETS_S - call_s:g}, got "
            f"{sync.replay_within_s:g}; with xero.timeout_s ({call_s:g}) the same bytes could "
            f"reach Xero after {XERO_FORGETS_S:g} s, when it has forgotten them, and be done twice"
        )
    if sync.late_commit_s < sync.replay_within_s + call_s:
        yield (
            f"sync.late_commit_s: expected sync.replay_within_s and xero.timeout_s together "
            f"({sync.replay_within_s + call_s:g}) or more, got {sync.late_commit_s:g}; else a "
            "write is believed lost that still lands"
        )
    if sync.live_max_age_s > MOST_READ_TO_WRITE_S:
        yield (
            f"sync.live_max_age_s: expected at most {MOST_READ_TO_WRITE_S:g}, got "
            f"{sync.live_max_age_s:g}; what a bookkeeper changes meanwhile is overwritten unseen"
        )
    if sync.hung_after_s < _CALLS_A_BEAT * call_s:
        yield (
            f"sync.hung_after_s: expected {_CALLS_A_BEAT} times xero.timeout_s "
            f"({_CALLS_A_BEAT * call_s:g}) or more, got {sync.hung_after_s:g}; a slow Xero is none "
            "that hangs"
        )


def _listeners(options: Options) -> Iterator[str]:
    """Two listeners cannot have one address; 0 takes a free port, so it is always another."""
    own, public = options.server.listen, options.server.public_listen
    host, _, port = own.rpartition(":")
    public_host, _, public_port = public.rpartition(":")
    everywhere = {"0.0.0.0", "[::]"}  # noqa: S104  (compared, not bound)
    overlap = host == public_host or bool(everywhere & {host, public_host})
    if overlap and int(port) == int(public_port) != 0:
        yield (
            f"server.public_listen: expected another address than server.listen ({own}), got "
            f"{public}"
        )


def _notify(notify: NotifySection) -> Iterator[str]:
    """Half a way to people is none, and nobody would know."""
    if (notify.url is None) != (notify.secret is None):
        given, lacking = ("url", "secret") if notify.secret is None else ("secret", "url")
        yield f"notify.{lacking}: is needed beside notify.{given}, and not given"
    by_mail = {"smtp_url": notify.smtp_url, "sender": notify.sender, "to": notify.to}
    if any(by_mail.values()):
        for key in (key for key, value in by_mail.items() if not value):
            yield f"notify.{key}: is needed to send mail, and not given"
    has_user = notify.smtp_url is not None and bool(urlsplit(notify.smtp_url).username)
    if has_user != (notify.password is not None):
        expected = "a password for the user" if has_user else "a user in notify.smtp_url"
        yield f"notify.password: expected {expected} (smtps://USER@HOST), got none"


def _replicas(options: Options) -> Iterator[str]:
    """The others have to reach a replica that listens everywhere by some address."""
    if not options.store.is_shared:
        return
    server, replicas = options.server, options.replicas
    for key, listen, said in (
        ("advertise", server.listen, replicas.advertise),
        ("public_advertise", server.public_listen, replicas.public_advertise),
    ):
        if said is None and listens_everywhere(listen):
            yield (
                f"replicas.{key}: expected the address by which other replicas reach this one, "
                f"got none; it listens on {listen}, which nobody can call"
            )


def _tenants(options: Options) -> Iterator[str]:
    by_key: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, tenant in options.tenants.items():
        where = f"tenants.{name}"
        if not _NAME.fullmatch(name):
            yield f"{where}: expected a name of letters, digits, - and _, it stands in addresses"
        by_key[tenant.pipeline_url, tenant.pipeline_key.get_secret_value()].append(name)
        yield from _mappings(where, tenant)
    for names in by_key.values():
        for other in names[1:]:
            yield (
                f"tenants.{other}.pipeline_key: expected a key of its own, got that of "
                f"{names[0]}: one Pipeline tenant would be written into two organisations"
            )


def _mappings(where: str, tenant: TenantSection) -> Iterator[str]:
    for rate, tax in tenant.tax_types.items():
        if not 0 <= rate <= _WHOLE_RATE:
            yield (f'{where}.tax_types: expected a rate from 0 to 1, "0.15" for 15 %, got "{rate}"')
        if not tax:
            yield f'{where}.tax_types: expected a TaxType of Xero for "{rate}", got nothing'
