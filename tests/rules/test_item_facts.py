"""What items are judged by, on a real Postgres: current periods, who teaches, categories, opt-outs, local days."""

import pytest
from tests.rules.staged import Q1, Q2, Staged

OUTSIDE = ["DUE_DATE_OUTSIDE_PERIOD"]


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
