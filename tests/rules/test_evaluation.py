"""Evaluation on a real Postgres: what is staged, judged in one go, becomes the run's own rows.

The facts behind single rules: test_item_facts.py, test_score_facts.py, test_left_in_sis.py.
"""

import datetime as dt

from tests.rules.staged import AT, DAY, Staged


def invalid(staged: Staged, run_key: int) -> dict[str, str]:
    """The reasons of the run's invalid items."""
    start = "The source's record cannot be read: "
    rows = staged.rows(
        "select source_item_id, message from passback.run_item where codes = 1 and run_key = %s", run_key
    )
    return {item_id: message.removeprefix(start) for item_id, message in rows}


def test_what_passes_is_kept_with_all_that_is_sent_of_it(staged: Staged) -> None:
    staged.item("a", of={"title": "  Unit  3 ", "identifier": "S130545", "points_possible": 12})
    run_key = staged.evaluate(seq=7)
    assert staged.rows(
        "select source, school_number, section_dcid, users_dcid, teacher_category_id, title, name, due_on, total, "
        "category, codes, outcome, message, seq from passback.run_item where run_key = %s", run_key,
    ) == [
        ("otus", "101", 85001, 8301, 4301, "  Unit  3 ", "Unit 3 (S130545)", DAY, 12.0, "Quizzes", 0, None, None, 7)
    ]  # fmt: skip
    assert staged.rows(
        "select i.item_no = s.item_no and i.item_key = s.item_key, s.source_item_id, s.student_number, s.student_dcid, "
        "s.points, s.flags, s.codes, s.outcome, s.message from passback.run_score as s join passback.run_item as i "
        "using (run_key) where run_key = %s", run_key,
    ) == [(True, "a", "1", 80001, 8.0, 0, 0, None, None)]  # fmt: skip


def test_a_warning_stands_beside_what_passes(staged: Staged) -> None:
    staged.item("a", due_date=None)
    run_key = staged.evaluate()
    assert staged.items(run_key) == {"a": ["DUE_DATE_DEFAULTED"]}
    assert staged.row("select outcome, due_on, message from passback.run_item") == (
        None, dt.date(2026, 10, 8), "The source had no due date: 7 days after it was assigned on 2026-10-01.",
    )  # fmt: skip


def test_an_item_that_needs_what_cannot_be_read_is_invalid_and_says_why(staged: Staged) -> None:
    staged.user("broken", None, invalid="`groups` must be a list", groups=None, role=None)
    staged.school_class("broken", None, invalid="`name` is missing")
    staged.item("itself", invalid="`due_date` must be a date", due_date=None)
    staged.item("its_assessment", of={"invalid": "`kind` is missing", "kind": None, "points_possible": None})
    staged.item("its_class", class_id="broken")
    staged.item("its_assigner", assigned_by="broken")
    staged.item("no_class", class_id="nothing")
    staged.item("no_assigner", assigned_by="nobody")
    staged.assignment("no_assessment", "nothing")
    staged.item("deleted_too", class_id="broken", deleted=True)
    run_key = staged.evaluate()
    assert invalid(staged, run_key) == {
        "itself": "`due_date` must be a date.", "its_assessment": "its assessment: `kind` is missing.",
        "its_class": "its class: `name` is missing.", "its_assigner": "its assigner: `groups` must be a list.",
        "no_class": "its class is not in the source.", "no_assigner": "its assigner is not in the source.",
        "no_assessment": "its assessment is not in the source.", "deleted_too": "its class: `name` is missing.",
    }  # fmt: skip
    assert len(staged.items(run_key)) == 8


def test_an_item_is_deleted_with_its_assessment_or_its_class(staged: Staged) -> None:
    staged.school_class("gone", "85001", deleted=True)
    staged.item("itself", deleted=True)
    staged.item("its_assessment", of={"deleted": True})
    staged.item("its_class", class_id="gone")
    assert set(map(tuple, staged.items(staged.evaluate()).values())) == {("SOURCE_DELETED",)}


def test_a_record_without_an_id_is_a_failed_item_or_score_with_an_empty_key(staged: Staged) -> None:
    now = [
        ("assignments", ""),
        ("assignments", ""),
        ("scores", ""),
        ("users", ""),
        ("assignments", "known"),
        ("scores", "known"),
    ]
    for collection, source_id, seq in [*((*one, 7) for one in now), ("assignments", "", 6)]:
        staged.add("staging.quarantine", source="otus", collection=collection, seq=seq, place="line 3",
                   source_id=source_id, reason="`id` is missing")  # fmt: skip
    staged.item("a")
    run_key = staged.evaluate(seq=7)
    told = ("", None, "failed", 1, "The source's record cannot be read: line 3: `id` is missing.")
    items = "select source_item_id, item_key, outcome, codes, message from passback.run_item where source_item_id = ''"
    scores = (
        "select source_score_id, item_key, outcome, codes, message from passback.run_score where source_score_id = ''"
    )
    assert staged.rows(items) == [told, told]
    assert staged.rows(scores) == [told]
    assert staged.row("select count(distinct item_no) from passback.run_item where run_key = %s", run_key) == (3,)
    assert "" not in staged.items(staged.evaluate(seq=7, schools=["101"]))


def test_only_items_of_the_school_year_are_counted_and_their_scores(staged: Staged) -> None:
    staged.item("last_year", due_date="2026-06-30")
    staged.item("first_day", due_date="2026-07-01")
    staged.item("next_year", due_date="2027-07-01")
    staged.item("assigned_last_year", due_date=None, assigned_at="2026-06-20T12:00:00Z")
    unreadable = {"invalid": "`kind` is missing", "kind": None, "created_at": None}
    staged.item("unreadable_old", of=unreadable, assigned_at="2026-06-30T12:00:00Z")
    staged.item("unreadable_new", of=unreadable, assigned_at="2026-07-01T12:00:00Z")
    staged.item("unreadable_undated", of=unreadable, assigned_at=None)
    run_key = staged.evaluate()
    counted = {"first_day", "unreadable_new", "unreadable_undated"}
    assert set(staged.items(run_key)) == counted
    assert set(staged.scores(run_key)) == {f"{item}-s1" for item in counted}


def test_a_schools_parameter_leaves_the_rest_out(staged: Staged) -> None:
    staged.section(85002, school="102", term_id=3600)
    staged.school_class("c2", "85002")
    staged.school_class("c9", "85999")
    staged.item("here")
    staged.item("there", class_id="c2")
    staged.item("nowhere", class_id="c9")
    staged.score("of_nothing", "nothing")
    scopes = {
        None: {"here", "there", "nowhere"}, ("101",): {"here"}, ("101", "102"): {"here", "there"}, ("103",): set(),
    }  # fmt: skip
    for schools, expected in scopes.items():
        run_key = staged.evaluate(schools=list(schools) if schools else None)
        assert set(staged.items(run_key)) == expected
        extra = set() if schools else {"of_nothing"}
        assert set(staged.scores(run_key)) == {f"{item}-s1" for item in expected} | extra


def test_an_item_waits_for_its_first_passing_score_unless_the_ledger_has_it(staged: Staged) -> None:
    for item in ("no_score", "failing_score", "delivered", "taken_out", "warned"):
        staged.item(item, scored=False, due_date=None if item == "warned" else DAY)
    staged.score("1", "failing_score", excluded=True)
    staged.score("2", "delivered", excluded=True)
    staged.item("passing", scored=False)
    staged.score("3", "passing", excluded=True)
    staged.score("4", "passing", "s2", points=0)
    staged.item("failing_too", scored=False, include_in_final_grade=False)
    staged.item("deleted", scored=False, deleted=True)
    staged.deliver("delivered")
    staged.deliver("taken_out", state="deleted")
    run_key = staged.evaluate()
    waits = ["NO_SCORES_YET"]
    assert staged.items(run_key) == {
        "no_score": waits, "failing_score": waits, "delivered": [], "taken_out": [], "warned": waits, "passing": [],
        "failing_too": ["NOT_IN_FINAL_GRADE", "NO_SCORES_YET"], "deleted": ["SOURCE_DELETED"],
    }  # fmt: skip
    outcomes = staged.rows(
        "select distinct outcome, message from passback.run_item where codes & passback.mask('NO_SCORES_YET') <> 0"
    )
    assert outcomes == [("skipped", None)]
    assert staged.scores(run_key)["4"] == []


def test_empty_texts_are_texts(staged: Staged) -> None:
    staged.item("a", of={"identifier": "", "title": ""})
    staged.item("b", of={"identifier": "", "assessment_type": "", "grading_scale": ""})
    run_key = staged.evaluate()
    assert staged.items(run_key) == {"a": [], "b": ["NOT_POINTS_SCALE", "CATEGORY_UNMAPPED"]}
    names = dict(staged.rows("select source_item_id, name from passback.run_item where run_key = %s", run_key))
    assert names == {"a": "()", "b": "Quiz ()"}


def test_a_second_evaluation_gives_the_same_rows(staged: Staged) -> None:
    staged.item("passing")
    staged.item("failing", include_in_final_grade=False)
    staged.item("waiting", scored=False)
    staged.item("left", due_date="2026-11-02")
    staged.score("excluded", "passing", "s2", excluded=True)
    staged.deliver("left", "1")
    staged.deliver("passing", "1", "2")
    staged.add("staging.quarantine", source="otus", collection="assignments", seq=1, place="line 1", reason="no JSON")
    run_key = staged.evaluate()
    other = staged.evaluate(schools=["101"])
    look = "select * from passback.run_item where run_key = %s order by item_no"
    look_scores = "select * from passback.run_score where run_key = %s order by source_score_id"
    before = staged.rows(look, run_key), staged.rows(look_scores, run_key)
    assert len(before[0]) == 5
    staged.evaluate(run_key=run_key)
    assert (staged.rows(look, run_key), staged.rows(look_scores, run_key)) == before
    staged.connection.execute("update staging.otus_assignment set include_in_final_grade = true, updated_at = %s", [AT])
    staged.evaluate(run_key=run_key)
    assert staged.items(run_key)["failing"] == []
    assert staged.items(other)["failing"] == ["NOT_IN_FINAL_GRADE"]
