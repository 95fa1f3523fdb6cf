"""What an init system or a container engine reads says what the daemon promises."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.house.support.source import ROOT

UNIT = ROOT / "systemd" / "syncd.service"
REPLICA = ROOT / "systemd" / "syncd@.service"
BACKUP = ROOT / "systemd" / "syncd-backup.service"
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]["syncd"]
DOCKERFILE = ROOT / "Dockerfile"


def unit() -> dict[str, list[str]]:
    """The unit's keys with every value given to each, in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),  # 252 does not know notify-reload
        (
            "ExecReload",
            "/opt/syncd/bin/syncd reload --pid $MAINPID --config /etc/syncd/syncd.toml",
        ),
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "78"),
        ("WatchdogSec", "60"),
        ("DynamicUser", "yes"),
        ("StateDirectory", "syncd"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("LimitCORE", "0"),
    ],
)
def test_unit_says(key: str, value: str) -> None:
    assert unit()[key] == [value]


def test_unit_hands_over_secrets_as_credentials_only() -> None:
    credentials = dict(line.split(":") for line in unit()["LoadCredential"])

    assert credentials.keys() == {
        "encryption_key",
        "operator_token",
        "client_secret",
        "webhook_key",
    }
    assert "Environment" not in unit()
    assert "EnvironmentFile" not in unit()


def test_unit_waits_longer_than_the_drain() -> None:
    """Drain grace 25 s, then the longest call to Xero, 60 s."""
    assert int(unit()["TimeoutStopSec"][0]) > 25 + 60


def test_tmpfiles_keep_credentials_from_the_daemon() -> None:
    lines = (ROOT / "systemd" / "syncd.tmpfiles").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]

    assert ["d", "/etc/syncd/credentials", "0700", "root", "root", "-"] in rows


@pytest.mark.parametrize("file", [UNIT, REPLICA, BACKUP], ids=lambda file: file.name)
def test_unit_is_exposed_no_more_than_promised(file: Path) -> None:
    """`systemd-analyze security` at most 1.2, where the tool exists."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not on this machine")

    said = subprocess.run(  # noqa: S603 - fixed words, no input
        [tool, "security", "--offline=yes", "--no-pager", "--threshold=12", str(file)],
        check=False,
        capture_output=True,
        text=True,
    )

    if "Unknown option" in said.stderr or "unrecognized option" in said.stderr:
        pytest.skip("this systemd-analyze cannot judge a unit offline")
    assert said.returncode == 0, said.stdout[-400:] + said.stderr


def test_image_runs_as_a_numbered_user() -> None:
    assert ("USER", "10001:10001") in instructions()


def test_image_needs_no_shell() -> None:
    """Exec form throughout: the process gets the signal, and the health check its exit code."""
    for word, rest in instructions():
        if word in {"RUN", "CMD", "ENTRYPOINT"}:
            assert json.loads(rest), f"{word} {rest}"
        if word == "HEALTHCHECK":
            assert json.loads(rest[rest.index("CMD") + 4 :]) == ["syncd", "health"]


def test_image_stops_by_draining() -> None:
    assert ("STOPSIGNAL", "SIGTERM") in instructions()
    assert ("ENTRYPOINT", '["syncd"]') in instructions()
    assert ("CMD", '["run"]') in instructions()


def test_image_leaves_the_builder_behind() -> None:
    stages = [rest for word, rest in instructions() if word == "FROM"]

    assert stages == ["${BASE} AS build", "${BASE}"]
    assert ("ARG", "BASE=python:3.13-slim") in instructions()


def test_image_installs_nothing_whose_digest_is_not_known() -> None:
    installs = [
        json.loads(rest) for word, rest in instructions() if word == "RUN" and '"pip"' in rest
    ]

    assert installs
    for words in installs:
        assert "--require-hashes" in words or "--no-deps" in words
        assert "--no-index" in words or "--no-build-isolation" in words or "-r" in words


def test_image_context_holds_no_secret() -> None:
    """Everything is left out but what is named."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == {
        "pyproject.toml",
        "requirements.txt",
        "requirements-build.txt",
        "README.md",
        "LICENSE",
        ".ci/commit_hook.py",
        "src",
    }


def test_image_carries_no_installer() -> None:
    assert ("RUN", '["python", "-m", "venv", "--without-pip", "/opt/syncd"]') in instructions()
    copied = [rest for word, rest in instructions() if word == "COPY" and "--from=build" in rest]
    assert copied == ["--from=build /opt/syncd /opt/syncd"]


def test_backup_runs_as_the_daemons_user_and_keeps_what_the_page_says() -> None:
    lines = BACKUP.read_text("utf-8").splitlines()

    assert {"DynamicUser=yes", "User=syncd", "PrivateNetwork=yes"} <= set(lines)
    assert "StateDirectory=syncd syncd/backups" in lines
    assert "--keep 14 %S/syncd/backups" in next(line for line in lines if "ExecStart" in line)


def test_container_is_read_only_drains_and_is_probed() -> None:
    assert COMPOSE["read_only"] is True
    assert COMPOSE["cap_drop"] == ["ALL"]
    assert COMPOSE["stop_grace_period"] == "2m"
    assert COMPOSE["healthcheck"]["test"] == ["CMD", "syncd", "health"]
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE["ports"])
    assert "environment" not in COMPOSE or not any(
        "TOKEN" in name or "SECRET" in name or "KEY" in name for name in COMPOSE["environment"]
    )


@pytest.mark.parametrize("program", ["skopeo", "docker"])
def test_base_image_is_pinned_by_what_the_registry_answered_and_by_nothing_else(
    program: str, tmp_path: Path
) -> None:
    shutil.copy(DOCKERFILE, tmp_path)
    asked = tmp_path / "bin" / program
    asked.parent.mkdir()
    for tool in ("sh", "bash", "env", "sed", "grep", "cat", "dirname"):
        (asked.parent / tool).symlink_to(shutil.which(tool) or "")

    def pinned(answer: str) -> tuple[int, str]:
        asked.write_text(f"#!/bin/sh\necho '{answer}'\n", "utf-8")
        asked.chmod(0o755)
        said = subprocess.run(  # noqa: S603 - our own script
            [str(ROOT / ".ci" / "pin-image"), str(tmp_path)],
            env={"PATH": str(asked.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        text = (tmp_path / "Dockerfile").read_text("utf-8")
        (base,) = re.findall(r"^ARG BASE=(.*)$", text, flags=re.MULTILINE)
        return said.returncode, base

    tag, digest = "python:3.13-slim", "sha256:" + "0f" * 32
    assert pinned("no such manifest")[0] == 1
    assert pinned("sha256:0f") == (1, tag)
    assert pinned(digest) == (0, f"{tag}@{digest}")
    assert pinned(digest.replace("0f", "1e")) == (0, f"{tag}@{digest.replace('0f', '1e')}")


REPLICAS = yaml.safe_load((ROOT / "deploy/compose-replicas.yaml").read_text("utf-8"))


def test_unit_of_a_replica_differs_from_the_daemons_in_what_is_its_own() -> None:
    def said(file: Path) -> set[str]:
        lines = file.read_text("utf-8").splitlines()
        return {line for line in lines if line and not line.startswith("#")}

    of_one, of_several = said(UNIT), said(REPLICA)

    assert {line.partition("=")[0] for line in of_several - of_one} == {
        *("Description", "After", "Environment", "EnvironmentFile", "LoadCredential"),
        *("StateDirectory", "WorkingDirectory"),
    }
    assert "LoadCredential=store_password:/etc/syncd/credentials/store_password" in of_several


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_replicas_in_containers_are_as_closed_as_the_daemon_and_know_their_own_name(
    name: str,
) -> None:
    replica = REPLICAS["services"][name]
    same = ("image", "read_only", "tmpfs", "cap_drop", "security_opt", "stop_grace_period")

    assert {key: replica[key] for key in same} == {key: COMPOSE[key] for key in same}
    assert replica["healthcheck"] == COMPOSE["healthcheck"]
    assert replica["environment"]["SYNCD_REPLICAS__NAME"] == name
    assert replica["environment"]["SYNCD_REPLICAS__ADVERTISE"] == f"http://{name}:8080"
    assert replica["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_every_container_is_probed_and_no_secret_stands_in_the_environment() -> None:
    for name, service in REPLICAS["services"].items():
        assert "healthcheck" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        open_ones = [
            key
            for key in service.get("environment", {})
            if re.search("TOKEN|SECRET|KEY|PASSWORD", key) and not key.endswith("_FILE")
        ]
        assert open_ones == [], name
