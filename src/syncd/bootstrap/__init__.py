"""The composition root: the only rooms that name concrete classes of every floor.

What differs between a real machine and the simulation (time, chance, disk, network, beats) is the
`Machine`; everything else is the same code in both.
"""
