"""A Xero that behaves like Xero, written from its documents alone."""
