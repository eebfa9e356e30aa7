"""How long `cin release` takes on a national mart: protection, audit, and the whole of it."""
