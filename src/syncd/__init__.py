"""syncd keeps Pipeline's invoices and Xero's accounts in agreement."""
