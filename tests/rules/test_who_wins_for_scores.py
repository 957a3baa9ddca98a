"""Scores under the section's lock: the second look at their base, and who wins over what PowerSchool holds."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules.planned import SEQ, Case, Delivered, Planned, Score, Value
from tests.rules.staged import Staged

from passback import database
from passback.errors import mask_of
from passback.payloads import Fields

OURS = Fields("Quiz (S1)", dt.date(2026, 10, 15), 10.0, "Quizzes")
VALUES = st.sampled_from([(8.0, 0), (8.0, 0), (0.0, 0), (9.5, 0), (None, 1), (None, 4), (8.0, 1)])
THEIRS = st.none() | st.sampled_from([(None, 0), (8.0, 0), (0.0, 0), (9.5, 0), (None, 1), (8.0, 4)])
DECIDED = st.tuples(st.sampled_from(["create", "update", "resend"]), THEIRS, VALUES, THEIRS)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DECIDED, min_size=1, max_size=40))
def test_who_wins_for_a_score_is_decided_by_what_powerschool_holds(
    staged: Staged, rows: list[tuple[str, Value | None, Value, Value | None]]
) -> None:
    planned = looked_at(staged, rows)
    planned_rows = [(action, held if action != "create" else None, ours, theirs) for action, held, ours, theirs in rows]
    expected: dict[tuple[int, int], tuple[str, int, str]] = {}
    held_now: dict[tuple[int, int], Value] = {}
    for student, (action, held, ours, theirs) in enumerate(planned_rows):
        there, known = theirs or (None, 0), held or (None, 0)
        edited = there != known
        held_now[0, student] = there if edited else known
        if edited and there != ours:
            kept = action == "resend"
            code = "TEACHER_EDIT_KEPT" if kept else "TEACHER_EDIT_OVERWRITTEN"
            expected[0, student] = ("kept" if kept else "warned", mask_of(code), words(there))
    assert planned.exceptions() == expected
    found = planned.scores("held_points", "held_flags")
    assert {key: (points, flags or 0) for key, (points, flags) in found.items() if key[0] == 0} == held_now
    assert found[1, 0] == (1.0, 0)


def words(value: Value) -> str:
    points, flags = value
    named = [name for bit, name in ((1, "exempt"), (2, "incomplete"), (4, "missing")) if flags & bit]
    return " ".join([*([f"{points:g}"] if points is not None else []), *named]) or "no score"


def looked_at(staged: Staged, rows: list[tuple[str, Value | None, Value, Value | None]]) -> Planned:
    """A plan of these scores of one item, and of one score of another, decided for the first item by what is there."""
    live = Delivered(OURS, 85001)
    planned = Planned(staged, [Case(OURS, delivered=live), Case(OURS, delivered=live)])
    first, other = planned.keys
    for student, (action, held, ours, _) in enumerate(rows):
        points, flags = held or (None, None) if action != "create" else (None, None)
        planned.insert(
            "passback.plan_score", run_key=planned.run_key, item_key=first, student_number=str(student),
            student_dcid=student, batch=0, action=action, held_points=points, held_flags=flags, points=ours[0],
            flags=ours[1], seq=SEQ,
        )  # fmt: skip
    planned.insert("passback.plan_score", run_key=planned.run_key, item_key=other, student_number="0", student_dcid=0,
                   batch=0, action="update", held_points=1, held_flags=0, points=2, flags=0, seq=SEQ)  # fmt: skip
    there = [(70000 + first, student, *row[3]) for student, row in enumerate(rows) if row[3]]
    with database.connect(planned.uri) as connection:
        database.run(connection, "theirs_table")
        columns = ("assignment_section_id", "student_dcid", "points", "flags")
        database.copy_in(connection, "theirs", columns, [*there, (70000 + other, 0, 5.0, 0)])
        database.run(connection, "scores_decide", run_key=planned.run_key, items=[first])
    return planned


def test_a_planned_score_is_looked_at_again_under_the_lock(staged: Staged) -> None:
    base = [Score((9.0, 0), (8.0, 0)) for _ in range(6)]
    planned = Planned(staged, [Case(OURS, delivered=Delivered(OURS, 85001), scores=[*base, Score((9.0, 0))])])
    planned.plan()
    (key,) = planned.keys
    planned.deliver_score(key, 1, (7.0, 0), (7.5, 0))
    planned.deliver_score(key, 2, (9.0, 0), (9.0, 0))
    planned.deliver_score(key, 3, (7.0, 0), (7.0, 0), SEQ + 1)
    planned.deliver_score(key, 4, (8.0, 0), (8.0, 0), SEQ + 1)
    planned.connection.execute("delete from passback.ledger_score where item_key = %s and student_number = '5'", [key])
    planned.deliver_score(key, 6, (4.0, 0), (4.0, 0))
    planned.run("unit_refresh", sections=[85001])
    assert {student: state for (_, student), (state, _, _) in planned.exceptions().items()} == {
        2: "dropped", 3: "dropped", 4: "dropped",
    }  # fmt: skip
    found = planned.scores("action", "base_points", "held_points", "points")
    assert [found[0, student] for student in (0, 1, 5, 6)] == [
        ("update", 8.0, 8.0, 9.0), ("update", 7.0, 7.5, 9.0), ("create", None, None, 9.0), ("update", 4.0, 4.0, 9.0),
    ]  # fmt: skip


def test_the_second_look_leaves_other_sections_and_what_was_accepted(staged: Staged) -> None:
    scores = [Score((9.0, 0), (8.0, 0))]
    planned = Planned(
        staged,
        [
            Case(OURS, delivered=Delivered(OURS, 85001), scores=scores),
            Case(OURS, 85002, delivered=Delivered(OURS, 85002), scores=scores),
        ],
    )
    planned.plan()
    planned.insert("passback.score_call", run_key=planned.run_key, item_key=planned.keys[0], batch=0,
                   section_dcid=85001, state="accepted")  # fmt: skip
    for key in planned.keys:
        planned.deliver_score(key, 0, (9.0, 0), (9.0, 0), SEQ + 1)
    planned.run("unit_refresh", sections=[85001])
    assert planned.exceptions() == {}
