"""The laboratory: the whole daemon, unmodified, in one thread on virtual time, driven by one seed.

From the loop upward: `virtual_loop` (time, processes, deaths), `memory_net` (connections), the
simulated machine (clock, chance, disk, beats), the worlds with their faults, the judges, the
mutants that prove the judges bite, and the sweep over many seeds. Nothing below imports it.
"""
