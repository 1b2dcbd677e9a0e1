"""Make backend/leaked.bin again: `python -m tools.leaked_passwords LIST…`, texts of one password a
line (docs/dependencies.md says which). Only those that our own rule takes are kept, as
fingerprints."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from backend.passwords import LEAKED, fingerprint, rule


def main() -> int:
    """Write the file, and say how many it holds."""
    lines: list[str] = []
    for name in sys.argv[1:]:
        content = Path(name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content
        lines += content.decode("utf-8", errors="replace").splitlines()
    found = sorted({fingerprint(line) for line in lines if rule(line, "") is None})
    LEAKED.write_bytes(b"".join(found))
    print(f"{len(found)} passwords, {LEAKED.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
