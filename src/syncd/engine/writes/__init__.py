"""How a write leaves: stored, sent, answered, settled, looked for; the same for every kind."""
