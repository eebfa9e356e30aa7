"""What one authority, one national year and many years take: rows, bytes, time and memory."""
