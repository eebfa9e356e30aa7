"""How long protecting the tables of a release takes, and attacking them."""
