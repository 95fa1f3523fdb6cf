"""What people and machines reach over HTTP: probes, metrics, the operator API, consent."""
