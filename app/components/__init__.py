"""Controls used by two screens or more."""
