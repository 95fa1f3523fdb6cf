"""Who a proxy in front says that it is: a header, believed from the proxies that are named alone.

Called by `doors`. Whoever else sends the header is nobody by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from syncd.domain.model.value import Value
from syncd.web.console.visit import Console
from syncd.web.http.guard import Operator
from syncd.web.http.problems import ProblemError

_LONGEST = 100


class TrustedProxies(Value, frozen=True, kw_only=True):
    """The header that says who it is, and the networks from which it is believed."""

    header: str
    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def of(cls, header: str, networks: Iterable[str]) -> TrustedProxies:
        """As configured: addresses and networks. Raises ValueError for what is neither."""
        return cls(header=header, networks=tuple(ip_network(one) for one in networks))

    def user(self, request: web.Request) -> str | None:
        """Who the proxy says that it is; None where it says nothing, or is not believed.

        Raises a 403 problem where the header came twice: one of them is a stranger's.
        """
        said = [one.strip() for one in request.headers.getall(self.header, [])]
        if not any(said) or not self.is_trusted(request.remote or ""):
            return None
        if len(said) > 1:
            detail = (
                f"{self.header} came {len(said)} times, so it is not sure who you are. The proxy "
                "has to take away what came from outside."
            )
            raise ProblemError(403, "Not sure who you are", detail)
        return said[0]

    def is_trusted(self, peer: str) -> bool:
        """Whether what comes from this address is believed."""
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in one for one in self.networks)


def operator_by(console: Console, proxies: TrustedProxies, request: web.Request) -> Operator | None:
    """The operator of the name that a believed proxy says; None where none says any.

    Raises a 403 problem where no operator has the name.
    """
    name = proxies.user(request)
    if name is None:
        return None
    found = next((one for one in console.operators if one.name == name), None)
    if found is None:
        detail = (
            f"The proxy says that you are {name[:_LONGEST]!r}; no operator of this daemon has that "
            "name. Operators are named in security.operators."
        )
        raise ProblemError(403, "Not an operator", detail)
    return found
