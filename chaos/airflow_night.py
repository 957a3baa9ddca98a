"""One schedule under Airflow: start the night, strike, let Airflow recover, help as an operator would, and compare."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import requests

from chaos import checks, outcomes
from chaos.airflow_world import World
from chaos.outcomes import Outcome
from chaos.places import Peer, Place
from chaos.schedules import Blow, Schedule, label
from chaos.start_states import DAY_AFTER
from passback.local.rest import FINISHED, AirflowError

NIGHTLY = "passback_nightly"
NIGHT_SECONDS = 420.0
ASK_SECONDS = 0.7
PATIENCE = 15  # or so many times an undisturbed night, on a machine with much else to do
UNREACHABLE = (AirflowError, requests.RequestException, KeyError, FileNotFoundError)


class Stuck(Exception):
    """A run that did not end in time: itself a finding."""


class Night:
    """One schedule on its way; `run` gives its outcome."""

    def __init__(self, world: World, schedule: Schedule, base_seconds: float) -> None:
        """`base_seconds` is how long an undisturbed night takes here."""
        self.world, self.schedule, self.base_seconds = world, schedule, base_seconds
        blows = schedule.blows
        self.outcome = Outcome(
            schedule.seed,
            schedule.state,
            [blow.victim for blow in blows],
            [blow.when for blow in blows],
            [blow.way for blow in blows],
        )
        self.seconds = max(NIGHT_SECONDS, PATIENCE * base_seconds) if base_seconds else 4 * NIGHT_SECONDS
        self.run_ids: list[str] = []
        self.missed: dict[str, str] = {}
        self._began = time.monotonic()
        self._striking = threading.Lock()
        self._waiting = list(blows)

    def run(self) -> Outcome:
        """From the start state to the comparison."""
        state = self.world.states[self.schedule.state]
        self.world.restore(state.box, state.template)
        self.world.points.scope = ""
        self.world.points.on_place = self._pass
        self._began = time.monotonic()
        try:
            self._recover(state.as_of)
            self.world.points.on_place = None
            self._waiting.clear()
            self.world.wait_until_whole()
            self._compare(state.clean)
        except (Stuck, TimeoutError) as stuck:
            self.outcome.problems.append(f"stuck: {stuck}")
            self.outcome.recovered = "never"
        finally:
            self.world.points.on_place = None
        self.outcome.seconds = round(time.monotonic() - self._began, 1)
        return self.outcome

    def _recover(self, as_of: str) -> None:
        """The night with its retries; where it must be, an operator clears once; then a next night."""
        outcome = self.outcome
        state = self._night(as_of)
        outcome.recovered = outcomes.RETRY if outcome.struck else outcomes.UNHURT
        if state == "failed" and self._clear(self.run_ids[-1]):
            outcome.recovered = outcomes.CLEAR
            state = self._end(self.run_ids[-1])
        if state == "failed":
            outcome.recovered = outcomes.NEXT_NIGHT
            state = self._night(DAY_AFTER)
        if state == "failed":
            outcome.problems.append(f"still red: {self._asked(self.world.airflow.states, NIGHTLY, self.run_ids[-1])}")

    def _night(self, as_of: str) -> str:
        """A new run to its end."""
        run_id = f"chaos-{self.schedule.seed}-{time.time():.0f}-{len(self.run_ids) + 1}"
        self._asked(self._trigger, run_id, as_of)
        self.run_ids.append(run_id)
        self.outcome.nights += 1
        return self._end(run_id)

    def _trigger(self, run_id: str, as_of: str) -> None:
        """Start the run, unless an attempt whose answer was lost has."""
        try:
            self.world.airflow.trigger(NIGHTLY, {"as_of": as_of}, run_id)
        except AirflowError as error:
            if " 409 " not in str(error):
                raise

    def _end(self, run_id: str) -> str:
        """The run's state once it has ended; strikes on the way what is to be struck at an instant."""
        deadline = time.monotonic() + self.seconds
        airflow = self.world.airflow
        ask_at = 0.0
        while time.monotonic() < deadline:
            self._strike_by_clock()
            time.sleep(0.05)
            if time.monotonic() < ask_at:
                continue
            ask_at = time.monotonic() + ASK_SECONDS
            with suppress(*UNREACHABLE):
                state = str(airflow.run(NIGHTLY, run_id)["state"])
                if state in FINISHED:
                    tries = [task["try_number"] for task in airflow.tasks(NIGHTLY, run_id)]
                    self.outcome.attempts = max(self.outcome.attempts, *tries)
                    return state
        raise Stuck(f"{run_id} did not end in {self.seconds:.0f} s: {self._asked(airflow.states, NIGHTLY, run_id)}")

    def _clear(self, run_id: str) -> bool:
        """Clear what failed, as an operator would; False where only the verdict says red, for a clear mends nothing."""
        states = self._asked(self.world.airflow.states, NIGHTLY, run_id)
        failed = [task for task, of in states.items() if "failed" in of and task != "verdict"]
        if failed:
            self._asked(self.world.airflow.clear, NIGHTLY, run_id, failed)
        return bool(failed)

    @staticmethod
    def _asked(question: Any, *arguments: Any) -> Any:
        """An answer of Airflow's, asked for until it comes: what was struck may be its own database or server."""
        deadline = time.monotonic() + 120
        while True:
            try:
                return question(*arguments)
            except UNREACHABLE as error:
                if time.monotonic() > deadline:
                    raise Stuck(f"Airflow does not answer: {error}") from None
                time.sleep(0.5)

    def _strike_by_clock(self) -> None:
        passed = time.monotonic() - self._began
        for blow in [blow for blow in self._waiting if not blow.place]:
            first = not self.outcome.struck and blow is not self.schedule.blows[0]
            if passed >= blow.share * self.base_seconds and not first:
                self._strike(blow, None)

    def _pass(self, place: Place, peer: Peer) -> None:
        """In the proxies' thread: strikes where the place is the one that was drawn, the first time it is passed."""
        for blow in list(self._waiting):
            if blow.place and blow.place == label(place):
                self._strike(blow, peer)

    def _strike(self, blow: Blow, peer: Peer | None) -> None:
        with self._striking:
            if blow not in self._waiting:
                return
            self._waiting.remove(blow)
        try:
            hit = self.world.victims.strike(blow.victim, peer)
        except (psycopg.Error, psutil.Error, OSError) as error:  # it was down already: nothing was hit
            hit, self.missed[blow.victim] = "", str(error)
        if not hit and peer is None:
            self._waiting.append(blow)  # between two tasks there may be nobody to hit: at the next look again
        if hit:
            self.outcome.struck.append(f"{blow.victim}: {hit} after {time.monotonic() - self._began:.1f} s")

    def _compare(self, clean: checks.Found) -> None:
        found = self.world.look()
        wrong = checks.differences(clean, found)
        self.outcome.lost = sum(one.kind == checks.LOST for one in wrong)
        self.outcome.doubled = sum(one.kind == checks.DOUBLED for one in wrong)
        self.outcome.problems += [f"{one.kind}: {one.text}" for one in wrong]
        if self.outcome.nights == 1 and found.totals != clean.totals:
            self.outcome.problems.append(f"books: {told(found)} not {told(clean)}")


def told(found: checks.Found) -> str:
    """The books of all runs in one line."""
    return "; ".join(f"{row[0]} {'/'.join(str(int(n)) for n in row[1:])}" for row in found.totals)
