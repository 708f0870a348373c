"""Languages, formats, labels."""
