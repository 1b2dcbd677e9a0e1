"""Tables, queries and migrations. SQLite out of the box, PostgreSQL beyond one machine."""
