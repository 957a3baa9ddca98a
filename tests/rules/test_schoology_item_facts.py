"""What Schoology items are judged by, on a real Postgres: sections, lead teachers, categories, due dates, twins."""

import datetime as dt

import pytest
from tests.rules.schoology_staged import SECTION, StagedSchoology
from tests.rules.staged import DAY

OUTSIDE = "DUE_DATE_OUTSIDE_PERIOD"


def test_what_passes_is_kept_with_all_that_is_sent_of_it(schoology: StagedSchoology) -> None:
    schoology.grade_item("9123", title="  Segments and\tAngles ", max_points=27.5)
    run_key = schoology.evaluate(seq=7)
    columns = (
        "source", "school_number", "section_dcid", "users_dcid", "teacher_category_id", "title", "name", "due_on",
        "total", "category", "codes", "outcome", "message", "seq",
    )  # fmt: skip
    assert schoology.kept(run_key, *columns) == {"9123": (
        "schoology", "101", 85001, 8301, 4301, "  Segments and\tAngles ", "Segments and Angles", DAY, 27.5, "Quizzes",
        0, None, None, 7,
    )}  # fmt: skip


def test_a_class_is_linked_to_a_section_that_powerschool_has_and_under_whose_code_it_is_found(
    schoology: StagedSchoology,
) -> None:
    schoology.course("gone", 85999)
    schoology.course("unlinked", None, section_school_code="A-7")
    schoology.course("codeless", None)
    schoology.course("elsewhere", 85001, deleted=True)
    schoology.course("shared", 85001)
    for section in ("gone", "unlinked", "codeless", "elsewhere", "shared"):
        schoology.add("staging.schoology_category", section_id=section, id="4371", title="Worksheets")
        schoology.grade_item("1", section)
    run_key = schoology.evaluate()
    missing = ["SECTION_NOT_FOUND"]
    assert schoology.items(run_key) == {
        "gone:1": missing, "unlinked:1": missing, "codeless:1": missing, "elsewhere:1": missing, "shared:1": [],
    }  # fmt: skip
    messages = schoology.kept(run_key, "message")
    assert messages["gone:1"] == "The class is linked to no PowerSchool section (85999)."
    assert messages["unlinked:1"] == "The class is linked to no PowerSchool section (A-7)."
    assert messages["codeless:1"] == "The class is linked to no PowerSchool section (none given)."


def test_an_item_that_cannot_be_read_is_invalid_and_says_why(schoology: StagedSchoology) -> None:
    schoology.course("broken", 85001, invalid="`id` must be a text")
    schoology.unreadable("1")
    schoology.grade_item("2", "broken")
    schoology.grade_item("3", "nowhere")
    schoology.unreadable("4", "broken")
    run_key = schoology.evaluate()
    start = "The source's record cannot be read: "
    assert schoology.kept(run_key, "message") == {
        "1": f"{start}`title` is missing.", "broken:2": f"{start}its section: `id` must be a text.",
        "nowhere:3": f"{start}its section is not in the source.", "broken:4": f"{start}`title` is missing.",
    }  # fmt: skip
    assert set(map(tuple, schoology.items(run_key).values())) == {("SOURCE_RECORD_INVALID",)}
    assert schoology.kept(run_key, "name", "due_on")["1"] == (None, None)


def test_a_deleted_item_is_skipped_and_nothing_else_is_asked_of_it(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", deleted=True, published=False, max_points=None, title="")
    assert schoology.items(schoology.evaluate()) == {"1": ["SOURCE_DELETED"]}


def test_the_acting_teacher_is_the_lowest_lead_teacher_of_today(schoology: StagedSchoology) -> None:
    for teacher, role, days in (
        (8100, "co", {}),
        (8200, "lead", {"end_on": "2026-10-14"}),
        (8210, "lead", {"start_on": "2026-10-16"}),
        (8220, "lead", {"start_on": "2026-10-15", "end_on": "2026-10-15"}),
        (8999, "lead", {}),
    ):
        schoology.add("staging.section_teacher", school_number="101", section_dcid=85001, users_dcid=teacher, role=role,
                      **days)  # fmt: skip
    schoology.grade_item("1")
    for teacher in (8200, 8210, 8220):
        schoology.category(teacher, teacher=teacher)
    found = {}
    for today in ("2026-10-14", "2026-10-15", "2026-10-16", "2026-10-17"):
        run_key = schoology.evaluate("2026-10-15", today=today)
        found[today] = schoology.kept(run_key, "users_dcid", "teacher_category_id")["1"]
    assert found == {
        "2026-10-14": (8200, 8200), "2026-10-15": (8220, 8220), "2026-10-16": (8210, 8210), "2026-10-17": (8210, 8210),
    }  # fmt: skip


def test_without_a_lead_teacher_nobody_acts(schoology: StagedSchoology) -> None:
    schoology.connection.execute("update staging.section_teacher set role = 'co'")
    schoology.grade_item("1")
    run_key = schoology.evaluate()
    assert schoology.items(run_key) == {"1": ["TEACHER_NOT_IN_SECTION"]}
    assert schoology.kept(run_key, "message") == {
        "1": "No acting teacher: the PowerSchool section has no lead teacher today."
    }


def test_a_category_is_found_by_the_title_that_its_section_gives_it(schoology: StagedSchoology) -> None:
    schoology.course("other", 85001)
    schoology.add("staging.schoology_category", section_id="other", id="4371", title="Exams")
    schoology.add("staging.schoology_category", section_id="other", id="4372", title="Worksheets")
    for category_id, title in (("4373", "worksheets"), ("4374", "Exams")):
        schoology.add("staging.schoology_category", section_id=SECTION, id=category_id, title=title)
    schoology.category(4302, "Tests", is_active=False)
    items = {"1": "4371", "2": "4372", "3": "4373", "4": "4374", "5": "0", "6": "", "7": None}
    for item, category_id in items.items():
        schoology.grade_item(item, grading_category=category_id)
    schoology.grade_item("8", "other", grading_category="4372")
    run_key = schoology.evaluate()
    required, unmapped = ["CATEGORY_REQUIRED"], ["CATEGORY_UNMAPPED"]
    assert schoology.items(run_key) == {
        "1": [], "2": unmapped, "3": unmapped, "4": ["CATEGORY_INACTIVE"], "5": required, "6": required, "7": required,
        "other:8": [],
    }  # fmt: skip
    messages = schoology.kept(run_key, "message")
    mapped = "has no PowerSchool category in the map; mapped are: Exams, Worksheets."
    assert messages["2"] == f"“4372 (an id that its section does not list)” {mapped}"
    assert messages["3"] == f"“worksheets” {mapped}"
    assert messages["5"] is None
    assert schoology.kept(run_key, "outcome")["5"] == "failed"


def test_a_schools_category_replaces_the_districts_entry_by_entry(schoology: StagedSchoology) -> None:
    schoology.category(4302, "Daily Work")
    schoology.grade_item("1")
    run_key = schoology.evaluate(school_maps={"101": {"schoology": {"Worksheets": "Daily Work"}}})
    assert schoology.kept(run_key, "category", "teacher_category_id") == {"1": ("Daily Work", 4302)}


def test_a_missing_due_date_is_the_last_day_of_the_grading_period_else_of_the_section(
    schoology: StagedSchoology,
) -> None:
    schoology.connection.execute("update staging.section set last_day = '2026-10-21'")
    schoology.period("436", "Open", None)
    schoology.period("0", "Other", "2026-10-01")
    schoology.period("437", "", "2026-10-20")
    periods = {"1": "435", "2": "436", "3": "0", "4": "999", "5": None, "6": "437"}
    for item, period in periods.items():
        schoology.grade_item(item, due_on=None, grading_period=period)
    schoology.grade_item("7", due_on="2026-10-02")
    run_key = schoology.evaluate()
    by_section = ("2026-10-21", "The source had no due date: the section's last day in PowerSchool.")
    assert schoology.kept(run_key, "due_on::text", "message") == {
        "1": ("2026-10-22", "Due on 2026-10-22, outside Q1 (2026-08-24 to 2026-10-23); the section runs 2026-08-24 to "
              "2026-10-21."),
        "2": by_section, "3": by_section, "4": by_section, "5": by_section,
        "6": ("2026-10-20", "The source had no due date: the last day of Schoology's grading period “437”."),
        "7": ("2026-10-02", None),
    }  # fmt: skip
    assert schoology.items(run_key)["2"] == ["DUE_DATE_DEFAULTED"]


def test_the_message_names_the_grading_period_that_gave_the_due_date(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", due_on=None)
    assert schoology.kept(schoology.evaluate(), "message") == {
        "1": "The source had no due date: the last day of Schoology's grading period “Quarter 1”."
    }


def test_the_resolved_due_date_decides_what_is_before_the_effective_date(schoology: StagedSchoology) -> None:
    schoology.period("434", "Summer", "2026-08-20")
    schoology.grade_item("1", due_on="2026-08-23")
    schoology.grade_item("2", due_on=None, grading_period="434")
    schoology.grade_item("3", due_on="2026-08-24")
    run_key = schoology.evaluate()
    early = ["BEFORE_EFFECTIVE_DATE", OUTSIDE]
    assert schoology.items(run_key) == {"1": early, "2": early, "3": []}
    assert schoology.kept(run_key, "message")["2"] == (
        "Before the district's effective date 2026-08-24: due on 2026-08-20."
    )


def test_only_items_of_the_school_year_are_counted_and_their_scores(schoology: StagedSchoology) -> None:
    schoology.period("434", "Summer", "2026-06-30")
    schoology.course("gone", 85999)
    days = {"1": "2026-06-30", "2": "2026-07-01", "3": "2027-06-30", "4": "2027-07-01"}
    for item, due_on in days.items():
        schoology.grade_item(item, due_on=due_on)
    schoology.grade_item("5", due_on=None, grading_period="434")
    schoology.grade_item("6", "gone", due_on=None)
    schoology.unreadable("7")
    for item in ("1", "2", "3", "4", "5", "7"):
        schoology.grade(item)
    run_key = schoology.evaluate()
    assert set(schoology.items(run_key)) == {"2", "3", "gone:6", "7"}
    assert set(schoology.scores(run_key)) == {"2-e1", "3-e1", "7-e1"}


def names(schoology: StagedSchoology, run_key: int) -> dict[str, str | None]:
    return schoology.kept(run_key, "name")


def test_a_title_has_a_suffix_only_where_a_lower_id_has_it_too(schoology: StagedSchoology) -> None:
    schoology.course("other", 85001)
    schoology.add("staging.schoology_category", section_id="other", id="4371", title="Worksheets")
    schoology.grade_item("1000", title="Quiz  3")
    schoology.grade_item("999", title=" Quiz 3 ")
    schoology.grade_item("1001", title="quiz 3")
    schoology.grade_item("998", "other", title="Quiz 3")
    schoology.grade_item("1003", title="Quiz 3")
    assert names(schoology, schoology.evaluate()) == {
        "999": "Quiz 3", "1000": "Quiz 3 (#1000)", "1001": "quiz 3", "other:998": "Quiz 3", "1003": "Quiz 3 (#1003)",
    }  # fmt: skip


def test_a_twin_counts_whatever_its_outcome_but_not_once_it_is_deleted(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", title="A", published=False)
    schoology.grade_item("2", title="A")
    schoology.grade_item("3", title="B", deleted=True)
    schoology.grade_item("4", title="B")
    schoology.grade_item("5", title="C", due_on="2026-01-15")
    schoology.grade_item("6", title="C")
    found = names(schoology, schoology.evaluate())
    assert (found["2"], found["4"], found["6"]) == ("A (#2)", "B", "C (#6)")
    schoology.connection.execute("update staging.schoology_item set deleted = true where grade_item_id = '1'")
    assert names(schoology, schoology.evaluate())["2"] == "A"


def test_an_unreadable_twin_counts_by_the_title_that_could_be_read(schoology: StagedSchoology) -> None:
    schoology.unreadable("1", reason="`published` is missing", title="A", due_on=DAY)
    schoology.grade_item("2", title="A")
    run_key = schoology.evaluate()
    assert schoology.kept(run_key, "name", "title", "due_on") == {"1": (None, "A", DAY), "2": ("A (#2)", "A", DAY)}


def test_titles_are_compared_uncut(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", title="x" * 60 + "1")
    schoology.grade_item("2", title="x" * 60 + "2")
    schoology.grade_item("3", title="x" * 60 + "2")
    run_key = schoology.evaluate()
    cut = "x" * 49 + "…"
    assert names(schoology, run_key) == {"1": cut, "2": cut, "3": "x" * 44 + "… (#3)"}
    assert schoology.items(run_key)["3"] == ["TITLE_TRUNCATED"]


def test_an_item_without_a_title_is_named_by_its_id(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", title="")
    schoology.grade_item("2", title=" \n ")
    run_key = schoology.evaluate()
    assert names(schoology, run_key) == {"1": "(#1)", "2": "(#2)"}
    assert schoology.items(run_key) == {"1": [], "2": []}


@pytest.mark.parametrize("part", [{"sections": [85001]}, {"item": f"{SECTION}:2"}, {"schools": ["101"]}])
def test_twins_are_seen_in_a_part_too(schoology: StagedSchoology, part: dict[str, object]) -> None:
    schoology.grade_item("1", title="Quiz")
    schoology.grade_item("2", title="Quiz")
    assert names(schoology, schoology.evaluate(**part))["2"] == "Quiz (#2)"  # type: ignore[arg-type]


def test_an_item_or_its_section_is_opted_out_by_the_settings_or_on_the_pages(schoology: StagedSchoology) -> None:
    for dcid in (85002, 85003, 85004):
        schoology.section(dcid)
        schoology.course(str(dcid), dcid)
        schoology.add("staging.schoology_category", section_id=str(dcid), id="4371", title="Worksheets")
        schoology.grade_item("1", str(dcid))
    for item in ("1", "2", "3", "4"):
        schoology.grade_item(item)
    switches = [
        {"section_dcid": 85003, "opted_out": True},
        {"section_dcid": 85004, "opted_out": True},
        {"section_dcid": 85004, "opted_out": False},
        {"source": "schoology", "source_item_id": f"{SECTION}:2", "opted_out": True},
        {"source": "otus", "source_item_id": f"{SECTION}:3", "opted_out": True},
        {"source": "schoology", "source_item_id": f"{SECTION}:4", "opted_out": False},
    ]
    for switch in switches:
        schoology.add("passback.opt_out", switched_by="admin", **switch)
    settings = {
        "opted_out_items": frozenset({("schoology", f"{SECTION}:1"), ("otus", f"{SECTION}:3")}),
        "opted_out_sections": frozenset({"85002"}),
    }
    found = schoology.items(schoology.evaluate(**settings))  # type: ignore[arg-type]
    assert {item for item, codes in found.items() if codes == ["OPTED_OUT"]} == {"1", "2", "85002:1", "85003:1"}
    assert {item for item, codes in found.items() if not codes} == {"3", "4", "85004:1"}


def test_an_item_is_created_at_once_and_waits_for_no_score(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    assert schoology.items(schoology.evaluate()) == {"1": []}


def test_all_failing_codes_are_kept_and_the_primary_is_the_first(schoology: StagedSchoology) -> None:
    schoology.grade_item(
        "1", published=False, is_final=True, grading_scale="7", max_points=None, count_in_grade=False,
        grading_category="0", due_on="2026-11-02",
    )  # fmt: skip
    run_key = schoology.evaluate(opted_out_sections=frozenset({"85001"}), effective_date=dt.date(2026, 12, 1))
    assert schoology.items(run_key) == {"1": [
        "NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "BEFORE_EFFECTIVE_DATE", "NOT_POINTS_SCALE", "TOTAL_INVALID",
        "NOT_IN_FINAL_GRADE", "OPTED_OUT", "CATEGORY_REQUIRED", OUTSIDE,
    ]}  # fmt: skip
    assert schoology.kept(run_key, "outcome") == {"1": "skipped"}


def test_what_the_ledger_holds_and_no_longer_passes_is_left(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", published=False)
    schoology.grade_item("2")
    schoology.grade("2", "e1", grade=None)
    schoology.grade("2", "e2")
    schoology.deliver(f"{SECTION}:1")
    schoology.deliver(f"{SECTION}:2", "1", "2")
    run_key = schoology.evaluate()
    assert schoology.items(run_key) == {"1": ["NOT_PUBLISHED", "LEFT_IN_SIS"], "2": []}
    assert schoology.scores(run_key) == {"2-e1": ["NO_SCORE", "LEFT_IN_SIS"], "2-e2": []}
