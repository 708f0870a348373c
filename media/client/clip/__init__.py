"""The test clip: a drawn picture and a tone."""
