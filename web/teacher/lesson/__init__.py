"""The page of one lesson."""
