"""KEEPS: the only room that opens the database or writes to it."""
