"""Everything that is written: the database, its migrations and all queries."""
