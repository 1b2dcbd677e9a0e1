"""Read what a bank or an invoicing tool exports: pure Python, loaded when a file is picked."""
