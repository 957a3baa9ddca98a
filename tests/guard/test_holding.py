"""What a passed limit counts is held, and nothing else: with whole nights, their reports and PowerSchool's state."""

from tests.guard.conftest import ITEMS, Guarded

from passback import steps


def change(nights: Guarded, **points: float) -> None:
    """These scores (`quiz_1001`) get these points in Otus."""
    for name, value in points.items():
        nights.otus.edit("scores", name.replace("_", "."), points=value)


def test_changed_scores_wait_and_everything_else_goes_on_in_the_same_night(few: Guarded) -> None:
    change(few, quiz_1001=7, essay_1001=6)
    few.otus.upsert("students", {"id": "st-1004", "deleted": False, "sis_id": "1004"})
    few.powerschool.do("enroll", section_dcid=85001, student_number="1004", entry_date="2026-08-10",
                       exit_date="2027-06-05")  # fmt: skip
    new = {"assignment_id": "quiz", "student_id": "st-1004", "status": "graded", "points": 9, "deleted": False}
    few.otus.upsert("scores", {"id": "quiz.1004", **new, "excluded": False, "excused": False, "missing": False})
    night = few.night("2026-10-15")
    assert night.red == []
    assert night.totals("scores") == {"created": 1, "held": 2, "unchanged": 7}
    assert night.totals("items") == {"unchanged": 3}
    assert night.held() == [("essay", "1001"), ("quiz", "1001")]
    assert few.points("quiz") == {"1001": 8, "1002": 8, "1003": 8, "1004": 9}
    line = next(line for line in night.read("reconciliation.csv") if line["source_item_id"] == "quiz")
    assert line["message"] == (
        "Held by the mass-change guard: scores_changed_share is 0.222222 (2 of 9 delivered scores would change), the "
        "limit is 0.2. Every change that waits is in preview.csv."
    )
    assert (line["severity"], line["owner"], line["value_source"], line["value_sent"]) == ("held", "admin", "7", "")
    changes = [
        (row["source_item_id"], row["student_number"], row["old"], row["new"]) for row in night.read("preview.csv")
    ]
    assert sorted(changes) == [("essay", "1001", "8", "6"), ("quiz", "1001", "8", "7")]
    assert 'href="preview.csv"' in night.page
    assert "guard: scores_changed_share is 0.222222" in night.page


def test_what_waits_is_planned_anew_each_night_and_goes_once_the_limit_is_not_passed(few: Guarded) -> None:
    change(few, quiz_1001=7, essay_1001=6)
    for day in ("2026-10-15", "2026-10-16"):
        night = few.night(day)
        assert (night.held(), night.writes) == ([("essay", "1001"), ("quiz", "1001")], [])
    line = next(line for line in night.read("reconciliation.csv") if line["code"] == "MASS_CHANGE_HELD")
    assert (line["first_seen"], line["nights_open"]) == ("2026-10-15", "2")
    change(few, essay_1001=8)
    assert few.night("2026-10-16").totals("scores") == {"updated": 1, "unchanged": 8}
    assert few.points("quiz")["1001"] == 7


def test_only_the_halved_scores_wait_where_only_their_limit_is_passed(few: Guarded) -> None:
    few.limits(scores_changed_share="0.9")
    change(few, quiz_1001=3, quiz_1002=5, lab_1001=8.5)
    night = few.night("2026-10-15")
    assert night.totals("scores") == {"updated": 2, "held": 1, "unchanged": 6}
    assert night.held() == [("quiz", "1001")]
    assert few.points("quiz") == {"1001": 8, "1002": 5, "1003": 8}


def test_new_zeros_wait_also_those_of_an_item_that_is_made_in_the_same_night(few: Guarded) -> None:
    few.limits(scores_changed_share="1", scores_halved_share="1", new_zeros="1")
    few.otus.upsert("assessments", {**ASSESSMENT, "id": "as-poster"})
    few.otus.upsert("assignments", {**ASSIGNMENT, "id": "poster", "assessment_id": "as-poster"})
    for student, points in (("1001", 0), ("1002", 9)):
        score = {"assignment_id": "poster", "student_id": f"st-{student}", "status": "graded", "points": points}
        few.otus.upsert("scores", {**SCORE, **score, "id": f"poster.{student}"})
    change(few, lab_1003=0, lab_1002=1)
    night = few.night("2026-10-15")
    assert night.held() == [("lab", "1003"), ("poster", "1001")]
    assert night.totals("items") == {"created": 1, "unchanged": 3}
    assert night.totals("scores") == {"created": 1, "updated": 1, "held": 2, "unchanged": 7}
    assert few.points("poster") == {"1002": 9}
    assert few.points("lab") == {"1001": 8, "1002": 1, "1003": 8}


def test_a_message_names_each_limit_that_counts_the_change(few: Guarded) -> None:
    change(few, quiz_1001=1, essay_1001=7)
    messages = {
        line["source_item_id"]: line["message"]
        for line in few.night("2026-10-15").read("reconciliation.csv")
        if line["code"] == "MASS_CHANGE_HELD"
    }
    assert "scores_changed_share" in messages["quiz"] and "scores_halved_share is 0.111111" in messages["quiz"]
    assert "scores_halved_share" not in messages["essay"]


def test_changed_items_wait_with_their_resends_and_their_score_changes_go_under_the_old_name(nights: Guarded) -> None:
    nights.night("2026-10-14")
    for item in ITEMS[:13]:
        nights.otus.edit("assessments", f"as-{item}", title=f"New {item}")
    nights.otus.edit("scores", f"{ITEMS[0]}.1001", points=9)
    nights.otus.edit("assignments", ITEMS[59], include_in_final_grade=False)
    night = nights.night("2026-10-15")
    assert night.held() == [(item, "") for item in ITEMS[:13]]
    assert night.totals("items") == {"held": 13, "unchanged": 46, "skipped": 1}
    assert night.totals("scores") == {"updated": 1, "held": 64, "unchanged": 230, "skipped": 5}
    line = next(line for line in night.read("reconciliation.csv") if line["source_item_id"] == ITEMS[0])
    assert line["message"].startswith("Held by the mass-change guard: items_changed_share is 0.216667 (13 of 60 ")
    assert line["message"].endswith("in preview.csv. 4 scores wait with it.")
    assert [write["kind"] for write in night.writes] == ["score"]
    assert nights.points(ITEMS[0])["1001"] == 9
    assert nights.held(ITEMS[0])["name"].startswith("Item 00")
    preview = night.read("preview.csv")
    assert {(row["field"], row["outcome"]) for row in preview} == {("name", "held")}
    assert preview[0]["old"].startswith("Item 00") and preview[0]["new"].startswith("New item-00")
    for item in ITEMS[:13]:
        nights.otus.edit("assessments", f"as-{item}", title=item.replace("-", " ").capitalize())
    assert nights.night("2026-10-15").writes == []


def test_a_source_that_newly_fails_holds_all_that_it_would_change(nights: Guarded) -> None:
    nights.otus.edit("assignments", ITEMS[59], include_in_final_grade=False)
    assert nights.night("2026-10-14").totals("items") == {"created": 59, "skipped": 1}
    for item in ITEMS[:7]:
        nights.otus.edit("assessments", f"as-{item}", assessment_type="Poster")
    nights.otus.edit("assignments", ITEMS[59], include_in_final_grade=True)
    nights.otus.edit("assessments", f"as-{ITEMS[40]}", title="Another")
    nights.otus.edit("scores", f"{ITEMS[30]}.1001", points=7)
    before = nights.powerschool.state()
    night = nights.night("2026-10-15")
    assert night.writes == []
    assert nights.powerschool.state() == before
    assert night.totals("items") == {"held": 2, "failed": 7, "unchanged": 51}
    # Five of the item that would be made, five that would go along with the new title, and the one that changed.
    assert night.totals("scores") == {"held": 11, "failed": 35, "unchanged": 254}
    assert night.held() == [(ITEMS[30], "1001"), (ITEMS[40], ""), (ITEMS[59], "")]
    line = next(line for line in night.read("reconciliation.csv") if line["source_item_id"] == ITEMS[59])
    assert (
        "items_newly_failing_share of otus is 0.118644 (7 of 59 items that passed the night before" in line["message"]
    )
    # The night before now failed as well: nothing newly fails, and what waited goes.
    assert nights.night("2026-10-16").totals("items") == {"created": 1, "updated": 1, "failed": 7, "unchanged": 51}


def test_a_cleared_night_holds_the_same_and_sends_nothing_twice(few: Guarded) -> None:
    change(few, quiz_1001=7, essay_1001=6)
    few.otus.edit("assessments", "as-lab", title="Renamed")
    night = few.night("2026-10-15")
    assert night.totals("items") == {"updated": 1, "unchanged": 2}
    few.box.control.clear_logs()
    steps.evaluate(night.dag_id, night.run_id)
    few.deliver(night.run_id, steps.plan(night.dag_id, night.run_id))
    again = few.closed(night.dag_id, night.run_id)
    assert again.writes == []
    assert (again.totals("items"), again.totals("scores")) == (night.totals("items"), night.totals("scores"))
    assert again.held() == night.held()


def test_a_change_that_went_before_its_night_was_cleared_stays_told_when_the_next_one_waits(few: Guarded) -> None:
    change(few, quiz_1001=7)
    night = few.night("2026-10-15")
    assert night.totals("scores") == {"updated": 1, "unchanged": 8}
    change(few, quiz_1001=6, essay_1001=6)
    steps.extract_source(night.dag_id, night.run_id, "otus")
    steps.evaluate(night.dag_id, night.run_id)
    few.deliver(night.run_id, steps.plan(night.dag_id, night.run_id))
    again = few.closed(night.dag_id, night.run_id)
    assert again.totals("scores") == {"updated": 1, "held": 1, "unchanged": 7}
    assert few.points("quiz")["1001"] == 7


def test_a_score_whose_answer_was_lost_is_not_sent_after_all_where_it_waits_by_now(few: Guarded) -> None:
    change(few, quiz_1001=7)
    run_id, _ = few.planned("2026-10-15")
    # The process died after it had put the call on record, and before the request left.
    few.do(
        "insert into passback.score_call (run_key, item_key, batch, section_dcid) "
        "select run_key, item_key, batch, 85001 from passback.plan_score join passback.run using (run_key) "
        "where run_id = %s",
        run_id,
    )
    change(few, essay_1001=6)
    steps.extract_source("passback_nightly", run_id, "otus")
    steps.evaluate("passback_nightly", run_id)
    few.box.control.clear_logs()
    few.deliver(run_id, steps.plan("passback_nightly", run_id))
    night = few.closed("passback_nightly", run_id)
    assert (night.writes, night.totals("scores")) == ([], {"held": 2, "unchanged": 7})
    assert few.points("quiz")["1001"] == 8 == few.ledger("quiz")["1001"]


def test_a_preview_shows_what_the_guard_would_hold(few: Guarded) -> None:
    change(few, quiz_1001=7, essay_1001=6)
    few.otus.edit("assessments", "as-lab", title="Renamed")
    night = few.night("2026-10-15", dry_run=True)
    assert night.totals("scores") == {"held": 2, "updated": 3, "unchanged": 4}
    assert {(row["source_item_id"], row["field"], row["outcome"]) for row in night.read("preview.csv")} >= {
        ("quiz", "score", "held"), ("essay", "score", "held"), ("lab", "name", "updated")
    }  # fmt: skip
    assert steps.release_to_ask(night.dag_id, night.run_id) is None


ASSESSMENT = {
    "deleted": False, "identifier": "S1399", "title": "Poster", "kind": "assessment", "assessment_type": "Quiz",
    "grading_scale": "points", "points_possible": 10, "created_at": "2026-09-01T15:00:00Z",
}  # fmt: skip
ASSIGNMENT = {
    "deleted": False, "class_id": "biology", "assigned_by": "lead", "assigned_at": "2026-09-10T15:00:00Z",
    "due_date": "2026-09-18", "submission_date": None, "include_in_final_grade": True,
}  # fmt: skip
SCORE = {"deleted": False, "excluded": False, "excused": False, "missing": False}
