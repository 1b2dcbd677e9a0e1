"""Several processes behind nginx, and people who lose theirs."""
