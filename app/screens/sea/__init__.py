"""Screens of sea fishermen: the log, the vessels, the year, the crew."""
