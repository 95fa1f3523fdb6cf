"""The Pipeline adapter: `wire` the bytes of its sync API, `client` a call, `billing` the port.

`results` builds what syncd writes back.
"""
