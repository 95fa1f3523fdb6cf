"""The tax rates a new organisation has, by its country (facts §7).

Called by `reference`. New Zealand's are the whole list as recorded, retired ones included. Of the
others the types are known; how they are named and where they apply is from memory (U).
"""

from __future__ import annotations

from decimal import Decimal

from syncd.sandbox.xero.ledger.model import TaxRate

_GROUPS = {"A": "Assets", "E": "Equity", "X": "Expenses", "L": "Liabilities", "R": "Revenue"}
_SALES, _COSTS, _ALL = "AELR", "AEXL", "AEXLR"

# TaxType, ReportTaxType, name, where it applies, per cent, status
_NEW_ZEALAND = (
    ("INPUT", "INPUT", "12.5% GST on Expenses", _COSTS, "12.5", "DELETED"),
    ("OUTPUT", "OUTPUT", "12.5% GST on Income", _SALES, "12.5", "DELETED"),
    ("INPUT2", "INPUT", "15% GST on Expenses", _COSTS, "15", "ACTIVE"),
    ("OUTPUT2", "OUTPUT", "15% GST on Income", _SALES, "15", "ACTIVE"),
    ("GSTONIMPORTS", "GSTONIMPORTS", "GST on Imports", "L", "0", "ACTIVE"),
    ("NONE", "NONE", "No GST", _ALL, "0", "ACTIVE"),
    ("ZERORATED", "OUTPUT", "Zero Rated", "LR", "0", "ACTIVE"),
)
_AUSTRALIA = (
    ("BASEXCLUDED", "BASEXCLUDED", "BAS Excluded", _ALL, "0", "ACTIVE"),
    ("CAPEXINPUT", "CAPEXINPUT", "GST on Capital", "AEXL", "10", "ACTIVE"),
    ("GSTONCAPIMPORTS", "GSTONCAPIMPORTS", "GST on Capital Imports", "AEXL", "0", "ACTIVE"),
    ("GSTONIMPORTS", "GSTONIMPORTS", "GST on Imports", _COSTS, "0", "ACTIVE"),
    ("INPUT", "INPUT", "GST on Expenses", _COSTS, "10", "ACTIVE"),
    ("OUTPUT", "OUTPUT", "GST on Income", _SALES, "10", "ACTIVE"),
    ("EXEMPTCAPITAL", "EXEMPTCAPITAL", "GST Free Capital", "AEXL", "0", "ACTIVE"),
    ("EXEMPTEXPENSES", "EXEMPTEXPENSES", "GST Free Expenses", _COSTS, "0", "ACTIVE"),
    ("EXEMPTEXPORT", "EXEMPTEXPORT", "GST Free Exports", _SALES, "0", "ACTIVE"),
    ("EXEMPTOUTPUT", "EXEMPTOUTPUT", "GST Free Income", _SALES, "0", "ACTIVE"),
    ("INPUTTAXED", "INPUTTAXED", "Input Taxed", _ALL, "0", "ACTIVE"),
)
_BRITAIN = (
    ("INPUT2", "INPUT2", "20% (VAT on Expenses)", _COSTS, "20", "ACTIVE"),
    ("OUTPUT2", "OUTPUT2", "20% (VAT on Income)", _SALES, "20", "ACTIVE"),
    ("RRINPUT", "RRINPUT", "5% (VAT on Expenses)", _COSTS, "5", "ACTIVE"),
    ("RROUTPUT", "RROUTPUT", "5% (VAT on Income)", _SALES, "5", "ACTIVE"),
    ("EXEMPTINPUT", "EXEMPTINPUT", "Exempt Expenses", _COSTS, "0", "ACTIVE"),
    ("EXEMPTOUTPUT", "EXEMPTOUTPUT", "Exempt Income", _SALES, "0", "ACTIVE"),
    ("NONE", "NONE", "No VAT", _ALL, "0", "ACTIVE"),
    ("GSTONIMPORTS", "GSTONIMPORTS", "VAT on Imports", _COSTS, "0", "ACTIVE"),
    ("ZERORATEDINPUT", "ZERORATEDINPUT", "Zero Rated Expenses", _COSTS, "0", "ACTIVE"),
    ("ZERORATEDOUTPUT", "ZERORATEDOUTPUT", "Zero Rated Income", _SALES, "0", "ACTIVE"),
)
_STATES = (
    ("INPUT", "INPUT", "Tax on Purchases", _COSTS, "8.25", "ACTIVE"),
    ("OUTPUT", "OUTPUT", "Tax on Sales", _SALES, "8.25", "ACTIVE"),
    ("GSTONIMPORTS", "GSTONIMPORTS", "Sales Tax on Imports", _COSTS, "0", "ACTIVE"),
    ("NONE", "NONE", "Tax Exempt", _ALL, "0", "ACTIVE"),
)
_BY_COUNTRY = {"NZ": _NEW_ZEALAND, "AU": _AUSTRALIA, "GB": _BRITAIN, "US": _STATES}


def of_country(country: str) -> dict[str, TaxRate]:
    """The rates of a country by their TaxType."""
    return {
        kind: TaxRate(
            type=kind,
            report_type=report,
            name=name,
            rate=Decimal(percent).scaleb(-2),
            applies_to=tuple(_GROUPS[letter] for letter in where),
            status=status,
        )
        for kind, report, name, where, percent, status in _BY_COUNTRY[country]
    }
