"""The real machine: clock, chance, disk, network, service manager. Nothing else touches it."""
