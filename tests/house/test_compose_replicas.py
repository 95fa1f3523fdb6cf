"""What the compose file of several replicas names is there: options, services, ports, paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from syncd.config import access, sources
from syncd.config.options import Options
from syncd.web.http import probes
from tests.cli.commanding import lines
from tests.house.support.source import ROOT

SITE = yaml.safe_load((ROOT / "deploy/compose-replicas.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = SITE["services"]
REPLICAS = [name for name, one in SERVICES.items() if one["image"].startswith("syncd:")]
PROXY = SITE["configs"]["proxy"]["content"].replace("$$", "$")
DATABASE = SERVICES["database"]["environment"]


def options_of(name: str, folder: Path) -> Options:
    """A replica's options: a configuration that says nothing of replicas, and its environment."""
    config = folder / "syncd.toml"
    text = lines(listen="127.0.0.1:0", store=folder / "syncd.db")
    password = folder / "store_password"
    password.write_text("a long password of the database", "utf-8")
    config.write_text(text, "utf-8")
    said = {"SYNCD_STORE__PASSWORD_FILE": str(password)}  # as /run/secrets has it
    return sources.load(config, environment=SERVICES[name]["environment"] | said)


def port(address: str) -> str:
    return address.rpartition(":")[2]


@pytest.mark.parametrize("name", REPLICAS)
def test_every_variable_is_an_option_that_the_daemon_takes(name: str, tmp_path: Path) -> None:
    options = options_of(name, tmp_path)
    role, _, where = options.store.url.removeprefix("postgresql://").partition("@")
    host, _, database = where.partition("/")

    assert (role, database) == (DATABASE["POSTGRES_USER"], DATABASE["POSTGRES_DB"])
    assert host in SERVICES
    assert options.replicas.name == name


@pytest.mark.parametrize("name", REPLICAS)
def test_replica_is_reached_by_its_service_at_the_ports_it_listens_on(
    name: str, tmp_path: Path
) -> None:
    options = options_of(name, tmp_path)
    for said, listen in (
        (options.replicas.advertise, options.server.listen),
        (options.replicas.public_advertise, options.server.public_listen),
    ):
        parts = urlsplit(access.advertised(said, listen))

        assert parts.hostname == name
        assert str(parts.port) == port(listen)


def test_proxy_leads_to_every_replica_at_both_its_ports(tmp_path: Path) -> None:
    server = options_of(REPLICAS[0], tmp_path).server
    ports = {"operators": port(server.listen), "public": port(server.public_listen)}
    led = dict(re.findall(r"upstream (\w+) \{([^}]*)\}", PROXY))
    published = {line.split(":")[1]: line.split(":")[2] for line in SERVICES["proxy"]["ports"]}

    assert len(REPLICAS) > 1
    for name, listen in ports.items():
        assert re.findall(r"server ([\w:]+);", led[name]) == [f"{one}:{listen}" for one in REPLICAS]
        assert f"listen {listen}; location / {{ proxy_pass http://{name};" in PROXY
        assert published[listen] == listen


def test_what_is_waited_for_probed_and_kept_is_there() -> None:
    kept, secrets = SITE["volumes"], SITE["secrets"]
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= SERVICES.keys(), name
        assert set(service.get("secrets", ())) <= secrets.keys(), name
        named = [one.partition(":")[0] for one in service.get("volumes", ())]
        assert [one for one in named if not one.startswith("./")] in ([], list(kept)), name
    (url,) = [word for word in SERVICES["proxy"]["healthcheck"]["test"] if word.startswith("http")]
    room = Path(str(probes.__file__)).read_text("utf-8")
    assert f'web.get("{urlsplit(url).path}"' in room
    assert DATABASE["POSTGRES_PASSWORD_FILE"] == f"/run/secrets/{next(iter(secrets))}"
