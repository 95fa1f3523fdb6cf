"""The daemon of the simulation: its machine, its processes, who starts and connects it."""
