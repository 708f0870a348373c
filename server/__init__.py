"""The process: command line, configuration, wiring, supervision of relay nodes."""
