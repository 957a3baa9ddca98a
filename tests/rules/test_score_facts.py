"""What scores are judged by, on a real Postgres: who supersedes whom, who is enrolled, what belongs to nothing."""

from tests.rules.staged import Staged

EARLY, LATE, LATER = "2026-10-01T12:00:00Z", "2026-10-02T12:00:00Z", "2026-10-02T12:00:00.000001Z"


def test_of_a_students_records_the_newest_stands(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.score("9", "a", updated_at=EARLY)
    staged.score("1", "a", updated_at=LATER)
    staged.score("5", "a", updated_at=LATE)
    staged.score("7", "a", "s2", updated_at=EARLY)
    assert staged.scores(staged.evaluate()) == {"9": ["SUPERSEDED"], "1": [], "5": ["SUPERSEDED"], "7": []}


def test_of_records_of_one_time_the_higher_id_stands(staged: Staged) -> None:
    numbers = [("10", "9"), ("011", "8"), ("7", "07"), ("9" * 30, "9" * 29)]
    texts = [("b9", "b10"), ("d", "c"), ("a", "B"), ("1a", "12"), ("x1", "999"), ("2", "1b")]
    for place, (higher, lower) in enumerate(numbers + texts):
        staged.item(f"i{place}", scored=False)
        for score_id in (higher, lower) if place % 2 else (lower, higher):
            staged.score(score_id, f"i{place}")
    scores = staged.scores(staged.evaluate())
    for higher, lower in numbers + texts:
        assert (scores[higher], scores[lower]) == ([], ["SUPERSEDED"]), (higher, lower)


def test_several_records_of_one_time_leave_one(staged: Staged) -> None:
    for item, ids in {"a": ["2", "10", "9"], "b": ["b2", "b10", "b1a"], "c": ["3", "11", "c1"]}.items():
        staged.item(item, scored=False)
        for score_id in ids:
            staged.score(score_id, item)
    scores = staged.scores(staged.evaluate())
    assert [score_id for score_id, codes in sorted(scores.items()) if not codes] == ["10", "b2", "c1"]


def test_two_source_students_with_one_number_are_one_student(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.student("twin", "1")
    staged.score("1", "a", "s1", updated_at=LATE)
    staged.score("2", "a", "twin", updated_at=EARLY)
    assert staged.scores(staged.evaluate()) == {"1": [], "2": ["SUPERSEDED"]}


def test_deleted_invalid_and_numberless_records_do_not_compete(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.student("numberless", None)
    staged.student("broken", "1", invalid="`sis_id` must be a text")
    staged.score("0", "a", updated_at="2026-09-30T12:00:00Z")
    staged.score("1", "a", updated_at=EARLY)
    staged.score("2", "a", updated_at=LATER, deleted=True)
    staged.score("3", "a", updated_at=None, invalid="`points` must be a number", status=None, points=None)
    staged.score("4", "a", "numberless", updated_at=LATER)
    staged.score("5", "a", "numberless", updated_at=LATE)
    staged.score("6", "a", "broken", updated_at=LATER)
    assert staged.scores(staged.evaluate()) == {
        "0": ["SUPERSEDED"], "1": [], "2": ["SOURCE_DELETED"], "3": ["SOURCE_RECORD_INVALID"],
        "4": ["STUDENT_NOT_FOUND"], "5": ["STUDENT_NOT_FOUND"], "6": ["SOURCE_RECORD_INVALID"],
    }  # fmt: skip


def test_a_newest_record_that_fails_still_supersedes(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.score("1", "a", updated_at=EARLY)
    staged.score("2", "a", updated_at=LATE, excluded=True)
    assert staged.scores(staged.evaluate()) == {"1": ["SUPERSEDED"], "2": ["EXCLUDED_SCORE"]}


def test_records_on_different_items_do_not_compete(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.item("b", scored=False)
    staged.score("1", "a", updated_at=EARLY)
    staged.score("2", "b", updated_at=LATE)
    assert staged.scores(staged.evaluate()) == {"1": [], "2": []}


def test_enrolment_holds_from_its_entry_to_before_its_exit(staged: Staged) -> None:
    staged.item("a", scored=False)
    enrolments = {
        "11": [("2026-10-15", None, False)],
        "12": [("2026-10-16", None, False)],
        "13": [("2026-08-24", "2026-10-16", False)],
        "14": [("2026-08-24", "2026-10-15", False)],
        "15": [("2026-10-15", "2026-10-15", False)],
        "16": [("2026-08-24", None, True)],
        "17": [("2026-08-24", "2026-09-10", False), ("2026-10-12", "2026-10-16", False)],
        "18": [("2026-08-24", "2026-09-10", False), ("2026-10-16", None, False)],
        "19": [("2026-08-24", None, True), ("2026-09-01", None, False)],
        "20": [],
    }
    staged.section(85002)
    for number, spans in enrolments.items():
        staged.student(f"s{number}", number)
        staged.score(number, "a", f"s{number}")
        staged.enrol(85002, number)
        for entry, exit_on, dropped in spans:
            staged.enrol(85001, number, entry, exit_on, dropped=dropped)
    run_key = staged.evaluate()
    failing = {score_id for score_id, codes in staged.scores(run_key).items() if codes == ["STUDENT_NOT_ENROLLED"]}
    assert failing == {"12", "14", "15", "16", "18", "20"}
    dcids = dict(
        staged.rows("select source_score_id, student_dcid from passback.run_score where run_key = %s", run_key)
    )
    assert (dcids["11"], dcids["20"]) == (80011, None)


def test_the_as_of_day_decides_who_is_enrolled(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.student("s30", "30")
    staged.enrol(85001, "30", "2026-10-10", "2026-10-20")
    staged.score("1", "a", "s30")
    days = {"2026-10-09": False, "2026-10-10": True, "2026-10-19": True, "2026-10-20": False}
    for day, enrolled in days.items():
        codes = staged.scores(staged.evaluate(day, today="2026-10-30"))["1"]
        assert codes == ([] if enrolled else ["STUDENT_NOT_ENROLLED"]), day


def test_without_a_section_nobody_is_asked_about_enrolment(staged: Staged) -> None:
    staged.school_class("c9", "85999")
    staged.student("s40", "40")
    staged.item("a", scored=False, class_id="c9")
    staged.score("1", "a", "s40")
    assert staged.scores(staged.evaluate()) == {"1": []}


def test_a_score_that_needs_what_is_not_there_is_invalid_and_says_so(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.student("broken", None, invalid="`sis_id` must be a text")
    staged.score("1", "a", "broken")
    staged.score("2", "a", "nobody")
    staged.score("3", "nothing")
    staged.score("4", None, None, invalid="`assignment_id` is missing")
    staged.score("5", "a", invalid="`points` must be a number or null (a text was found)", points=None)
    run_key = staged.evaluate()
    messages = dict(
        staged.rows("select source_score_id, message from passback.run_score where run_key = %s order by 1", run_key)
    )
    assert messages == {
        number: f"The source's record cannot be read: {reason}."
        for number, reason in {
            "1": "its student: `sis_id` must be a text", "2": "its student is not in the source",
            "3": "its assignment is not in the source", "4": "`assignment_id` is missing",
            "5": "`points` must be a number or null (a text was found)",
        }.items()
    }  # fmt: skip
    assert set(map(tuple, staged.scores(run_key).values())) == {("SOURCE_RECORD_INVALID",)}


def test_points_are_kept_as_they_are_and_nought_has_no_sign(staged: Staged) -> None:
    staged.item("a", scored=False)
    given = {"1": 9.123456, "2": -0.0, "3": float("inf"), "4": None, "5": 30}
    for number, points in given.items():
        staged.score(number, "a", f"s{number}", points=points)
    run_key = staged.evaluate()
    assert staged.scores(run_key) == {
        "1": [], "2": [], "3": ["SCORE_INVALID"], "4": ["NO_SCORE"], "5": ["SCORE_ABOVE_TOTAL"],
    }  # fmt: skip
    kept = staged.rows(
        "select source_score_id, points::text, flags from passback.run_score where run_key = %s", run_key
    )
    assert sorted(kept) == [
        ("1", "9.123456", 0), ("2", "0", 0), ("3", "Infinity", 0), ("4", None, 0), ("5", "30", 0),
    ]  # fmt: skip
