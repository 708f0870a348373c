"""What the process needs of its machine: files, keys, log, ports, child processes."""
