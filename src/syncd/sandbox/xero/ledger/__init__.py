"""An organisation's books: documents, identifiers, arithmetic, settings, switches."""
