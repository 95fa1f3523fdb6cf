"""Commands that need no running daemon: configuration, the store's file, the daemon itself."""
