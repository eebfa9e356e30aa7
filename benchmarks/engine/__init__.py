"""Benchmarks of the multilevel engine; `README.md` has the commands."""
