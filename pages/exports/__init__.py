"""Frame in, bytes out."""
