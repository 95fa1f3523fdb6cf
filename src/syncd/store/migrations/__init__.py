"""The schema as numbered SQL files, applied in order by `syncd.store.migrate`."""
