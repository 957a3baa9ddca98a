"""What no single death shows: two runs at once, a listing that lags behind, refusals, a plan that has grown old.

Each case takes the stage driver and gives what is wrong at its end; it must be nothing.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from chaos.blows import kill_process
from chaos.checks import differences
from chaos.gradebook import a_later_day
from chaos.places import Peer, Place
from chaos.stage_night import Night
from chaos.stage_world import StageWorld
from chaos.stages import Stages, judge, waiting
from sandbox.wire import Answer, Call, json_answer

SETTLE_SECONDS = 300
LATENCY_MS = 40
WAITS = "Waiting for section"  # what a delivery logs where another holds its sections


def two_at_once(stages: Stages) -> list[str]:
    """Two runs with one plan deliver side by side: together they send what one would, and both books balance."""
    world, clean = stages.world, stages.clean["first"]
    world.reset("first")
    world.settings(in_flight=6)
    plans = [world.planned("first"), world.planned("first")]
    world.box.control.powerschool.switches(latency_ms=LATENCY_MS)
    problems = _side_by_side(world, plans)
    world.box.control.powerschool.switches(latency_ms=0)
    for night, _ in plans:
        world.close(night)
    plans[0][0].writes = world.writes()
    problems += judge(clean, plans[0][0], plans[1][0], world.look())
    done, wanted = _done(*(night for night, _ in plans)), _done(clean.night)
    return problems if done == wanted else [*problems, f"their books say {dict(done)} and not {dict(wanted)}"]


def _side_by_side(world: StageWorld, plans: list[tuple[Night, list[int]]]) -> list[str]:
    jobs = [world.begin("deliver", night.run_id, shard) for night, shards in plans for shard in shards]
    return [f"a delivery side by side fails: {job.said()}" for job in jobs if job.wait() != 0]


def _done(*nights: Night) -> Counter[str]:
    """What the nights created and updated together."""
    done: Counter[str] = Counter()
    for night in nights:
        done.update({name: count for name, count in night.totals.items() if name.endswith((" created", " updated"))})
    return done


def a_listing_that_lags(stages: Stages) -> list[str]:
    """A create whose answer is lost shows in no listing for a while: it is not posted again, and taken up later."""
    world, clean = stages.world, stages.clean["first"]
    world.reset("first")
    world.settings(settle_seconds=SETTLE_SECONDS)
    shown = _hide_new(world)
    killed: list[int] = []

    def strike(place: Place, peer: Peer) -> None:
        if place.what == "write create" and place.number == 3 and place.moment == "unheard" and not killed:
            killed.append(peer.pid or 0)
            kill_process(peer)

    world.night("first", "first ", strike)
    world.night("first")
    shown()
    world.settings(settle_seconds=0)  # as if so long had passed
    night, next_night = world.night("first"), world.night("first")
    return judge(clean, night, next_night, world.look()) + ([] if killed else ["no create was lost"])


def _hide_new(world: StageWorld) -> Callable[[], None]:
    """Listings leave out what is new until the given function is called."""
    calls = world.box.powerschool.resources.assignments
    listing, hidden = calls.listing, [True]

    def lagging(call: Call, users_dcid: int) -> Answer:
        return json_answer([]) if hidden[0] else listing(call, users_dcid)

    calls.listing = lagging
    return lambda: hidden.__setitem__(0, False)


def refusals(stages: Stages) -> list[str]:
    """Each kind of write is refused once: the night says so, and the next one sends it."""
    problems = []
    for act, kinds in (("first", ("create", "score")), ("second", ("update",))):
        world, clean = stages.world, stages.clean[act]
        for kind in kinds:
            world.reset(act)
            world.box.control.powerschool.fault("status", kind=kind, status=409, message="The request was refused")
            night = world.night(act, f"{act} ")
            failed = waiting(night) - waiting(clean.night)
            if not failed:
                problems.append(f"a refused {kind} is told by nobody")
            found = judge(clean, night, world.night(act), world.look())
            problems += [f"after a refused {kind}: {problem}" for problem in found]
    return problems


def an_older_plan(stages: Stages) -> list[str]:
    """A plan made before a newer night is delivered after it: nothing of it goes over what is newer."""
    world = stages.world
    world.reset("second")
    old, shards = world.planned("second")
    a_later_day(world.box)
    world.night("second")
    before, writes = world.look(), world.writes()
    for shard in shards:
        world.step(old, "", "deliver", shard)
    world.close(old)
    return _untouched(world, before, writes, old)


def an_older_run_again(stages: Stages) -> list[str]:
    """A night that was done is cleared after a newer one and runs again from its plan: it changes nothing."""
    world = stages.world
    world.reset("second")
    old, shards = world.planned("second")
    for shard in shards:
        world.step(old, "", "deliver", shard)
    a_later_day(world.box)
    world.night("second")
    before, writes = world.look(), world.writes()
    again = [shard["shard"] for shard in world.step(old, "", "plan") or []]
    for shard in sorted({*shards, *again}):
        world.step(old, "", "deliver", shard)
    world.close(old)
    return _untouched(world, before, writes, old)


def _untouched(world: StageWorld, before: Any, writes: Counter[str], old: Night) -> list[str]:
    problems = [f"the older run leaves {one.kind}: {one.text}" for one in differences(before, world.look())]
    if world.writes() != writes:
        problems.append(f"the older run writes after the newer night: {dict(world.writes() - writes)}")
    return problems if old.balanced else [*problems, f"the older run does not balance: {old.failures[-2:]}"]


def a_write_that_is_not_kept(stages: Stages) -> list[str]:
    """PowerSchool says yes to a score call and keeps nothing of it: the read-back notices, the next night sends it."""
    world, clean = stages.world, stages.clean["first"]
    world.reset("first")
    world.box.control.powerschool.fault("not_stored", kind="score", skip=2)
    night = world.night("first", "first ")
    problems = [] if night.mismatches else ["the read-back notices nothing"]
    found = world.look()
    next_night = world.night("first")
    # This once PowerSchool did lie: it answered 200 to a call that it did not keep.
    night.mismatches = 0
    night.writes["score"] -= 1
    return problems + judge(clean, night, next_night, world.look()) + _lost(clean.found, found)


def _lost(clean: Any, found: Any) -> list[str]:
    return [] if differences(clean, found) else ["the fault struck nothing"]


def a_frozen_sender(stages: Stages) -> list[str]:
    """A process stops in the middle of a request, a second attempt begins, and the first goes on: everything once."""
    world, clean = stages.world, stages.clean["first"]
    world.reset("first")
    world.settings(in_flight=6)
    frozen: list[int] = []

    def strike(place: Place, peer: Peer) -> None:
        if place.what == "write create" and place.number == 2 and place.moment == "before" and not frozen and peer.pid:
            frozen.append(peer.pid)
            os.kill(peer.pid, signal.SIGSTOP)

    night, shards = world.planned("first")
    world.points.on_place = strike
    first = world.begin("deliver", night.run_id, shards[0])
    _until(lambda: bool(frozen))
    told = world.log()
    second = world.begin("deliver", night.run_id, shards[0])
    _until(lambda: second.ended.is_set() or WAITS in world.log()[len(told) :])
    os.kill(frozen[0], signal.SIGCONT)
    problems = [f"an attempt fails: {job.said()}" for job in (first, second) if job.wait() != 0]
    for shard in shards[1:]:
        world.step(night, "", "deliver", shard)
    world.close(night)
    night.writes = world.writes()
    return problems + judge(clean, night, world.night("first"), world.look())


def _until(happens: Callable[[], bool], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for never happened")
        time.sleep(0.02)


CASES: dict[str, Callable[[Stages], list[str]]] = {
    case.__name__: case
    for case in (
        two_at_once, a_listing_that_lags, refusals, an_older_plan, an_older_run_again, a_write_that_is_not_kept,
        a_frozen_sender,
    )
}  # fmt: skip
