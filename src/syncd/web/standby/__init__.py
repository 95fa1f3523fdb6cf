"""What a replica serves that stands by: webhooks and probes; all else comes from the holder."""
