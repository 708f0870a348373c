"""How a room and its terminal stand, in words that pages show."""
