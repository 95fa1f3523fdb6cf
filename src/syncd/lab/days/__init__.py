"""Simulated days: people, faults, deaths, the daemon, and sweeps of many seeds."""
