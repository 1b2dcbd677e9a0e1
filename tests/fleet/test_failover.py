"""A few people lose their process; `make failover` loses two hundred at once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backend.web.press import QUICK, found, press
from tests.fleet.harness import nginx_conf, nginx_path
from tests.fleet.run import one

pytestmark = pytest.mark.postgres
FULL = pytest.mark.skipif(
    os.environ.get("QUITTANCE_FLEET") != "full", reason="`make failover` does it, at length"
)


@pytest.fixture(scope="module")
def nginx() -> str:
    """The nginx that `make` found; without one these tests say so, and fail under CI."""
    path = nginx_path()
    if path is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("no nginx: the tests of several processes cannot run")
        pytest.skip("NO NGINX: the tests of several processes did not run")
    return path


def test_the_configuration_is_one_that_nginx_takes(nginx: str, tmp_path: Path) -> None:
    conf = nginx_conf(tmp_path, (9, 9), 9443)
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(conf)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.browser
def test_a_killed_process_loses_nobody(nginx: str, chromium_path: str) -> None:
    press(found(Path(os.environ["QUITTANCE_CACHE_DIR"])), QUICK)
    count = one("kill", 8, nginx, windows=1, chromium=chromium_path)
    assert count.clean, [str(count), *count.faults]
    assert count.back == 9


@FULL
def test_a_process_told_to_end_loses_nobody(nginx: str) -> None:
    count = one("drain", 4, nginx)
    assert count.clean, [str(count), *count.faults]


@FULL
def test_another_address_loses_nobody(nginx: str) -> None:
    count = one("address", 4, nginx)
    assert count.clean, [str(count), *count.faults]
