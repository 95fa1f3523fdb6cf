"""What a person does at Xero's own user interface."""
