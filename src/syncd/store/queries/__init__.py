"""Named SQL, one file per room of the store, read by `syncd.store.sql`."""
