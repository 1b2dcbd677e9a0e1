"""The law as data and pure functions: no I/O, no clock, no user interface, no database."""
