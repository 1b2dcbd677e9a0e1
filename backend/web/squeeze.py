"""Brotli and gzip beside each file, made once for each content."""

from __future__ import annotations

import gzip
import hashlib
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import brotli

PLAIN = frozenset({".png", ".woff2", ".jpg", ".br", ".gz"})
SMALLEST = 400  # bytes below which a header costs more than is gained
BEST = 11


def squeeze(root: Path, cache: Path, quality: int) -> None:
    """Write `file.br` and `file.gz` beside every file of `root` that gains from it."""
    cache.mkdir(parents=True, exist_ok=True)
    files = [
        path
        for path in sorted(root.rglob("*"), key=lambda p: -p.stat().st_size)
        if path.is_file() and path.suffix not in PLAIN and path.stat().st_size >= SMALLEST
    ]
    with ProcessPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(_one, files, [cache] * len(files), [quality] * len(files)))


def _one(path: Path, cache: Path, quality: int) -> None:
    content = path.read_bytes()
    name = hashlib.sha256(content).hexdigest()
    for suffix, best in ((".br", quality), (".gz", 9)):
        # A better compression made for a release serves the tests too.
        levels = range(BEST, best - 1, -1) if suffix == ".br" else [best]
        found = next((p for n in levels if (p := cache / f"{name}.{n}{suffix}").exists()), None)
        if found is None:
            found = cache / f"{name}.{best}{suffix}"
            small = (
                brotli.compress(content, quality=best, lgwin=24)
                if suffix == ".br"
                else gzip.compress(content, best, mtime=0)
            )
            _put(found, small)
        small = found.read_bytes()
        if len(small) < len(content):
            _put(Path(f"{path}{suffix}"), small)


def _put(path: Path, content: bytes) -> None:
    """Write at once: whoever reads meanwhile sees the file of before or this one."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)
