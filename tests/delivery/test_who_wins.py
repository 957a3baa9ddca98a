"""Base, ours, theirs over whole nights: what is sent again, what a teacher's edit does, and what stays."""

from typing import Any

ALL_NEW = {"created": 9}


def kinds(report: Any) -> list[str]:
    return [write["kind"] for write in report.writes]


def test_the_first_night_creates_and_the_second_sends_nothing(nights: Any) -> None:
    first = nights.run()
    assert first.totals("items") == {"created": 3}
    assert first.totals("scores") == ALL_NEW
    assert first.red == []
    assert first.summary["balanced"] is True
    assert first.summary["verified"] == {"confirmed": 12, "mismatched": 0}
    second = nights.run()
    assert second.writes == []
    assert second.totals("items") == {"unchanged": 3}
    assert second.totals("scores") == {"unchanged": 9}


def test_one_edited_score_sends_one_call_with_one_row(nights: Any) -> None:
    nights.run()
    nights.otus.edit("scores", "quiz.1002", points=9.5)
    report = nights.run()
    assert kinds(report) == ["score"]
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    assert nights.points("quiz") == {"1001": 8, "1002": 9.5, "1003": 8}
    assert nights.held("quiz")["scores"]["1002"]["entered"] == "9.5"


def test_a_then_b_then_a_ends_at_a(nights: Any) -> None:
    nights.run()
    for points in (9, 8):
        nights.otus.edit("scores", "quiz.1001", points=points)
        nights.run()
    assert nights.points("quiz")["1001"] == 8


def test_a_score_changed_only_in_powerschool_is_left_alone(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_score("quiz", "1001", 3)
    report = nights.run()
    assert report.writes == []
    assert nights.points("quiz")["1001"] == 3


def test_a_score_changed_on_both_sides_ends_with_the_source_and_says_so(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_score("quiz", "1001", 3)
    nights.otus.edit("scores", "quiz.1001", points=7)
    report = nights.run()
    assert nights.points("quiz")["1001"] == 7
    line = report.line("quiz", "1001")
    assert (line["outcome"], line["code"], line["value_sis_before"]) == ("updated", "TEACHER_EDIT_OVERWRITTEN", "3")
    assert line["value_sent"] == "7"
    assert nights.run().lines == []


def test_a_score_that_the_teacher_took_away_is_an_edit_too(nights: Any) -> None:
    nights.run()
    nights.powerschool.do("delete_score", assignment="quiz", student_number="1001")
    nights.otus.edit("scores", "quiz.1001", points=7)
    assert nights.run().line("quiz", "1001")["code"] == "TEACHER_EDIT_OVERWRITTEN"


def test_a_first_score_where_the_teacher_has_typed_one_overwrites_it_and_says_so(nights: Any) -> None:
    nights.otus.edit("scores", "quiz.1003", status="in_progress")
    nights.run()
    nights.powerschool.edit_score("quiz", "1003", 5)
    nights.otus.edit("scores", "quiz.1003", status="graded")
    report = nights.run()
    assert report.line("quiz", "1003")["code"] == "TEACHER_EDIT_OVERWRITTEN"
    assert report.totals("scores")["created"] == 1
    assert nights.points("quiz")["1003"] == 8


def test_a_new_title_updates_the_assignment_and_keeps_the_score_that_the_teacher_changed(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_score("quiz", "1001", 3)
    nights.otus.edit("assessments", "as-quiz", title="Quiz, second edition")
    report = nights.run()
    assert nights.held("quiz")["name"].startswith("Quiz, second edition (S13")
    assert nights.points("quiz") == {"1001": 3, "1002": 8, "1003": 8}
    assert kinds(report) == ["update", "score"]
    assert report.totals("items") == {"updated": 1, "unchanged": 2}
    assert report.totals("scores") == {"updated": 2, "unchanged": 7}
    line = report.line("quiz", "1001")
    assert (line["outcome"], line["code"], line["value_sis_before"]) == ("unchanged", "TEACHER_EDIT_KEPT", "3")
    assert nights.run().writes == []


def test_a_new_due_date_alone_sends_no_scores_and_keeps_the_teachers_name(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_assignment("quiz", name="My own name")
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    report = nights.run()
    assert kinds(report) == ["update"]
    assert (nights.held("quiz")["name"], nights.held("quiz")["due_date"]) == ("My own name", "2026-09-25")
    assert report.totals("scores") == {"unchanged": 9}


def test_a_new_total_sends_the_scores_again(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assessments", "as-quiz", points_possible=20)
    report = nights.run()
    assert kinds(report) == ["update", "score"]
    assert (nights.held("quiz")["total_points"], nights.held("quiz")["entry_points"]) == (20, 20)
    assert report.totals("scores") == {"updated": 3, "unchanged": 6}


def test_a_category_that_the_teacher_changed_stays(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_assignment("quiz", category="Homework")
    assert nights.run().writes == []
    nights.otus.edit("assessments", "as-quiz", assessment_type="Test")
    report = nights.run()
    assert report.writes == []
    line = report.line("quiz")
    assert (line["outcome"], line["code"], line["value_sis_before"]) == ("unchanged", "CATEGORY_KEPT", "Homework")
    assert nights.held("quiz")["category"] == "Homework"
    assert nights.run().lines == []
    nights.otus.edit("assessments", "as-quiz", assessment_type="Quiz")
    nights.run()
    assert nights.held("quiz")["category"] == "Quizzes"


def test_a_category_changed_in_the_source_alone_goes_with_its_scores(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assessments", "as-quiz", assessment_type="Test")
    report = nights.run()
    assert kinds(report) == ["update", "score"]
    assert nights.held("quiz")["category"] == "Tests"


def test_a_title_that_the_teacher_and_the_source_changed_ends_with_the_source(nights: Any) -> None:
    nights.run()
    nights.powerschool.edit_assignment("quiz", name="My own name")
    nights.otus.edit("assessments", "as-quiz", title="New title")
    line = nights.run().line("quiz")
    assert (line["code"], line["value_sis_before"]) == ("TEACHER_EDIT_OVERWRITTEN", "My own name")
    assert nights.held("quiz")["name"].startswith("New title (")


def test_a_change_that_resolves_to_the_same_value_sends_nothing(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assessments", "as-quiz", title="  Quiz ")
    nights.otus.edit("assignments", "quiz", assigned_by="co")
    assert nights.run().writes == []


def test_an_assignment_deleted_in_powerschool_is_held_and_not_made_again(nights: Any) -> None:
    nights.run()
    nights.powerschool.delete_assignment("quiz")
    assert nights.run().totals("items") == {"unchanged": 3}
    nights.otus.edit("scores", "quiz.1001", points=7)
    report = nights.run()
    assert (report.line("quiz")["outcome"], report.line("quiz")["code"]) == ("held", "DELETED_IN_SIS")
    assert report.totals("scores") == {"held": 3, "unchanged": 6}
    again = nights.run()
    assert again.writes == []
    assert again.line("quiz")["code"] == "DELETED_IN_SIS"
    assert nights.powerschool.assignments("quiz") == []


def test_a_deleted_assignment_is_made_again_where_the_settings_say_so(nights: Any) -> None:
    nights.run()
    nights.powerschool.delete_assignment("quiz")
    nights.otus.edit("scores", "quiz.1001", points=7)
    nights.run()
    nights.settings(("recreate_deleted = false", "recreate_deleted = true"))
    report = nights.run()
    assert report.totals("items") == {"created": 1, "unchanged": 2}
    assert report.totals("scores") == {"created": 3, "unchanged": 6}
    assert nights.points("quiz") == {"1001": 7, "1002": 8, "1003": 8}


def test_a_deleted_item_stays_in_powerschool_and_says_so(nights: Any) -> None:
    nights.run()
    nights.otus.delete("assignments", "quiz")
    report = nights.run()
    assert report.writes == []
    line = report.line("quiz")
    assert (line["outcome"], line["code"], line["other_codes"]) == ("skipped", "SOURCE_DELETED", "LEFT_IN_SIS")
    assert len(nights.powerschool.assignments("quiz")) == 1


def test_a_class_that_moves_to_another_section_is_created_there_and_left_where_it_was(nights: Any) -> None:
    nights.run()
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    report = nights.run()
    assert report.totals("items") == {"created": 1, "unchanged": 2}
    assert report.totals("scores") == {"created": 3, "unchanged": 6}
    assert report.line("lab")["code"] == "LEFT_IN_SIS"
    assert sorted(held["section_dcid"] for held in nights.powerschool.assignments("lab")) == [85002, 85003]
    assert nights.run().writes == []


def test_an_assignment_that_a_teacher_gave_to_one_more_section_keeps_both_due_dates(nights: Any) -> None:
    nights.run()
    nights.powerschool.do("add_section", assignment="quiz", section_dcid=85002, due_date="2026-09-30")
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.otus.edit("assessments", "as-quiz", title="Both")
    nights.run()
    held = {row["section_dcid"]: (row["name"][:4], row["due_date"]) for row in nights.powerschool.assignments("quiz")}
    assert held == {85001: ("Both", "2026-09-25"), 85002: ("Both", "2026-09-30")}


def test_a_teachers_edit_between_write_and_read_back_stays(nights: Any) -> None:
    nights.powerschool.hook(
        "score", "edit_score", {"assignment": "quiz", "student_number": "1001", "points": 2}, n=2, section_dcid=85001
    )
    report = nights.run()
    assert nights.points("quiz")["1001"] == 2
    line = report.line("quiz", "1001")
    assert (line["outcome"], line["code"], line["value_sis_before"]) == ("created", "TEACHER_EDIT_KEPT", "2")
    assert report.red == []
    assert nights.run().writes == []


def test_a_night_after_the_periods_end_skips_what_is_outside(nights: Any) -> None:
    nights.run()
    report = nights.run(as_of="2026-10-20")
    assert report.writes == []
    assert report.totals("items") == {"skipped": 3}
    assert report.line("quiz")["code"] == "DUE_DATE_OUTSIDE_PERIOD"
    assert report.line("quiz")["other_codes"] == ""


def test_a_class_that_moves_back_finds_its_old_assignment_again(nights: Any) -> None:
    nights.run()
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    nights.run()
    nights.otus.edit("classes", "biology", sis_section_id="85002")
    nights.otus.edit("scores", "lab.1001", points=7)
    nights.otus.edit("assignments", "lab", due_date="2026-09-25")
    report = nights.run()
    assert kinds(report) == ["update", "score"]
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    held = {row["section_dcid"]: row for row in nights.powerschool.assignments("lab")}
    assert sorted(held) == [85002, 85003]
    assert held[85002]["due_date"] == "2026-09-25"
    assert held[85002]["scores"]["1001"]["points"] == 7
    assert nights.run().writes == []
