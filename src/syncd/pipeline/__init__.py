"""The wing that speaks Pipeline's sync API: `wire` the bytes, `client` a call, `billing` the port.

`results` builds what syncd writes back.
"""
