"""The ways in which the delivery code is broken on purpose, and the trials that must notice (see chaos.sabotage)."""

from __future__ import annotations

from dataclasses import dataclass

DELIVERY = "plugins/passback/delivery"


@dataclass(frozen=True)
class Edit:
    """One exact replacement."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """One defence taken away, and the trials that notice, the quickest first."""

    name: str
    edits: tuple[Edit, ...]
    trials: tuple[str, ...]


POST = "            answer = await courier.powerschool.create_assignment(item.users_dcid, body)\n"
PUT = "    answer = await courier.powerschool.update_assignment(base.assignment_id, item.users_dcid, body)\n"
ON_RECORD = "    write |= {\n"
OPEN = "        with self.connection.transaction():\n"
SETTLED = '        self.answer_item_writes([{"write_id": write["write_id"], **settled}])\n'
SECOND_LOOK = "            await courier.db(courier.records.refresh, courier.unit)\n            items = await"

MUTATIONS = (
    Mutation(
        "on record only after the write",
        (
            Edit(f"{DELIVERY}/updates.py", PUT, ""),
            Edit(f"{DELIVERY}/updates.py", ON_RECORD, PUT + ON_RECORD),
        ),
        ("second deliver 1: write update #1 unheard, process",),
    ),
    Mutation(
        "no record is looked at again",
        (Edit("include/sql/open_item_writes.sql", "w.state = 'open'", "w.state = 'forgotten'"),),
        ("first deliver 1: write create #2 unheard, process",),
    ),
    Mutation(
        "accepted before the answer",
        (
            Edit(
                f"{DELIVERY}/updates.py",
                PUT,
                "    yes = {'write_id': write['write_id'], 'state': 'accepted'}\n"
                "    await courier.db(courier.records.answer_item_writes, [yes])\n" + PUT,
            ),
        ),
        ("second deliver 1: write update #1 before, process",),
    ),
    Mutation(
        "a refusal taken for a yes",
        (
            Edit(
                f"{DELIVERY}/scores.py",
                "        if answer.accepted:\n            self._accepted = True",
                "        if answer.accepted or answer.status == 409:\n            self._accepted = True",
            ),
        ),
        ("refusals",),
    ),
    Mutation(
        "posted again after one empty listing",
        (
            Edit(
                f"{DELIVERY}/creates.py",
                '        elif begun >= write["opened_at"] + timedelta(seconds=courier.settle_seconds):\n',
                "        else:\n",
            ),
        ),
        ("a_listing_that_lags",),
    ),
    Mutation(
        "a lost create posted again at once",
        (
            Edit(
                f"{DELIVERY}/creates.py",
                POST,
                POST + "            if answer.lost:\n    " + POST,
            ),
        ),
        ("first deliver 1: write create #2 unheard, connection",),
    ),
    Mutation(
        "markers are not looked for",
        (
            Edit(
                f"{DELIVERY}/listing.py",
                "        found = self._by_marker.get((section_dcid, marker_words(marker)), [])\n",
                "        found = list[dict[str, Any]]()\n",
            ),
        ),
        ("first deliver 1: write create #2 unheard, process",),
    ),
    Mutation(
        "no second look under the lock",
        (Edit(f"{DELIVERY}/unit.py", SECOND_LOOK, "            items = await"),),
        ("an_older_plan", "two_at_once"),
    ),
    Mutation(
        "no section lock",
        (
            Edit(
                "include/sql/section_lock_try.sql",
                "pg_try_advisory_lock(hashtextextended('passback section', %(section_dcid)s))",
                "%(section_dcid)s is not null",
            ),
        ),
        ("a_frozen_sender",),
    ),
    Mutation(
        "an open score call is taken for done",
        (
            Edit(
                "include/sql/score_calls_settle.sql",
                "then 'accepted' else 'not_done' end",
                "then 'accepted' else 'accepted' end",
            ),
        ),
        ("first deliver 1: write score #1 before, process",),
    ),
    Mutation(
        "a score that goes along proves a lost call",
        (
            Edit(
                "include/sql/score_calls_judge.sql",
                "bool_or(as_attempted and not as_before) or not bool_or(as_before and not as_attempted)",
                "bool_or(as_attempted)",
            ),
        ),
        ("second deliver 1: write score #1 before, process",),
    ),
    Mutation(
        "base moves without a proof",
        (
            Edit(
                f"{DELIVERY}/scores.py",
                "            if not await _look_again(courier, item):\n                return\n",
                '            proofs.add({"call_id": call["call_id"], "state": "accepted"})\n            return\n',
            ),
        ),
        ("first deliver 1: write score #2 before, connection",),
    ),
    Mutation(
        "an older sequence goes over a newer one",
        (Edit(f"{DELIVERY}/work.py", "self.outdated or (base is not None and base.seq > self.seq)", "base is False"),),
        ("an_older_plan", "an_older_run_again"),
    ),
    Mutation(
        "what an attempt proved is forgotten",
        (
            Edit("include/sql/plan_items_settle.sql", "proved = coalesce(p.proved, s.proved)", "proved = s.proved"),
            Edit(f"{DELIVERY}/unit.py", '"proved": item.proved}', '"proved": None}'),
        ),
        ("first deliver 1: commit score_calls_open #1 before, process",),
    ),
    Mutation(
        "an update is settled before the run's plan is",
        (
            Edit(
                f"{DELIVERY}/records.py",
                OPEN + "    " + SETTLED + "            if",
                SETTLED + OPEN + "            if",
            ),
        ),
        ("second deliver 1: commit item_writes_answered #2 after, process",),
    ),
    Mutation(
        "the read-back confirms everything",
        (
            Edit(
                "include/sql/verify_scores.sql",
                "    (t.points, coalesce(t.flags, 0)) is not distinct from (p.points, p.flags) as as_sent,",
                "    true as as_sent,",
            ),
        ),
        ("a_write_that_is_not_kept",),
    ),
    Mutation(
        "theirs is not read before a write",
        (
            Edit(
                f"{DELIVERY}/scores.py",
                "    await _look_at_theirs(courier, [item for item in ready if not item.just_created])\n",
                "",
            ),
        ),
        ("clean second",),
    ),
    Mutation(
        "the HTTP library repeats a write",
        (
            Edit(
                "plugins/passback/powerschool/exchange.py",
                "session._retry_connection = False",
                "session._retry_connection = True",
            ),
        ),
        ("second deliver 1: write update #1 unheard, connection",),
    ),
)
