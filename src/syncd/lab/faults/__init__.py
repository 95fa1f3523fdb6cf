"""What goes wrong on a simulated day: faults, deaths, sick tenants, clocks that are set."""
