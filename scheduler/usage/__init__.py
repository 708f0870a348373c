"""The usage log: rows, queries, kept figures, head counts and remarks."""
