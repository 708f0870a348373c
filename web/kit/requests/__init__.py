"""What a request is: its route and who may take it, the ids in it, where it came from."""
