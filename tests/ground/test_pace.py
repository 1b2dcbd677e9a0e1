"""A job of every account does not keep people waiting, and ends all the same."""

from __future__ import annotations

import pytest

from backend import pace

ROW = pace.SLICE / 4  # what a row costs, in processor


class Clock:
    """Time that passes in rows and in rests; `busy`: how much of each rest the process works, in
    turn."""

    def __init__(self, busy: list[float], always: float = 0.0) -> None:
        self.now, self.used, self.own, self.busy, self.always = 0.0, 0.0, 0.0, busy, always
        self.rests: list[float] = []

    def work(self, seconds: float) -> None:
        self.now, self.used, self.own = self.now + seconds, self.used + seconds, self.own + seconds

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.used

    def thread_time(self) -> float:
        return self.own

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds
        self.used += seconds * (self.busy.pop(0) if self.busy else self.always)


def rests_of(clock: Clock, monkeypatch: pytest.MonkeyPatch, rows: int) -> list[float]:
    monkeypatch.setattr(pace, "time", clock)
    done = []
    for row in pace.spaced(range(rows)):
        done.append(row)
        clock.work(ROW * 1.01)
    assert done == list(range(rows))
    return clock.rests


def test_an_idle_process_hardly_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rests_of(Clock([], always=0.2), monkeypatch, 8) == [pace.GLANCE] * 2


def test_a_busy_one_leaves_its_turn_until_it_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = rests_of(Clock([0.9, 1.0, 0.1]), monkeypatch, 8)
    assert rests == [pace.GLANCE, pace.ASIDE, pace.ASIDE, pace.GLANCE]


def test_the_job_ends_though_nobody_ever_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = rests_of(Clock([], always=1.0), monkeypatch, 8)
    assert rests == ([pace.GLANCE] + [pace.ASIDE] * (pace.MOST - 1)) * 2
