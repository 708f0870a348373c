"""What pages say: languages, formats, labels."""
