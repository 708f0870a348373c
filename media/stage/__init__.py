"""A lesson on a node: slots, sources, subscribers and forwarding. No sockets, no clocks."""
