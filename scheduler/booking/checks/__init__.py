"""What a booking must fulfil: facts read once, then pure rules over them."""
