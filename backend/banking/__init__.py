"""The collector's bank: its calendar, the files sent to it, and what it answers."""
