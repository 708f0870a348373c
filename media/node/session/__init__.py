"""One peer on a node: its offer, its answer, what it sends and what it is sent."""
