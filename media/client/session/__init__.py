"""One WHIP or WHEP session of a headless client."""
