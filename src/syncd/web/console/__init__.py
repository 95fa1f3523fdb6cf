"""The operator's console: pages over the same operations as the API, under the same roles."""
