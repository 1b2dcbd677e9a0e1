"""Ready accounts of the demo mode, made through the real use cases."""

from backend.demo.auto_entrepreneurs import stories
from backend.demo.seed import demo_person, seed

__all__ = ["demo_person", "seed", "stories"]
