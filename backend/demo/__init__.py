"""Ready accounts of the demo mode, made through the real use cases.

A module of this folder that has `stories(today)` adds its accounts.
"""

from backend.demo.seed import demo_person, seed, stories

__all__ = ["demo_person", "seed", "stories"]
