"""The front end: one Flet code base for phones and browsers. Never imports backend."""
