"""Which contact a customer is, and which fields travel."""
