"""The words a building trade's books are made of.

Called by `sandbox.seed`. All of it is made up.
"""

from __future__ import annotations

PLACES = (
    "Harbour",
    "Kauri",
    "Ridgeway",
    "Southgate",
    "Tōtara",
    "Bayview",
    "Northcote",
    "Karori",
    "Ōtaki",
    "Millbrook",
    "Seacliff",
    "Whitford",
)
TRADES = (
    "Builders Ltd",
    "Café",
    "Property Group",
    "Motors",
    "Medical Centre",
    "Joinery & Sons",
    "Apartments",
    "Primary School",
    "Vineyard",
    "Body Corporate",
)
FIRST = (
    *("Accounts", "Réception", "Front", "Site", "Head", "Night", "Main", "Purchase", "Works"),
    "Stores",
)
LAST = (
    *("Office", "Desk", "Team", "Manager", "Counter", "Inbox", "Clerk", "Line", "Room"),
    "Hall",
)
CITIES = ("Auckland", "Wellington", "Christchurch", "Hamilton", "Tauranga", "Dunedin", "Whangārei")
WORK = (
    "Install heat pump",
    "Replace switchboard",
    "Repair roof flashing",
    "Annual service",
    "Call-out",
    "Clear blocked drain",
    "Fit kitchen bench",
    "Paint hallway",
    "Certify gas fitting",
    "Supply and lay carpet",
)
PARTS = (
    "zone 1",
    "zone 2",
    "as quoted",
    "labour",
    "parts and sundries",
    "second visit",
    "level 3 east",
    '20 mm copper, 3/4" fittings',
    "after hours",
    "incl. travel",
)
