"""The ground: pure rules and values. No await, no clock, no dice, no log."""
