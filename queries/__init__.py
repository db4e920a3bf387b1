"""ASKS: questions to the database, each a .sql file of one SELECT with a typed function."""
