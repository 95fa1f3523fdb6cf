"""The demo, the sandbox and the simulation, from the command line."""
