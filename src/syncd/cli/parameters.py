"""What most commands take, each with the words its help says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

Config = Annotated[
    Path | None,
    Parameter(help="The configuration file; else SYNCD_CONFIG, else /etc/syncd/syncd.toml."),
]

Url = Annotated[
    str | None, Parameter(help="The daemon's address; else SYNCD_URL, else the configuration's.")
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Reached:
    """Which daemon a command asks, and as whom."""

    url: Url = None
    token_file: Annotated[
        Path | None,
        Parameter(
            help="A file with an operator's token; else SYNCD_TOKEN, SYNCD_TOKEN_FILE, else the "
            "configuration's."
        ),
    ] = None
    config: Config = None


Daemon = Reached | None
Json = Annotated[bool, Parameter(help="Print JSON.")]
Tenant = Annotated[str, Parameter(help="The tenant.")]
TenantByName = Annotated[str, Parameter(help="Its name in the configuration.")]
OnlyTenant = Annotated[str | None, Parameter(help="Only this tenant; else all.")]
TenantOfInvoice = Annotated[
    str | None, Parameter(help="The tenant, where several have that number.")
]
TenantOfCustomer = Annotated[
    str | None, Parameter(help="The tenant, where several have that customer.")
]
Rows = Annotated[int, Parameter(validator=validators.Number(gte=1))]
"""So many: none are not asked for."""
Limit = Annotated[
    int | None,
    Parameter(
        help="So many rows at most; 100 in a table, all as JSON, unless said.",
        validator=validators.Number(gte=1),
    ),
]
Number = Annotated[
    str,
    Parameter(help="The invoice's number (Invoice Reference in Pipeline), or its Pipeline id."),
]
CustomerName = Annotated[
    str, Parameter(help="The customer's name in Pipeline, or its Pipeline id.")
]
