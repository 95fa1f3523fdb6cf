"""What changed in Xero is found by reading its lists, with or without a webhook."""
