"""One module per profession: its forms as data, its words."""
