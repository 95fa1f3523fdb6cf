"""What follows for one invoice: the decision table and all it is drawn from."""
