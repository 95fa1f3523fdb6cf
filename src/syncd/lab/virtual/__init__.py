"""Virtual time, a pretend network and processes: the event loop of the simulation."""
