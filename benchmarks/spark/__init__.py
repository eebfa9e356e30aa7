"""What the Spark target does: its results against DuckDB's, and with an executor killed."""
