"""The pretend Xero as a server: routes, the gateway, dumps."""
