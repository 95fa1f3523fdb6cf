"""How much may be done: calls, sweeps, and changes before a person is asked."""
