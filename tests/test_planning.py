"""Planning on a real Postgres, against the same decisions written down once more in plain Python."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.planned import SCHOOLS, SEQ, Case, Delivered, Planned, Score
from tests.rules.staged import Staged, own_database

from passback.errors import mask_of
from passback.local.postgres import Postgres
from passback.payloads import Fields
from passback.planning import MOST_SHARDS, _label, _packed

OURS = Fields("Quiz (S1)", dt.date(2026, 10, 15), 10.0, "Quizzes")
CHANGED = {"due_on": dt.date(2026, 10, 16), "name": "Essay (S1)", "total": 12.0, "category": "Tests"}
FIELDS = st.sampled_from([OURS, OURS, OURS, *(replace(OURS, **{name: value}) for name, value in CHANGED.items())])
VALUES = st.sampled_from([(8.0, 0), (8.0, 0), (0.0, 0), (9.5, 0), (None, 1), (None, 4), (8.0, 1)])
SEQS = st.sampled_from([SEQ - 1, SEQ - 1, SEQ, SEQ + 1])
SECTIONS = st.sampled_from([85001, 85001, 85002, 85003])
DELIVERED = st.builds(Delivered, FIELDS, SECTIONS, st.sampled_from(["live", "live", "live", "deleted"]), SEQS)
SCORES = st.builds(Score, st.none() | VALUES, st.none() | VALUES, st.none() | VALUES, SEQS)
CASES = st.builds(
    Case, FIELDS, SECTIONS, st.sampled_from([8301, 8302]), st.sampled_from([True, True, True, False]),
    st.none() | DELIVERED, st.lists(SCORES, max_size=5),
)  # fmt: skip


@pytest.fixture(scope="module")
def ledger(postgres: Postgres, template_database: str) -> Iterator[Staged]:
    """One migrated database for the tests of this module; each has items of its own in it."""
    with own_database(postgres, template_database) as uri:
        made = Staged(uri)
        yield made
        made.connection.close()


def item_action(case: Case, recreate: bool) -> str:
    """What an item needs, by base and ours."""
    base = case.delivered
    if not case.passes or (base and base.seq > SEQ):
        return "none"
    if base is None or base.section_dcid != case.section_dcid or (base.state == "deleted" and recreate):
        return "create"
    if base.state == "deleted":
        return "held"
    return "none" if base.sent == case.ours else "update"


def score_action(case: Case, score: Score, action: str) -> str:
    """What one of its scores needs."""
    newer = case.delivered is not None and case.delivered.seq > SEQ
    if not case.passes or newer or action == "held" or score.ours is None:
        return "none"
    if action == "create" or score.sent is None:
        return "create"
    if score.seq > SEQ:
        return "none"
    if score.ours != score.sent:
        return "update"
    same = case.delivered and (case.delivered.sent.name, case.delivered.sent.total, case.delivered.sent.category)
    return "none" if same == (case.ours.name, case.ours.total, case.ours.category) else "resend"


@settings(max_examples=25)
@given(st.lists(CASES, min_size=8, max_size=16), st.booleans(), st.integers(1, 3))
def test_the_plan_is_what_base_and_ours_ask_for(
    ledger: Staged, cases: list[Case], recreate: bool, score_rows: int
) -> None:
    planned = Planned(ledger, cases)
    planned.plan(score_rows=score_rows, recreate_deleted=recreate)
    actions = [item_action(case, recreate) for case in cases]
    scores = {
        (place, student): score_action(case, score, actions[place])
        for place, case in enumerate(cases)
        for student, score in enumerate(case.scores)
    }
    assert planned.scores("action") == {key: action for key, action in scores.items() if action != "none"}
    sending = {place for place, _ in planned.scores("action")} | {n for n, one in enumerate(actions) if one != "none"}
    assert planned.items("action", "state", "code", "warnings") == {
        place: expected_item(cases[place], actions[place]) for place in sorted(sending)
    }
    check_scores(planned, cases, actions, score_rows)
    check_shards(planned, cases)
    before = planned.items("shard", "action", "state"), planned.scores("batch", "action", "points")
    planned.plan(score_rows=score_rows, recreate_deleted=recreate)
    assert (planned.items("shard", "action", "state"), planned.scores("batch", "action", "points")) == before


def expected_item(case: Case, action: str) -> tuple[str, str, str, int]:
    """Action, state, code and warnings of one item of the plan."""
    moved = case.delivered is not None and case.delivered.section_dcid != case.section_dcid
    warnings = mask_of("LEFT_IN_SIS") if moved and action == "create" else 0
    if action == "held":
        return "scores", "held", "DELETED_IN_SIS", warnings
    return "scores" if action == "none" else action, "planned", "", warnings


def check_scores(planned: Planned, cases: list[Case], actions: list[str], score_rows: int) -> None:
    """Every planned score has ours and its base, and no batch of an item is too large or out of order."""
    batches: dict[int, list[int]] = {}
    for (place, student), row in planned.scores(
        "batch", "points", "flags", "base_points", "base_flags", "held_points", "held_flags", "seq", "student_dcid"
    ).items():
        batch, *values, seq, student_dcid = row
        score = cases[place].scores[student]
        fresh = actions[place] == "create" or score.sent is None
        sent, held = (None, None) if fresh else (score.sent, score.held or score.sent)
        assert values == [*(score.ours or ()), *(sent or (None, None)), *(held or (None, None))]
        assert (seq, student_dcid) == (SEQ, student)
        batches.setdefault(place, []).append(batch)
    for found in batches.values():
        assert found == [number // score_rows for number in range(len(found))]


def check_shards(planned: Planned, cases: list[Case]) -> None:
    """A school is whole in one shard, and a section is listed under the lowest of its acting teachers."""
    found = planned.items("shard", "state", "unit_users_dcid", "section_dcid", "users_dcid")
    by_school: dict[str, set[int]] = {}
    users: dict[int, list[int]] = {}
    for place, (shard, state, _, section, user) in found.items():
        assert (section, user) == (cases[place].section_dcid, cases[place].users_dcid)
        users.setdefault(section, []).append(user)
        if state != "held":
            by_school.setdefault(SCHOOLS[section], set()).add(shard)
    assert sorted(shard for shards in by_school.values() for shard in shards) == list(range(1, len(by_school) + 1))
    assert all(unit == min(users[section]) for _, _, unit, section, _ in found.values())


def test_what_a_teacher_deleted_is_made_again_only_where_the_settings_say_so(ledger: Staged) -> None:
    scores = [Score((8.0, 0), (8.0, 0)), Score((9.0, 0), (8.0, 0), seq=SEQ + 1), Score(None, (8.0, 0))]
    planned = Planned(ledger, [Case(OURS, delivered=Delivered(OURS, 85001, "deleted"), scores=scores)])
    assert planned.plan() == []
    assert (planned.items("action", "state"), planned.scores("action")) == ({0: ("scores", "held")}, {})
    planned.plan(recreate_deleted=True)
    assert planned.items("action", "state") == {0: ("create", "planned")}
    assert planned.scores("action", "base_points") == {(0, 0): ("create", None), (0, 1): ("create", None)}


def test_an_item_whose_class_moved_is_created_in_its_new_section(ledger: Staged) -> None:
    moved = Case(OURS, 85002, delivered=Delivered(OURS, 85001, "deleted"), scores=[Score((8.0, 0), (8.0, 0))])
    planned = Planned(ledger, [moved])
    planned.plan()
    assert planned.items("action", "moved", "section_dcid", "warnings") == {
        0: ("create", True, 85002, mask_of("LEFT_IN_SIS"))
    }  # fmt: skip
    assert planned.scores("action", "base_points", "held_points") == {(0, 0): ("create", None, None)}


def test_an_older_extraction_never_replaces_a_newer_one(ledger: Staged) -> None:
    renamed = replace(OURS, name="Essay (S1)")
    newer = Delivered(renamed, 85001, seq=SEQ + 1)
    changed, new, same_age = Score((9.0, 0), (8.0, 0), seq=SEQ + 1), Score((9.0, 0)), Score((9.0, 0), (8.0, 0), seq=SEQ)
    cases = [
        Case(OURS, delivered=newer, scores=[changed, new, same_age]),
        Case(OURS, 85002, delivered=newer, scores=[new]),
        Case(OURS, delivered=Delivered(OURS, 85001), scores=[changed, new, same_age]),
    ]
    planned = Planned(ledger, cases)
    planned.plan()
    assert planned.items("action") == {2: "scores"}
    assert planned.scores("action") == {(2, 1): "create", (2, 2): "update"}


def test_counts_and_labels_say_what_is_to_be_sent(ledger: Staged) -> None:
    sent = Delivered(OURS, 85001)
    renamed = Fields("Essay (S1)", OURS.due_on, 10.0, "Quizzes")
    same, changed, new = Score((8.0, 0), (8.0, 0)), Score((9.5, 0), (8.0, 0)), Score((8.0, 0))
    planned = Planned(
        ledger,
        [
            Case(OURS, 85002, scores=[new, new]),
            Case(renamed, delivered=sent, scores=[same, changed, new]),
            Case(OURS, delivered=Delivered(OURS, 85001, "deleted"), scores=[changed]),
            Case(OURS, delivered=sent, scores=[same]),
            Case(OURS, delivered=sent, scores=[changed]),
        ],
    )
    assert planned.plan() == [
        {"shard": 1, "label": "school 101 · 2 items"}, {"shard": 2, "label": "school 102 · 1 item"},
    ]  # fmt: skip
    assert planned.counts == {
        "items_to_create": 1, "items_to_update": 1, "items_held": 1, "scores_to_create": 3, "scores_to_update": 2,
        "scores_to_resend": 1,
    }  # fmt: skip
    assert planned.items("shard") == {0: 2, 1: 1, 2: 1, 4: 1}


def test_nothing_to_send_is_no_shard(ledger: Staged) -> None:
    planned = Planned(ledger, [Case(OURS, passes=False), Case(OURS, delivered=Delivered(OURS, 85001))])
    assert planned.plan() == []
    assert not any(planned.counts.values())


SCHOOL_ROWS = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 40)), max_size=30, unique_by=lambda row: row
).map(lambda rows: sorted(rows, reverse=True))  # fmt: skip


@given(SCHOOL_ROWS)
def test_shards_hold_every_school_once_and_are_packed_evenly(rows: list[tuple[int, int]]) -> None:
    schools = [
        {"school_number": str(number), "requests": requests, "items": items}
        for number, (requests, items) in enumerate(rows)
    ]
    shards = _packed(schools)
    assert [shard["shard"] for shard in shards] == list(range(1, min(len(rows), MOST_SHARDS) + 1))
    packed = [school["school_number"] for shard in shards for school in shard["schools"]]
    assert sorted(packed) == sorted(school["school_number"] for school in schools)
    for shard in shards:
        assert shard["requests"] == sum(school["requests"] for school in shard["schools"])
        lightest_of_it = min(school["requests"] for school in shard["schools"])
        assert shard["requests"] - lightest_of_it <= min(other["requests"] for other in shards)


def test_a_label_names_three_schools_and_counts_the_rest() -> None:
    schools: list[dict[str, Any]] = [{"school_number": str(101 + number), "items": 600} for number in range(5)]
    assert _label(schools[:1]) == "school 101 · 600 items"
    assert _label(schools[:3]) == "schools 101, 102, 103 · 1,800 items"
    assert _label(schools) == "schools 101, 102, 103 and 2 more · 3,000 items"


def test_what_was_proved_stays_when_a_run_is_planned_again(ledger: Staged) -> None:
    planned = Planned(ledger, [Case(OURS, scores=[Score((8.0, 0)), Score((9.0, 0)), Score((7.0, 0))]), Case(OURS)])
    planned.plan(score_rows=2)
    key = planned.keys[0]
    planned.deliver(key, Delivered(OURS, 85001, seq=SEQ))
    planned.connection.execute(
        "update passback.plan_item set state = 'accepted', proved = 'create' where item_key = %s", [key]
    )
    planned.insert("passback.score_call", run_key=planned.run_key, item_key=key, batch=0, section_dcid=85001,
                   state="accepted")  # fmt: skip
    for student, value in ((0, (8.0, 0)), (1, (9.0, 0))):
        planned.deliver_score(key, student, value, value, SEQ)
    planned.connection.execute(
        "update passback.run_score set points = 5 where item_key = %s and student_number = '1'", [key]
    )
    planned.plan(score_rows=2)
    assert planned.items("action", "state", "proved") == {
        0: ("scores", "planned", "create"), 1: ("create", "planned", None)
    }  # fmt: skip
    assert planned.scores("batch", "action", "proved", "points") == {
        (0, 0): (0, "create", None, 8.0), (0, 1): (1, "update", "create", 5.0), (0, 2): (1, "create", None, 7.0),
    }  # fmt: skip
    assert planned.counts["items_to_create"] == 1
