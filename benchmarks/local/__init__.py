"""How long `cin local` takes, from an authority's return to its site."""
