"""What Schoology scores are judged by, on a real Postgres: enrolments, assignees, exceptions, the newest of several."""

from typing import Any

from tests.rules.schoology_staged import SECTION, StagedSchoology


def row(schoology: StagedSchoology, run_key: int) -> dict[str, Any]:
    rows = schoology.rows(
        "select source_score_id, student_number, student_dcid, points::text, flags, outcome, message "
        "from passback.run_score where run_key = %s", run_key,
    )  # fmt: skip
    return {key.removeprefix(f"{SECTION}:").replace(":", "-"): tuple(values) for key, *values in rows}


def test_a_score_is_kept_with_what_is_sent_of_it(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    given = {"e1": 9.123456, "e2": -0.0, "e3": float("inf"), "e4": None, "e5": 30}
    for enrolment, grade in given.items():
        schoology.grade("1", enrolment, grade=grade)
    run_key = schoology.evaluate()
    assert schoology.scores(run_key) == {
        "1-e1": [], "1-e2": [], "1-e3": ["SCORE_INVALID"], "1-e4": ["NO_SCORE"], "1-e5": ["SCORE_ABOVE_TOTAL"],
    }  # fmt: skip
    assert row(schoology, run_key) == {
        "1-e1": ("1", 80001, "9.123456", 0, None, None), "1-e2": ("2", 80002, "0", 0, None, None),
        "1-e3": ("3", 80003, "Infinity", 0, "failed", None), "1-e4": ("4", 80004, None, 0, "skipped", None),
        "1-e5": ("5", 80005, "30", 0, None, None),
    }  # fmt: skip
    (matched,) = schoology.row(
        "select bool_and(s.item_no = i.item_no and s.item_key = i.item_key and s.source_item_id = i.source_item_id) "
        "from passback.run_score as s join passback.run_item as i using (run_key) where run_key = %s", run_key,
    )  # fmt: skip
    assert matched


def test_an_exception_is_powerschools_flag_and_wins_over_a_grade(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.grade("1", "e1", grade=None, exception=1)
    schoology.grade("1", "e2", grade=0, exception=2)
    schoology.grade("1", "e3", grade=None, grade_unreadable=True, exception=3)
    schoology.grade("1", "e4", grade=5, exception=None)
    schoology.grade("1", "e5", grade=5, exception=0)
    run_key = schoology.evaluate()
    assert set(map(tuple, schoology.scores(run_key).values())) == {()}
    assert {key: values[2:4] for key, values in row(schoology, run_key).items()} == {
        "1-e1": (None, 1), "1-e2": (None, 2), "1-e3": (None, 4), "1-e4": ("5", 0), "1-e5": ("5", 0),
    }  # fmt: skip


def test_an_exception_that_is_skipped_or_unmapped_is_never_sent(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    for enrolment, code in {"e1": 1, "e2": 2, "e3": 3, "e4": 4, "e5": -1}.items():
        schoology.grade("1", enrolment, grade=7, exception=code)
    run_key = schoology.evaluate(exceptions={1: "flag", 2: "skip", 4: "skip"})
    assert schoology.scores(run_key) == {
        "1-e1": [], "1-e2": ["NO_SCORE"], "1-e3": ["EXCEPTION_UNMAPPED"], "1-e4": ["NO_SCORE"],
        "1-e5": ["EXCEPTION_UNMAPPED"],
    }  # fmt: skip
    found = row(schoology, run_key)
    assert found["1-e3"] == (
        "3", 80003, None, 0, "failed", "The source's exception code (3) has no meaning in the settings.",
    )  # fmt: skip
    assert {values[2] for values in found.values()} == {None}


def test_without_any_exception_in_the_settings_none_passes(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.grade("1", "e1", grade=None, exception=1)
    assert schoology.scores(schoology.evaluate(exceptions={})) == {"1-e1": ["EXCEPTION_UNMAPPED"]}


def test_a_grade_that_is_no_number_is_no_score_of_nought(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.grade("1", "e1", grade=None, grade_unreadable=True)
    schoology.grade("1", "e2", grade=-1)
    assert set(map(tuple, schoology.scores(schoology.evaluate()).values())) == {("SCORE_INVALID",)}


def test_who_the_student_is_says_the_enrolment(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.enrolment("numberless", None)
    schoology.enrolment("teacher", "8301", admin=True)
    schoology.enrolment("gone", "2", deleted=True)
    schoology.enrolment("archived", "3", status="5")
    schoology.enrolment("broken", None, invalid="`school_uid` must be a text")
    for enrolment in ("numberless", "teacher", "gone", "archived", "broken", "unknown"):
        schoology.grade("1", enrolment)
    run_key = schoology.evaluate()
    assert schoology.scores(run_key) == {
        "1-numberless": ["STUDENT_NOT_FOUND"], "1-teacher": ["STUDENT_NOT_ENROLLED"], "1-gone": ["STUDENT_NOT_FOUND"],
        "1-archived": [], "1-broken": ["SOURCE_RECORD_INVALID"], "1-unknown": ["STUDENT_NOT_FOUND"],
    }  # fmt: skip
    assert row(schoology, run_key)["1-broken"][-1] == (
        "The source's record cannot be read: its enrollment: `school_uid` must be a text."
    )


def test_a_grade_that_cannot_be_read_is_invalid_and_a_deleted_one_is_skipped(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    nothing = {"grade": None, "exception": None, "changed_at": None}
    schoology.grade("1", "e1", invalid="`exception` must be a number", **nothing)
    schoology.grade("1", "e2", deleted=True, grade=None)
    run_key = schoology.evaluate()
    assert schoology.scores(run_key) == {"1-e1": ["SOURCE_RECORD_INVALID"], "1-e2": ["SOURCE_DELETED"]}
    assert row(schoology, run_key)["1-e1"][-1] == ("The source's record cannot be read: `exception` must be a number.")


def test_powerschools_enrolment_of_the_as_of_day_decides(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    spans = {
        "11": ("2026-10-15", None, False), "12": ("2026-10-16", None, False), "13": ("2026-08-24", "2026-10-16", False),
        "14": ("2026-08-24", "2026-10-15", False), "15": ("2026-08-24", None, True),
    }  # fmt: skip
    schoology.section(85002)
    for number, (entry, exit_on, dropped) in spans.items():
        schoology.enrolment(f"e{number}", number)
        schoology.enrol(85001, number, entry, exit_on, dropped=dropped)
        schoology.enrol(85002, number)
        schoology.grade("1", f"e{number}")
    scores = schoology.scores(schoology.evaluate())
    assert {key for key, codes in scores.items() if codes == ["STUDENT_NOT_ENROLLED"]} == {"1-e12", "1-e14", "1-e15"}


def test_without_a_section_nobody_is_asked_about_enrolment(schoology: StagedSchoology) -> None:
    schoology.course("gone", 85999)
    schoology.grade_item("1", "gone")
    schoology.grade("1", "e1", "gone")
    assert schoology.scores(schoology.evaluate()) == {"gone-1-e1": []}


def test_an_item_for_named_enrolments_is_for_them_alone(schoology: StagedSchoology) -> None:
    for item, assignees in {"1": ["e1", "e3"], "2": None, "3": []}.items():
        schoology.grade_item(item, assignees=assignees)
        schoology.grade(item, "e1")
        schoology.grade(item, "e2")
    scores = schoology.scores(schoology.evaluate())
    assert {key for key, codes in scores.items() if codes} == {"1-e2"}
    assert scores["1-e2"] == ["NOT_ASSIGNED_TO_STUDENT"]


def test_of_a_students_enrolments_the_newest_grade_stands_then_the_higher_id(schoology: StagedSchoology) -> None:
    for enrolment in ("9", "10", "11"):
        schoology.enrolment(enrolment, "1")
    times = {"1": (30, 20, 10), "2": (20, 20, 20), "3": (20, 20, 10), "4": (None, 5, None), "5": (None, None, None)}
    for item, given in times.items():
        schoology.grade_item(item)
        for enrolment, changed_at in zip(("9", "10", "11"), given, strict=True):
            schoology.grade(item, enrolment, changed_at=changed_at)
    scores = schoology.scores(schoology.evaluate())
    assert {key for key, codes in scores.items() if not codes} == {"1-9", "2-11", "3-10", "4-10", "5-11"}
    assert {tuple(codes) for codes in scores.values()} == {(), ("SUPERSEDED",)}


def test_deleted_invalid_and_numberless_grades_do_not_compete(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.enrolment("6", "1")
    schoology.enrolment("7", "1", invalid="`id` must be a text")
    schoology.enrolment("8", "1")
    schoology.enrolment("9", "1", deleted=True)
    schoology.grade("1", "e1", changed_at=1)
    schoology.grade("1", "6", changed_at=2, deleted=True)
    schoology.grade("1", "7", changed_at=3)
    schoology.grade("1", "8", changed_at=None, grade=None, invalid="`grade` must be a number or a text")
    schoology.grade("1", "9", changed_at=4)
    assert schoology.scores(schoology.evaluate())["1-e1"] == []


def test_a_newest_grade_that_fails_still_supersedes(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    schoology.enrolment("6", "1")
    schoology.grade("1", "e1", changed_at=1)
    schoology.grade("1", "6", changed_at=2, grade=None)
    assert schoology.scores(schoology.evaluate()) == {"1-e1": ["SUPERSEDED"], "1-6": ["NO_SCORE"]}


def test_all_failing_codes_of_a_score_are_kept(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", assignees=["e2"])
    schoology.enrolment("6", "99")
    schoology.grade("1", "6", exception=9)
    assert schoology.scores(schoology.evaluate()) == {
        "1-6": ["STUDENT_NOT_ENROLLED", "NOT_ASSIGNED_TO_STUDENT", "EXCEPTION_UNMAPPED"]
    }
