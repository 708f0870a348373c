"""Communities, schools, rooms and classes; the import."""
