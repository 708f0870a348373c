"""The county file: read, checked line by line, loaded in one transaction."""
