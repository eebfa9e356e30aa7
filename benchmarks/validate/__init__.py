"""How long validating a return takes, from XML to the list of issues: beside a peer."""
