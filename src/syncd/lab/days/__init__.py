"""Simulated days from calm to verdict, sweeps of many seeds, planted bugs."""
