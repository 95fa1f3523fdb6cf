"""The windows: folds over facts. Logs, metrics and health; nobody below them owns a logger."""
