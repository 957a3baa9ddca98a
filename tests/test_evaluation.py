"""Evaluation on a real Postgres: what is staged, judged in one go, becomes the run's own rows.

Scores have tests/rules/test_score_facts.py, what is left in PowerSchool tests/rules/test_left_in_sis.py.
"""

import datetime as dt
from collections.abc import Iterator

import pytest
from tests.rules.staged import AT, DAY, Q1, Q2, Staged, own_database

from passback.local.postgres import Postgres

OUTSIDE = ["DUE_DATE_OUTSIDE_PERIOD"]


@pytest.fixture(scope="module")
def staged_uri(postgres: Postgres, template_database: str) -> Iterator[str]:
    """One migrated database for the tests of this module."""
    with own_database(postgres, template_database) as uri:
        yield uri


@pytest.fixture
def staged(staged_uri: str) -> Iterator[Staged]:
    """A small district in staging, and no item yet."""
    made = Staged(staged_uri)
    made.empty()
    made.district()
    yield made
    made.connection.close()


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
        "select source, school_number, section_dcid, users_dcid, teacher_category_id, title, name, due_on, total, category, "
        "codes, outcome, message, seq from passback.run_item where run_key = %s", run_key,
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
    for collection, seq, source_id in (("assignments", 7, ""), ("assignments", 7, ""), ("scores", 7, ""), ("users", 7, ""),
                                       ("assignments", 6, ""), ("scores", 7, "known")):  # fmt: skip
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


def test_the_periods_are_those_of_the_sections_own_term_else_of_its_school(staged: Staged) -> None:
    staged.section(85002, term_id=3601)
    staged.section(85003, term_id=3602)
    staged.section(85004, school="102", term_id=3600)
    early = {"store_code": "Q1", "first_day": "2026-08-24", "last_day": "2026-10-14"}
    staged.add("staging.grading_period", school_number="101", term_id=3601, **early)
    for item, section in {"own": "85001", "other": "85002", "schools": "85003", "none": "85004"}.items():
        staged.school_class(item, section)
        staged.item(item, class_id=item, scored=False)
    run_key = staged.evaluate()
    assert {item for item, codes in staged.items(run_key).items() if codes == ["NO_SCORES_YET"]} == {"own", "schools"}
    messages = dict(staged.rows("select source_item_id, message from passback.run_item where run_key = %s", run_key))
    assert all("no period is current" in messages[item] for item in ("other", "none"))


def test_only_configured_store_codes_are_grading_periods(staged: Staged) -> None:
    staged.connection.execute("delete from staging.grading_period")
    for code, first, last in (("S1", "2026-08-24", "2026-12-18"), ("H1", "2026-10-01", "2026-10-31")):
        staged.add("staging.grading_period", school_number="101", term_id=3600, store_code=code, first_day=first,
                   last_day=last)  # fmt: skip
    staged.item("a", due_date="2026-10-31")
    staged.item("b", due_date="2026-11-01")
    assert staged.items(staged.evaluate(grading_periods=("H1",))) == {"a": [], "b": OUTSIDE}
    assert staged.items(staged.evaluate(grading_periods=("S1", "H1"))) == {"a": [], "b": []}
    assert staged.items(staged.evaluate()) == {"a": OUTSIDE, "b": OUTSIDE}


def test_the_as_of_day_decides_which_period_is_current(staged: Staged) -> None:
    staged.item("q1", due_date=Q1["last_day"])
    staged.item("q2", due_date=Q2["first_day"])
    passing = {"2026-08-23": "", "2026-08-24": "q1", "2026-10-23": "q1", "2026-10-24": "", "2026-10-26": "q2"}
    for as_of, item in passing.items():
        staged.connection.execute("update staging.enrollment set entry_on = '2026-08-01'")
        found = staged.items(staged.evaluate(as_of, today="2026-10-15"))
        assert [one for one, codes in found.items() if not codes] == ([item] if item else []), as_of


def test_who_teaches_is_asked_of_today_and_not_of_the_as_of_day(staged: Staged) -> None:
    staged.connection.execute(
        "update staging.section_teacher set start_on = '2026-10-01', end_on = '2026-10-20', role = 'co'"
    )
    staged.item("a")
    teaches = {"2026-09-30": False, "2026-10-01": True, "2026-10-20": True, "2026-10-21": False}
    for today, yes in teaches.items():
        codes = staged.items(staged.evaluate("2026-10-15", today=today))["a"]
        assert codes == ([] if yes else ["TEACHER_NOT_IN_SECTION"]), today


def test_the_assigner_is_asked_for_sis_id_group_and_section(staged: Staged) -> None:
    staged.user("admin", None)
    staged.user("outsider", "8301", groups=["Another group"])
    staged.user("elsewhere", "8399")
    staged.user("no_number", "T-1")
    for user in ("admin", "outsider", "elsewhere", "no_number"):
        staged.item(user, assigned_by=user)
    assert staged.items(staged.evaluate()) == {
        "admin": ["ASSIGNED_BY_ADMIN"], "outsider": ["ASSIGNER_NOT_IN_GROUP"], "elsewhere": ["TEACHER_NOT_IN_SECTION"],
        "no_number": ["TEACHER_NOT_IN_SECTION"],
    }  # fmt: skip
    assert staged.items(staged.evaluate(teacher_group="Another group"))["outsider"] == []


def test_a_schools_category_replaces_the_districts_entry_by_entry(staged: Staged) -> None:
    staged.category(4302, "Tests")
    staged.category(4303, "Daily Work", is_active=False)
    for kind in ("Quiz", "Test", "quiz", "Exit ticket"):
        staged.item(kind, of={"assessment_type": kind})
    schools = {"101": {"otus": {"Quiz": "Daily Work", "Exit ticket": "Quizzes"}}, "102": {"otus": {"quiz": "Tests"}}}
    run_key = staged.evaluate(school_maps=schools)
    assert staged.items(run_key) == {
        "Quiz": ["CATEGORY_INACTIVE"], "Test": [], "quiz": ["CATEGORY_UNMAPPED"], "Exit ticket": [],
    }  # fmt: skip
    messages = dict(staged.rows("select source_item_id, message from passback.run_item where run_key = %s", run_key))
    assert messages["quiz"].endswith("mapped are: Exit ticket, Quiz, Test.")
    assert "“Daily Work”" in messages["Quiz"]


def test_a_schools_mapped_names_are_told_where_it_has_no_period_either(staged: Staged) -> None:
    staged.connection.execute("delete from staging.grading_period")
    staged.item("a", of={"assessment_type": "Essay"})
    run_key = staged.evaluate(school_maps={"101": {"otus": {"Exit ticket": "Quizzes"}}})
    (message,) = staged.row("select message from passback.run_item where run_key = %s", run_key)
    assert message == "“Essay” has no PowerSchool category in the map; mapped are: Exit ticket, Quiz, Test."
    (message,) = staged.row("select message from passback.run_item where run_key = %s", staged.evaluate(categories={}))
    assert message.endswith("mapped are: none.")


def test_of_a_teachers_active_copies_the_lowest_is_taken_and_nobody_elses(staged: Staged) -> None:
    staged.category(4300, is_active=False)
    staged.category(4299, teacher=8302)
    staged.category(4309)
    staged.item("a")
    staged.evaluate()
    assert staged.row("select teacher_category_id from passback.run_item") == (4301,)


def test_an_item_or_its_section_is_opted_out(staged: Staged) -> None:
    staged.section(85002)
    staged.school_class("c2", "85002")
    staged.school_class("c9", "85999")
    staged.item("listed")
    staged.item("free")
    staged.item("its_section", class_id="c2", scored=False)
    staged.item("no_section", class_id="c9", scored=False)
    items = frozenset({("otus", "listed"), ("schoology", "free")})
    run_key = staged.evaluate(opted_out_items=items, opted_out_sections=frozenset({"85002", "85999"}))
    assert staged.items(run_key) == {
        "listed": ["OPTED_OUT"], "free": [], "its_section": ["OPTED_OUT", "NO_SCORES_YET"],
        "no_section": ["SECTION_NOT_FOUND", "OPTED_OUT"],
    }  # fmt: skip


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
    outcomes = staged.rows("select distinct outcome, message from passback.run_item where codes & 1 << 18 <> 0")
    assert outcomes == [("skipped", None)]
    assert staged.scores(run_key)["4"] == []


def test_days_are_the_districts_own(staged: Staged) -> None:
    evening, morning = "2026-08-24T04:59:59Z", "2026-08-24T05:00:00Z"
    staged.item("evening_before", assigned_at=evening)
    staged.item("first_day", assigned_at=morning)
    staged.item("created", assigned_at=None, of={"created_at": evening})
    early = ["BEFORE_EFFECTIVE_DATE"]
    assert staged.items(staged.evaluate()) == {"evening_before": early, "first_day": [], "created": early}
    assert staged.items(staged.evaluate(time_zone="UTC")) == {"evening_before": [], "first_day": [], "created": []}


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
def test_times_at_the_ends_of_the_calendar_stop_nothing(staged: Staged, zone: str) -> None:
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
    staged.item("a", of={"created_at": first}, assigned_at=None)
    staged.item("b", of={"created_at": last}, assigned_at=first)
    staged.item("c", assigned_at=last)
    staged.item("d", assigned_at=last, due_date=None)
    staged.item("e", due_date="9999-12-31")
    early = ["BEFORE_EFFECTIVE_DATE"]
    assert staged.items(staged.evaluate(time_zone=zone)) == {"a": early, "b": early, "c": []}


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
