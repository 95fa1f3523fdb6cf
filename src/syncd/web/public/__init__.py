"""What strangers may call: consent and webhooks."""
