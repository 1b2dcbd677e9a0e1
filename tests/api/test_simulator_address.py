"""What a simulation's link holds never reaches a log, even if a browser sent it."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from backend.server import _AppMount
from tests.support.world import World

TOKEN = "eNpNjt0KwjAM"


@pytest.mark.parametrize("path", [f"/simulateur?s={TOKEN}", f"/simulateur/{TOKEN}"])
def test_the_log_knows_no_address_of_the_app(
    world: World, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    # The app takes every address that is not the collector's, as in `quittance serve`.
    world.app.router.routes.append(_AppMount("/", app=PlainTextResponse("the app"), name="app"))
    assert world.client.get(path).text == "the app"
    # A failure is logged louder than a page: it names no address either.
    assert world.client.put(path, content=b"x" * 2_000_000).status_code == 413
    told = capsys.readouterr()
    assert "status=413" in told.out + told.err
    assert TOKEN not in told.out + told.err
