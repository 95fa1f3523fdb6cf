"""Both pretend worlds and the daemon as processes of their own, and the hands that move them.

Used by the journeys and by `bench/drain.py`. Everything is asked over HTTP; processes are ended by
their own ids and never by name. Waiting is polling with a deadline, which says what it waited for.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tests.journeys.support.judge import Settings, Verdict, judge
from tests.support import stores, warm

PROGRAM = "from syncd.cli import main; main()"
OPERATOR = "operator-token-of-the-journeys-0123456789"
ACCESS_TOKEN = re.compile(r"eyJ[\w-]{20,}")
"""The head of a JWT. A trail or an incarnation is shorter, and may begin so by chance."""
ENCRYPTION_KEY = base64.urlsafe_b64encode(b"journeys-need-32-bytes-of-a-key!").decode()
TAIL_CHARS = 6000
POLL_S = 0.05
START_S = 30.0
SETTINGS = Settings()
THOROUGH = int(os.environ.get("SYNCD_CHAOS", "1"))
"""How many times as long crash loops run."""
LOOP_WITHIN_S = 400 * THOROUGH
"""A crash loop starts a daemon dozens of times; beside other work a start takes seconds."""

# The daemon's durations in its own defaults; `sixtieth` divides them, `FAST` is for short journeys.
DEFAULTS = {
    "poll_every_s": 15.0,
    "poll_gap_s": 1.5,
    "lease_s": 120.0,
    "probe_after_s": 20.0,
    "replay_within_s": 300.0,
    "late_commit_s": 420.0,
    "live_max_age_s": 10.0,
    "draft_quiet_s": 10.0,
    "recheck_s": 3600.0,
    "settings_max_age_s": 300.0,
    "sample_every_s": 5.0,
    "refresh_retry_s": 5.0,
    "backoff_base_s": 2.0,
    "backoff_most_s": 900.0,
}
# A day of deletes comes within seconds, and nobody is there to release a brake.
UNBRAKED = {"brake_window_s": 0.05}
SIXTIETH = {name: max(0.05, value / 60) for name, value in DEFAULTS.items()} | UNBRAKED
FAST = SIXTIETH | {
    "poll_every_s": 0.2,
    "lease_s": 20.0,
    "live_max_age_s": 2.0,
    "recheck_s": 2.0,
    "sample_every_s": 0.2,
    "backoff_most_s": 2.0,
}


class Stuck(AssertionError):
    """Something did not happen in time; says what, and what the daemon last logged."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer, whatever its status; status 0 when nobody answered."""

    status: int
    headers: Any = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body or b"null")


def call(method: str, url: str, body: Any = None, **headers: str) -> Answer:
    """One request, no redirect followed."""
    sent = None if body is None else json.dumps(body).encode()
    if sent is not None:
        headers.setdefault("Content-Type", "application/json")
    request = Request(url, sent, headers, method=method)  # noqa: S310 - loopback addresses
    try:
        with _OPENER.open(request, timeout=60) as answer:
            return Answer(status=answer.status, headers=answer.headers, body=answer.read())
    except HTTPError as refused:
        with refused:
            return Answer(status=refused.code, headers=refused.headers, body=refused.read())
    except (URLError, ConnectionError, TimeoutError):
        return Answer(status=0)


def wait_until(claim: Callable[[], Any], within_s: float, what: str | Callable[[], str]) -> Any:
    """The claim's first true answer. Raises Stuck when it does not come in time."""
    ends_at = time.monotonic() + within_s
    while True:
        if found := claim():
            return found
        if time.monotonic() > ends_at:
            raise Stuck(f"not within {within_s:g} s: {what() if callable(what) else what}")
        time.sleep(POLL_S)


def free_port() -> int:
    """A port nobody listens on now."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> tuple[int, ...]:
    """Ports nobody listens on now, each another: asked for one by one, the same may come twice."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return tuple(int(listener.getsockname()[1]) for listener in listeners)


def environment() -> dict[str, str]:
    """Ours, without anything that would configure a daemon.

    Compiled modules are kept as usual even where somebody has turned that off: a process that is
    started sixty times would compile all of itself sixty times.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SYNCD_") and name != "PYTHONDONTWRITEBYTECODE"
    }


class Worlds:
    """`syncd sandbox` as a process."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self._said = folder / "sandbox.json"
        self.process = warm.start(
            warm.SYNCD,
            ["sandbox", "--json", *flags],
            environment=environment(),
            out=self._said,
            error=folder / "sandbox.log",
        )
        self.told: dict[str, Any] = json.loads(wait_until(self._first_line, START_S, "worlds"))

    def _first_line(self) -> str:
        said = self._said.read_text("utf-8")
        return said if said.endswith("\n") else ""

    def close(self) -> None:
        self.process.kill()
        self.process.join()

    def user(self, do: str, **command: Any) -> Any:
        """A person at Pipeline does one thing."""
        return self._command("pipeline", "user", {"do": do, **command})

    def bookkeeper(self, do: str, **command: Any) -> Any:
        """A person at Xero does one thing."""
        return self._command("xero", "bookkeeper", {"do": do, **command})

    def xero(self, **faults: Any) -> None:
        """Misbehaviour of Xero: rules, switches, kill, hold."""
        self._command("xero", "faults", faults)

    def pipeline(self, **faults: Any) -> None:
        """Misbehaviour of Pipeline."""
        self._command("pipeline", "faults", faults)

    def clock(self, **command: float) -> None:
        """Both worlds' time, which is one clock: rate, advance_s."""
        self._command("xero", "clock", command)

    def books(self) -> tuple[Any, Any]:
        """Both dumps, Pipeline's first."""
        return self._command("pipeline", "dump"), self._command("xero", "dump")

    def pipeline_books(self, tenant: str = "demo") -> Any:
        return self.pipeline_tenants()[tenant]

    def xero_books(self) -> Any:
        return self._command("xero", "dump")

    def pipeline_tenants(self) -> Any:
        return self._command("pipeline", "dump")["tenants"]

    def load_pipeline(self, dump: Any) -> None:
        """Let Pipeline become what a dump says."""
        self._command("pipeline", "load", dump)

    def _command(self, world: str, verb: str, body: Any = None) -> Any:
        url = f"{self.told[world]['control_url']}/{verb}"
        answer = call("GET" if body is None else "POST", url, body)
        assert answer.status == 200, f"{verb} {body}: {answer.status} {answer.body.decode()}"
        return answer.json()


class Daemon:
    """`syncd run` as a process, and its addresses; may be started again after its death."""

    def __init__(
        self,
        worlds: Worlds,
        folder: Path,
        *,
        sync: Mapping[str, float] = FAST,
        mode: str = "live",
        xero: Mapping[str, Any] | None = None,
        tenant: Mapping[str, Any] | None = None,
        tenants: Sequence[str] | None = None,
        program: str = PROGRAM,
        more: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.worlds = worlds
        self.program = program
        self.folder = folder
        self.ports = free_ports(2)
        self.config = folder / "syncd.toml"
        self.log = folder / "daemon.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        told = worlds.told
        ours = {
            "calls_per_minute": 6000,
            "app_calls_per_minute": 100_000,
            "timeout_s": min(60.0, sync["lease_s"] / 2),
            **(xero or {}),
        }
        public = f"http://127.0.0.1:{self.ports[1]}"
        sections: dict[str, Mapping[str, Any]] = {
            "server": {
                "listen": f"127.0.0.1:{self.ports[0]}",
                "public_listen": f"127.0.0.1:{self.ports[1]}",
                "public_url": public,
            },
            "store": {"url": stores.url_of(folder / "syncd.db")},
            "security": {"encryption_key": ENCRYPTION_KEY, "operator_token": OPERATOR},
            "xero": {
                name: told["xero"][name] for name in ("client_id", "client_secret", "webhook_key")
            }
            | {name: told["xero"][name] for name in ("api_url", "identity_url", "authorize_url")}
            | ours,
            "sync": sync,
        }
        for name, keys in told["pipeline"]["tenants"].items():
            if tenants is not None and name not in tenants:
                continue
            sections[f"tenants.{name}"] = {
                "pipeline_url": told["pipeline"]["url"],
                "pipeline_key": keys["key"],
                "mode": mode,
                "invoice_url": "https://app.pipeline.example/invoices/{id}",
                "due_days": SETTINGS.due_days,
                "cost_codes": {
                    code: {"account": account} for code, account in SETTINGS.cost_codes.items()
                },
                "tax_types": dict(SETTINGS.tax_types),
                **(tenant or {}),
            }
        self._has_to_take_lease = stores.ON_POSTGRESQL and "store" not in (more or {})
        if self._has_to_take_lease:
            sections["replicas"] = {"name": "alone", "lease_s": stores.LEASE_S}
        for name, keys in (more or {}).items():
            sections[name] = {**sections.get(name, {}), **keys}
        self.config.write_text(_toml(sections), "utf-8")

    # --- life and death

    def start(self) -> Daemon:
        """Start and wait until it is ready."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start, without waiting."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-c", self.program, "run", "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
            )
        return self.process

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise Stuck(f"the daemon ended with {self.process.returncode}\n{self.tail()}")
            if self.get("/readyz").status != 200:
                return False
            return not self._has_to_take_lease or self.holds_lease()

        wait_until(ready, START_S, lambda: f"readyz is 200\n{self.tail()}")

    def end(self, how: signal.Signals, within_s: float = 30.0) -> int:
        """Send a signal and wait for the end; the exit code, negative for a signal's."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(within_s)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def run(self, *arguments: str, within_s: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Another `syncd` command with the same configuration, to its end."""
        words = [*arguments, "--config", str(self.config)]
        return warm.run(warm.SYNCD, words, environment=environment(), within_s=within_s)

    def run_anew(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same as a program of its own, where how it starts and ends is what is tried."""
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PROGRAM, *arguments, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=30.0,
            check=False,
            env=environment(),
        )

    # --- asking

    def get(self, path: str, port: int = 0) -> Answer:
        url = f"http://127.0.0.1:{self.ports[port]}{path}"
        return call("GET", url, Authorization=f"Bearer {OPERATOR}")

    def post(self, path: str, body: Any = None) -> Answer:
        url = f"http://127.0.0.1:{self.ports[0]}{path}"
        return call("POST", url, body or {}, Authorization=f"Bearer {OPERATOR}")

    def metrics(self) -> dict[str, float]:
        """Every series of a scrape, by its whole name."""
        lines = self.get("/metrics").body.decode().splitlines()
        rows = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in rows}

    def holds_lease(self) -> bool:
        """Whether it works for its site; a standby is ready as well."""
        return self.metrics().get("syncd_replica_holds_lease") == 1

    def tail(self) -> str:
        """The end of what the daemon logged."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        return f"--- the daemon's last words:\n{text[-TAIL_CHARS:]}"

    # --- connecting

    def connect(self, tenant: str = "demo", org: int = 1) -> None:
        """Walk through consent as a browser would, cookies included."""
        answer = self.post(f"/api/v1/tenants/{tenant}/connect")
        assert answer.status == 200, f"connect: {answer.status} {answer.body.decode()}"
        url, cookies = answer.json()["url"], dict[str, str]()
        for _ in range(8):
            if "/identity/connect/authorize" in url:
                url += f"&org={org}"
            jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
            answer = call("GET", url, **({"Cookie": jar} if jar else {}))
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                cookies[name] = value
            if answer.status not in {301, 302, 303, 307}:
                break
            url = urljoin(url, answer.headers["Location"])
        assert answer.status == 200, f"consent: {answer.status} {answer.body.decode()}"
        wait_until(
            lambda: self.get(f"/api/v1/tenants/{tenant}").json().get("status") == "Connected",
            START_S,
            lambda: f"{tenant} is Connected\n{self.tail()}",
        )


def _toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    def written(value: Any) -> str:
        if isinstance(value, Mapping):
            inside = ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items())
            return f"{{ {inside} }}"
        return json.dumps(value)

    chapters = (
        "\n".join([f"[{name}]", *(f"{key} = {written(value)}" for key, value in rows.items())])
        for name, rows in sections.items()
    )
    return "\n\n".join(chapters) + "\n"


class Journey:
    """A daemon between both worlds, connected, and what a judge needs."""

    def __init__(self, worlds: Worlds, daemon: Daemon) -> None:
        self.worlds = worlds
        self.daemon = daemon
        self.made = 0

    # --- the user's usual deeds

    def customer(self, name: str) -> str:
        made = self.worlds.user("create_customer", ref=name, name=f"{name} Ltd")
        return str(made["id"])

    def invoice(self, customer: str, **fields: Any) -> str:
        """A new invoice of one line, approved unless `status` says else; its id."""
        self.made += 1
        line = {
            "description": f"Call-out {self.made}",
            "quantity": 2,
            "unitAmount": 10.5 + self.made,
            "costCode": "LAB",
            "taxRate": 0.15,
        }
        given = {"number": f"J-{self.made:05d}", "status": "Approved", "lines": [line], **fields}
        return str(self.worlds.user("create_invoice", customerId=customer, **given)["id"])

    # --- seeing

    def told(self, invoice: str) -> Any:
        """What Pipeline was told about an invoice; empty when nothing yet."""
        return self.worlds.pipeline_books()["results"]["invoice"].get(invoice, {})

    def wait_told(self, invoice: str, within_s: float = 15.0, **wanted: Any) -> Any:
        """Wait until Pipeline was told these things about an invoice."""

        def told() -> Any:
            result = self.told(invoice)
            return result if wanted.items() <= result.items() else None

        return wait_until(
            told, within_s, lambda: f"told {wanted}, but {self.told(invoice)}\n{self.daemon.tail()}"
        )

    def documents(self, invoice: str) -> list[Any]:
        """The documents in Xero with that invoice's mark."""
        rows = self.worlds.xero_books()["organisations"][0]["invoices"]
        return [each for each in rows if invoice in (each["Url"] or "")]

    def calls(self) -> Counter[str]:
        """How often Xero was asked what, so far."""
        return Counter(self.worlds.xero_books()["counters"]["calls"])

    def lose(self, **rule: Any) -> Callable[[], None]:
        """Order one misbehaviour of Xero; what comes back waits until it has happened."""
        before = self._fired(rule["do"])
        self.worlds.xero(rules=[{"times": 1, **rule}])
        return lambda: wait_until(
            lambda: self._fired(rule["do"]) > before, 15, f"{rule} happens\n{self.daemon.tail()}"
        )

    def _fired(self, do: str) -> int:
        return int(self.worlds.xero_books()["counters"]["faults"].get(do, 0))

    @contextmanager
    def closed_feed(self) -> Iterator[None]:
        """Pipeline's feed is away for the length of the block: what is written comes at once."""
        away = {"do": "unavailable", "match": {"path": "changes"}, "times": 100_000}
        self.worlds.pipeline(rules=[away])
        yield
        self.worlds.pipeline(rules=[])

    def rest(self, within_s: float = 60.0) -> None:
        """Wait until nothing is pending or uncertain anywhere. Raises Stuck telling what is."""
        last: list[str] = []

        def at_rest() -> bool:
            last[:] = self.restless()
            return not last

        for _ in range(2):  # a change between two looks at two places would go unseen
            wait_until(at_rest, within_s, lambda: "; ".join(last[:12]) + "\n" + self.daemon.tail())
            time.sleep(2 * POLL_S)

    def restless(self) -> list[str]:
        """What is not yet settled, as Pipeline and the metrics show it."""
        found = []
        for name, tenant in self.worlds.pipeline_tenants().items():
            told_of = tenant["results"]["customer"]
            found += [
                f"{name} customer {customer['name']}: told nothing"
                for identity, customer in tenant["customers"].items()
                if identity not in told_of and not customer["deleted"]
            ]
            results = tenant["results"]["invoice"]
            for identity, invoice in tenant["invoices"].items():
                told = results.get(identity)
                if told is None and not invoice["deleted"]:
                    found.append(f"{name} {invoice['number']}: told nothing")
                elif told and (
                    told["state"] in {"pending", "uncertain"}
                    or (invoice["deleted"] and told["state"] != "voided")
                    or (told["state"] == "synced" and told["syncedVersion"] != invoice["version"])
                ):
                    found.append(f"{name} {invoice['number']} v{invoice['version']}: {told}")
        depths = {
            series: count
            for series, count in self.daemon.metrics().items()
            if series.startswith("syncd_queue_depth") and count
        }
        unsettled = ("ready", "leased", "uncertain")
        found += [f"{s}={n:g}" for s, n in depths.items() if any(word in s for word in unsettled)]
        return found

    def waiting(self) -> list[str]:
        """What is held or has failed, as Pipeline and the metrics show it."""
        found = [
            f"{name} {kind} {identity}: {result}"
            for name, tenant in self.worlds.pipeline_tenants().items()
            for kind in ("invoice", "customer")
            for identity, result in tenant["results"][kind].items()
            if result["state"] in {"waiting", "out_of_sync", "failed"}
        ]
        depths = self.daemon.metrics().items()
        stuck = ('state="held"', 'state="failed"')
        return found + [
            f"{series}={count:g}"
            for series, count in depths
            if count and series.startswith("syncd_queue_depth") and any(s in series for s in stuck)
        ]

    def assert_good(self, least_synced: str = "0") -> Verdict:
        """Judge the books as they stand."""
        settings = replace(SETTINGS, least_synced=Decimal(least_synced))
        verdict = judge(*self.worlds.books(), settings)
        assert verdict.is_good, f"{verdict.report()}\n{self.daemon.tail()}"
        return verdict

    def leaks(self) -> list[str]:
        """The names of secrets that a log contains."""
        grants = self.worlds.xero_books()["grants"]
        told = self.worlds.told
        secrets = {
            "operator token": OPERATOR,
            "encryption key": ENCRYPTION_KEY,
            "client secret": told["xero"]["client_secret"],
            "webhook key": told["xero"]["webhook_key"],
            **{f"refresh token {at}": key for at, key in enumerate(grants["refresh_tokens"])},
            **{f"code {at}": key for at, key in enumerate(grants["codes"])},
            **{f"key of {name}": each["key"] for name, each in told["pipeline"]["tenants"].items()},
        }
        text = self.daemon.log.read_text("utf-8")
        named = [name for name, secret in secrets.items() if secret in text]
        return [*named, *(["an access token"] if ACCESS_TOKEN.search(text) else [])]


@contextmanager
def journey(
    folder: Path,
    flags: Sequence[str] = (),
    *,
    before: Callable[[Worlds], None] = lambda _: None,
    **configuration: Any,
) -> Iterator[Journey]:
    """Both worlds and a connected daemon, ended with the block; logs are searched for secrets."""
    worlds = Worlds(folder, *flags)
    try:
        worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000})
        before(worlds)
        daemon = Daemon(worlds, folder, **configuration)
        try:
            daemon.start()
            daemon.connect()
            under_way = Journey(worlds, daemon)
            yield under_way
            assert under_way.leaks() == []
        finally:
            daemon.close()
    finally:
        worlds.close()
