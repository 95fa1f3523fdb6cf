"""What the engine asks of adapters and machine: Protocols, and the values they pass."""
