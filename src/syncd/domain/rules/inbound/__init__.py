"""What comes back from Xero: events to route, places of sweeps, payments to tell."""
