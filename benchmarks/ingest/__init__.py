"""How fast and how flat returns are read: against lxml alone, a peer, and by size and cores."""
