"""Every wrong configuration is refused by its key, with what was expected and what came."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError
from tests.config.test_sources import MINIMAL

SECRET = "s3cret"
XERO, SYNC, SERVER, TENANT = "[xero]", "[sync]", "[server]", "[tenants.acme]"
NOTIFY = "[notify]"
WHOLE = f"{SERVER}\n{SYNC}\n{NOTIFY}\n[store]\n{MINIMAL}"


def problems(
    folder: Path, text: str | bytes, environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    file = folder / "syncd.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        sources.load(file, environment=environment or {})
    except ConfigError as error:
        return error.problems
    return ()


def changed(section: str, line: str) -> str:
    """The whole file with one line more, in the place of what stood for that key."""
    key = line.partition(" ")[0].removesuffix("_file")
    head, _, rest = WHOLE.partition(f"{section}\n")
    body, bracket, after = rest.partition("\n[")
    body = re.sub(rf"^{key}(_file)? = .*$", "", body, flags=re.MULTILINE)
    return f"{head}{section}\n{line}\n{body}{bracket}{after}"


WRONG: list[tuple[str, str, str, str]] = [
    # a value of the wrong kind: what was expected, and what came
    (
        SERVER,
        'listen = "8080"',
        "server.listen",
        'expected HOST:PORT such as 127.0.0.1:8080, got "8080"',
    ),
    (
        SERVER,
        "listen = 8080",
        "server.listen",
        "expected HOST:PORT such as 127.0.0.1:8080, got 8080",
    ),
    (SERVER, 'listen = "127.0.0.1:99999"', "server.listen", "up to 65535"),
    (
        SERVER,
        'listen = "127.0.0.1:8081"',
        "server.public_listen",
        "another address than server.listen",
    ),
    (
        SERVER,
        'listen = "0.0.0.0:8081"',
        "server.public_listen",
        "another address than server.listen",
    ),
    (SERVER, 'public_url = "sync.example.com"', "server.public_url", "begins with https://"),
    (SERVER, 'public_url = "http://remote/"', "server.public_url", "expected https"),
    (SERVER, 'public_url = "https://remote/x?y=1"', "server.public_url", "must not contain ?"),
    (SERVER, 'public_url = "https://u:p@remote"', "server.public_url", "must not contain a user"),
    (SERVER, 'public_url = "http://localhost:99999"', "server.public_url", "port up to 65535"),
    (
        SERVER,
        'drain_grace_s = "15s"',
        "server.drain_grace_s",
        'expected a number (of seconds), got "15s"',
    ),
    (SERVER, "drain_delay_s = -1", "server.drain_delay_s", "expected 0 or more, got -1"),
    (
        "[store]",
        'url = "syncd.db"',
        "store.url",
        'postgresql://ROLE@HOST/DATABASE, got "syncd.db"',
    ),
    (NOTIFY, 'url = "ftp://h"', "notify.url", "an address that begins with https://"),
    (NOTIFY, 'url = "http://far.example"\nsecret = "whsec_x"', "notify.url", "expected https"),
    (NOTIFY, 'url = "https://h"', "notify.secret", "is needed beside notify.url"),
    (NOTIFY, 'secret = "whsec_x"', "notify.url", "is needed beside notify.secret"),
    (NOTIFY, 'smtp_url = "https://h"', "notify.smtp_url", "a mail server such as smtps://"),
    (NOTIFY, 'smtp_url = "smtps://u:p@h"', "notify.smtp_url", "must not contain a password"),
    (NOTIFY, 'smtp_url = "smtps://h:99999"', "notify.smtp_url", "up to 65535"),
    (NOTIFY, 'smtp_url = "smtps://h/x"', "notify.smtp_url", "must end with the host"),
    (NOTIFY, 'smtp_url = "smtps://h"', "notify.to", "is needed to send mail"),
    (NOTIFY, 'to = ["a@h"]', "notify.smtp_url", "is needed to send mail"),
    (NOTIFY, 'sender = "Ada <a@h>"', "notify.sender", "one plain mail address"),
    (NOTIFY, 'sender = "a@h\\nBcc: b@h"', "notify.sender", "mail address"),
    (NOTIFY, 'to = ["a@h, b@h"]', "notify.to.0", "one plain mail address"),
    (NOTIFY, 'password = "x"', "notify.password", "a user in notify.smtp_url"),
    (
        NOTIFY,
        'smtp_url = "smtps://u@h"\nsender = "a@h"\nto = ["b@h"]',
        "notify.password",
        "a password for the user",
    ),
    (NOTIFY, "repeat_every_s = 60", "notify.repeat_every_s", "86400"),
    (NOTIFY, "after_s = -1", "notify.after_s", "0"),
    ("[store]", 'url = "postgres://x/y"', "store.url", "sqlite://"),
    ("[store]", 'url = "sqlite:///x\\u0000y"', "store.url", "sqlite://"),
    ("[store]", 'url = "postgresql://me:pw@h/d"', "store.url", "that is store.password"),
    ("[store]", 'url = "postgresql://me@h/d?password=pw"', "store.url", "store.password"),
    ("[store]", 'url = "postgresql://me@[h/d"', "store.url", "postgresql://ROLE@HOST/DATABASE"),
    ("[store]", "pool_size = 0", "store.pool_size", "expected 1 or more, got 0"),
    ("[store]", 'password = ""', "store.password", "is empty"),
    ("[store]", "[replicas]\nlease_s = 0.5", "replicas.lease_s", "expected 1 or more"),
    (
        "[store]",
        'url = "postgresql://me@h/d"\n[replicas]\nadvertise = "http://far.example:8080"',
        "replicas.advertise",
        "expected https",
    ),
    (XERO, 'client_id = ""', "xero.client_id", "expected text, and not nothing"),
    (XERO, 'client_secret = ""', "xero.client_secret", "is empty"),
    (XERO, 'client_secret_file = "/nowhere"', "xero.client_secret_file", "cannot be read"),
    (XERO, 'client_secret_file = "/"', "xero.client_secret_file", "cannot be read"),
    (XERO, 'client_secret_file = "/a\\u0000b"', "xero.client_secret_file", "is no path"),
    (XERO, 'webhook_key = ""', "xero.webhook_key", "is empty"),
    (XERO, 'scopes = "all"', "xero.scopes", '"granular", "broad", or a list of scopes, got "all"'),
    (XERO, 'scopes = ["offline_access"]', "xero.scopes", "lacks"),
    (XERO, "scopes = 5", "xero.scopes", '"granular", "broad", or a list of scopes, got 5'),
    (XERO, 'api_url = "https://h:99999/"', "xero.api_url", "port up to 65535"),
    (XERO, "timeout_s = 0", "xero.timeout_s", "expected 0.05 or more, got 0"),
    (XERO, "timeout_s = 200", "sync.lease_s", "expected more than xero.timeout_s (200), got 120"),
    (XERO, "calls_per_minute = 0", "xero.calls_per_minute", "expected 4 or more, got 0"),
    (XERO, "calls_per_minute = 3", "xero.calls_per_minute", "expected 4 or more, got 3"),
    (XERO, "app_calls_per_minute = 1", "xero.app_calls_per_minute", "expected 2 or more, got 1"),
    (XERO, "calls_per_minute = 1.5", "xero.calls_per_minute", "expected a whole number, got 1.5"),
    (XERO, "concurrent_calls = 6", "xero.concurrent_calls", "expected 5 or less, got 6"),
    (XERO, "clientid = 5", "xero.clientid", "no such key; did you mean client_id?"),
    (XERO, 'client_secrt = "hush"', "xero.client_secrt", "did you mean client_secret?"),
    (XERO, "poll_every_s = 5", "xero.poll_every_s", "it belongs into [sync]"),
    # durations
    (SYNC, "poll_every_s = 0.001", "sync.poll_every_s", "expected 0.05 or more, got 0.001"),
    (SYNC, "poll_every_s = true", "sync.poll_every_s", "must be a number, got true"),
    (SYNC, "poll_every_s = 1e300", "sync.poll_every_s", "ten years, got 1e+300"),
    (SYNC, "poll_evry_s = 5", "sync.poll_evry_s", "no such key; did you mean poll_every_s?"),
    (SYNC, "lease_s = inf", "sync.lease_s", "ten years, got inf"),
    (SYNC, "lease_s = nan", "sync.lease_s", "got nan"),
    (SYNC, 'lease_s = "2 min"', "sync.lease_s", 'expected a number (of seconds), got "2 min"'),
    (SYNC, "lease_s = [5]", "sync.lease_s", "expected a number (of seconds), got a list"),
    (SYNC, "batch_size = true", "sync.batch_size", "must be a number, got true"),
    (SYNC, "batch_size = 51", "sync.batch_size", "expected 50 or less, got 51"),
    # what weakens a promise
    (SYNC, "lease_s = 10", "sync.lease_s", "expected more than xero.timeout_s (60), got 10"),
    (SYNC, "replay_within_s = 4000", "sync.replay_within_s", "expected at most 300, got 4000"),
    (SYNC, "late_commit_s = 1", "sync.late_commit_s", "(360) or more, got 1"),
    (SYNC, "live_max_age_s = 3600", "sync.live_max_age_s", "expected at most 60, got 3600"),
    (SYNC, "hung_after_s = 60", "sync.hung_after_s", "(240) or more, got 60"),
    (
        SYNC,
        "backoff_base_s = 1000",
        "sync.backoff_base_s",
        "at most sync.backoff_most_s (900), got 1000",
    ),
    (SYNC, "webhook_quiet_s = 9", "sync.webhook_quiet_s", "at most sync.webhook_most_s (3), got 9"),
    # tenants
    (TENANT, 'pipeline_url = "http://h:99999/"', "tenants.acme.pipeline_url", "port up to 65535"),
    (TENANT, 'pipeline_key = ""', "tenants.acme.pipeline_key", "is empty"),
    (TENANT, 'pipeline_key = "a\\nb"', "tenants.acme.pipeline_key", "one line of plain characters"),
    (TENANT, 'pipeline_webhook_secret = ""', "tenants.acme.pipeline_webhook_secret", "is empty"),
    (TENANT, 'invoice_url = "https://xero.test/{id}"', "tenants.acme.invoice_url", "xero"),
    (TENANT, 'invoice_url = "https://p.test/"', "tenants.acme.invoice_url", "must contain {id}"),
    (TENANT, 'mode = "on"', "tenants.acme.mode", 'expected "observe" or "live", got "on"'),
    (TENANT, 'start_date = "01.02.2026"', "tenants.acme.start_date", "2026-01-31"),
    (TENANT, "due_days = -1", "tenants.acme.due_days", "expected 0 or more, got -1"),
    (TENANT, "totals_tolerance = nan", "tenants.acme.totals_tolerance", "expected a finite number"),
    (TENANT, 'approved_as = "PAID"', "tenants.acme.approved_as", '"AUTHORISED" or "SUBMITTED"'),
    (
        TENANT,
        'tax_types = { "15" = "OUTPUT2" }',
        "tenants.acme.tax_types",
        '"0.15" for 15 %, got "15"',
    ),
    (TENANT, 'tax_types = { GST = "OUTPUT2" }', "tenants.acme.tax_types.GST", "expected a number"),
    (TENANT, 'tax_types = { "0.15" = "" }', "tenants.acme.tax_types", "expected a TaxType"),
    (TENANT, "tax_types = 5", "tenants.acme.tax_types", "expected a table, got 5"),
    (
        TENANT,
        'cost_codes = { LAB = "200" }',
        "tenants.acme.cost_codes.LAB",
        'expected a table, got "200"',
    ),
    (
        TENANT,
        "cost_codes = { LAB = { acount = 2 } }",
        "tenants.acme.cost_codes.LAB.acount",
        "account?",
    ),
    (
        TENANT,
        'cost_codes = { L = { account = "" } }',
        "tenants.acme.cost_codes.L.account",
        "nothing",
    ),
]


@pytest.mark.parametrize(("section", "line", "key", "says"), WRONG)
def test_wrong_value_is_named_with_what_was_expected(
    tmp_path: Path, section: str, line: str, key: str, says: str
) -> None:
    found = problems(tmp_path, changed(section, line))

    named = [problem for problem in found if problem.startswith(f"{key}: ")]
    assert len(named) == 1, found
    assert says in named[0]
    assert SECRET not in " ".join(found)
    assert "hush" not in " ".join(found)


def second(key: str) -> str:
    tenant = MINIMAL.split("[tenants.acme]")[1].replace("pip_key_1", key)
    return f"[tenants.beta]{tenant}"


def operator(*rows: str, known_by: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    return "\n".join(("[[security.operators]]", *rows, f'token = "{known_by}"', ""))


WHOLES: list[tuple[str | bytes, str]] = [
    (b"\xff\xfe[\x00", "is not text in UTF-8"),
    ("[server", "is not valid TOML"),
    ("a = " + "[" * 5000, "is not valid TOML"),
    ("a = " + "9" * 5000, "is not valid TOML"),
    ("security = 5\n", "security: expected a table, got 5"),
    ("tenants = 5\n", "tenants: expected a table, got 5"),
    ("tenants = []\n", "tenants: expected a table, got a list"),
    ("", "security: is needed, and not given"),
    (MINIMAL.replace("[xero]", "[xerro]"), "xerro: no such key; did you mean xero?"),
    (
        MINIMAL.replace('encryption_key = "k"', ""),
        "encryption_key: is needed, and not given, as encryption_key_file, or as a credential",
    ),
    (MINIMAL.replace("from-file-0123456789", "x"), "must be one line of 20 plain characters"),
    (MINIMAL.replace("from-file-0123456789", ""), "must be one line of 20 plain characters"),
    (
        MINIMAL.replace("[tenants.acme]", '[tenants."a b/c"]'),
        "tenants.a b/c: expected a name of letters",
    ),
    (
        MINIMAL + second("pip_key_1"),
        "tenants.beta.pipeline_key: expected a key of its own, got that of acme",
    ),
    (MINIMAL + operator('name = ""'), "security.operators.0.name: expected text"),
    (
        MINIMAL + operator('name = "a"', 'role = "Boss"'),
        'operators.0.role: expected "Super User", "Admin" or "Office", got "Boss"',
    ),
    (
        MINIMAL + operator('name = "a"', known_by="from-file-0123456789"),
        "two operators have the same token",
    ),
]


@pytest.mark.parametrize(("text", "says"), WHOLES, ids=range(len(WHOLES)))
def test_wrong_file_is_refused_in_words(tmp_path: Path, text: str | bytes, says: str) -> None:
    found = problems(tmp_path, text)

    assert any(says in problem for problem in found), found


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SYNCD_SYNC": "2"}, "SYNCD_SYNC: no such option; its keys are SYNCD_SYNC__KEY"),
        ({"SYNCD_OPERATOR_TOKEN": "x"}, "did you mean SYNCD_SECURITY__OPERATOR_TOKEN?"),
        (
            {"SYNCD_SERVER__LISTEN": "a:1", "SYNCD_SERVER__LISTEN__X": "3"},
            "SYNCD_SERVER__LISTEN__X: listen is set by itself as well",
        ),
        ({"SYNCD_SERVER__LISTN": "a:1"}, "server.listn: no such key; did you mean listen?"),
        (
            {"SYNCD_SYNC__POLL_EVERY_S": "soon"},
            'sync.poll_every_s: expected a number (of seconds), got "soon"',
        ),
        ({"SYNCD_SECURITY__OPERATORS": "me"}, 'security.operators: expected a list, got "me"'),
        ({"SYNCD_TENANTS__ACME": "x"}, 'tenants.acme: expected a table, got "x"'),
    ],
)
def test_wrong_variable_is_refused_in_words(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    found = problems(tmp_path, MINIMAL, environment)

    assert any(says in problem for problem in found), found


def test_file_and_variables_are_judged_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "[server", {"SYNCD_SYNC": "2"})

    assert len(found) == 2


def test_variable_of_an_orchestrator_is_no_option(tmp_path: Path) -> None:
    environment = {"SYNCD_PORT": "tcp://10.0.0.1:80", "SYNCD_SERVICE_HOST": "10.0.0.1"}

    assert problems(tmp_path, MINIMAL, environment) == ()


def test_mark_that_an_editor_puts_first_is_none_of_the_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xef\xbb\xbfhidden\r\n")
    text = MINIMAL.replace('client_secret = "s3cret"', f'client_secret_file = "{secret}"')

    assert problems(tmp_path, b"\xef\xbb\xbf" + text.encode()) == ()
    options: Options = sources.load(tmp_path / "syncd.toml", environment={})
    assert options.xero.client_secret.get_secret_value() == "hidden"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_credential_that_cannot_be_read_is_named_by_its_key(
    tmp_path: Path, content: bytes | None
) -> None:
    laid = tmp_path / "credentials"
    laid.mkdir()
    file = laid / "acme_pipeline_key"
    if content is None:
        file.symlink_to("/proc/self/mem")  # a file that nobody reads from its beginning
    else:
        file.write_bytes(content)

    found = problems(tmp_path, MINIMAL, {"CREDENTIALS_DIRECTORY": str(laid)})

    assert len(found) == 1
    assert found[0].startswith(f"tenants.acme.pipeline_key: {file} ")


def test_trial_on_this_machine_may_run_faster_than_xero_remembers(tmp_path: Path) -> None:
    fast = changed(SYNC, "late_commit_s = 2\nlive_max_age_s = 100\nhung_after_s = 5")
    fast = fast.replace("[xero]", '[xero]\napi_url = "http://127.0.0.1:9"')

    assert problems(tmp_path, fast) == ()


def test_there_are_sixty_of_them_and_none_ends_in_a_traceback(tmp_path: Path) -> None:
    wholes = [changed(section, line) for section, line, *_ in WRONG] + [text for text, _ in WHOLES]
    assert len(wholes) >= 60
    for text in wholes:
        try:
            assert problems(tmp_path, text)
        except Exception:  # noqa: BLE001 - what it shows is what fails
            pytest.fail(f"{text!r}: {traceback.format_exc()}")
