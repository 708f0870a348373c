"""The process: command line, configuration, wiring, supervision of relay nodes."""

__version__ = "0.1.0"
