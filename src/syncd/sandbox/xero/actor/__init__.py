"""What a person does in Xero's own windows."""
