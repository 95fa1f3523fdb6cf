"""What was sampled of a tenant, added up: delays in buckets, five minutes into series."""
