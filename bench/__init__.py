"""Measures of speed: `make bench` prints them."""
