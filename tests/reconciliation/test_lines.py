"""reconciliation.csv and the schools' files: their columns, their texts, and nothing a spreadsheet would calculate."""

import pytest
from tests.reconciliation.world import DAY, SECTION, World

from passback.errors import catalogue

COLUMNS = [
    "run_id",
    "as_of",
    "source",
    "school_number",
    "school_name",
    "section_dcid",
    "section_name",
    "teacher_users_dcid",
    "source_item_id",
    "title",
    "student_number",
    "level",
    "outcome",
    "code",
    "other_codes",
    "severity",
    "message",
    "fix",
    "owner",
    "value_source",
    "value_sis_before",
    "value_sent",
    "due_date",
    "first_seen",
    "nights_open",
    "attempts",
]


def test_a_line_has_every_column_in_its_order(world: World) -> None:
    run = world.run(run_id="manual__2026-10-15T07:00:00+00:00")
    world.item(run, "A1", "TEACHER_NOT_IN_SECTION", "NOT_IN_FINAL_GRADE", title="Quiz, “one”\nline two")
    [line] = world.reconcile(run).lines()
    assert list(line) == COLUMNS
    assert line == {
        "run_id": "manual__2026-10-15T07:00:00+00:00", "as_of": "2026-10-15", "source": "otus", "school_number": "101",
        "school_name": "Oak", "section_dcid": str(SECTION), "section_name": "Algebra 1 2", "teacher_users_dcid": "501",
        "source_item_id": "A1", "title": "Quiz, “one”\nline two", "student_number": "", "level": "item",
        "outcome": "failed", "code": "TEACHER_NOT_IN_SECTION",
        "other_codes": "NOT_IN_FINAL_GRADE", "severity": "action",
        "message": "No acting teacher.",
        "fix": catalogue()["TEACHER_NOT_IN_SECTION"].fix,
        "owner": "office",
        "value_source": "", "value_sis_before": "", "value_sent": "", "due_date": DAY.isoformat(),
        "first_seen": DAY.isoformat(), "nights_open": "1", "attempts": "0",
    }  # fmt: skip


def test_several_other_codes_stand_in_the_catalogues_order(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "TITLE_TRUNCATED", "CATEGORY_UNMAPPED", "DUE_DATE_DEFAULTED", "OPTED_OUT")
    line = world.reconcile(run).line("A1")
    assert line["code"] == "OPTED_OUT"
    assert line["other_codes"] == "CATEGORY_UNMAPPED;DUE_DATE_DEFAULTED;TITLE_TRUNCATED"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_calculate_gets_an_apostrophe(world: World, start: str) -> None:
    run = world.run()
    world.item(run, "A1", "OPTED_OUT", title=f"{start}HYPERLINK(0)", message=f"{start}1")
    line = world.reconcile(run).line("A1")
    assert line["title"] == f"'{start}HYPERLINK(0)"
    assert line["message"] == f"'{start}1"


def test_a_negative_score_gets_an_apostrophe_too(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run), "s1", "SCORE_INVALID", points=-2.5)
    assert world.reconcile(run).line("A1", "s1")["value_source"] == "'-2.5"


@pytest.mark.parametrize(
    ("points", "flags", "text"), [(7.0, 0, "7"), (9.5, 0, "9.5"), (None, 1, "exempt"), (None, 4, "missing")]
)
def test_a_score_reads_as_people_write_it(world: World, points: float | None, flags: int, text: str) -> None:
    run = world.run()
    world.score(run, world.item(run), "s1", "STUDENT_NOT_ENROLLED", points=points, flags=flags)
    assert world.reconcile(run).line("A1", "s1")["value_source"] == text


def test_no_line_shows_a_placeholder_of_the_catalogue(world: World) -> None:
    from passback.errors import catalogue

    run = world.run()
    for code in catalogue().values():
        world.item(run, f"A-{code.code}", code.code)
    messages = {line["code"]: line["message"] for line in world.reconcile(run).lines()}
    assert len(messages) == len(catalogue())
    assert not [message for message in messages.values() if "{" in message or "}" in message]
    assert messages["SECTION_NOT_FOUND"] == "The class is linked to no PowerSchool section."
    assert messages["SIS_REFUSED"] == "PowerSchool refused the write."


def test_a_message_of_the_run_wins_over_the_catalogues(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "SIS_REFUSED", message="PowerSchool says: {locked}.")
    assert world.reconcile(run).line("A1")["message"] == "PowerSchool says: {locked}."


def test_lines_stand_by_school_and_each_item_before_its_scores(world: World) -> None:
    run = world.run()
    far = world.item(run, "A1", "NO_SCORES_YET", school_number="102")
    near = world.item(run, "A2", "NO_SCORES_YET")
    for item, student in ((far, "s1"), (near, "s3"), (near, "s2")):
        world.score(run, item, student, "NO_SCORE")
    lines = [(line["source_item_id"], line["student_number"]) for line in world.reconcile(run).lines()]
    assert lines == [("A2", ""), ("A2", "s2"), ("A2", "s3"), ("A1", ""), ("A1", "s1")]


def test_each_school_has_a_file_of_its_own_lines(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "OPTED_OUT")
    world.item(run, "A2", "OPTED_OUT", school_number="102")
    world.item(run, "A3", school_number="103")
    world.item(run, "A4", "SECTION_NOT_FOUND", school_number=None, section_dcid=None)
    report = world.reconcile(run)
    assert sorted(path.name for path in (report.folder / "schools").iterdir()) == ["101.csv", "102.csv", "103.csv"]
    assert [line["source_item_id"] for line in report.lines("schools/101.csv")] == ["A1"]
    assert [line["source_item_id"] for line in report.lines("schools/102.csv")] == ["A2"]
    assert (report.folder / "schools" / "103.csv").read_text().strip() == ",".join(COLUMNS)
    assert len(report.lines()) == 3


def test_a_school_number_cannot_leave_the_folder(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "OPTED_OUT", school_number="../../x")
    names = [path.name for path in (world.reconcile(run).folder / "schools").iterdir()]
    assert names == ["..%2F..%2Fx.csv"]


def test_a_run_without_lines_has_a_file_with_its_header(world: World) -> None:
    run = world.run()
    world.item(run)
    assert (world.reconcile(run).folder / "reconciliation.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_the_lines_of_the_database_are_those_of_the_file(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run, "A1", "NO_SCORES_YET"), "s1", "NO_SCORE")
    report = world.reconcile(run)
    query = f"select {', '.join(COLUMNS)} from report.line where run_key = %s order by line_no"
    stored = [["" if cell is None else str(cell) for cell in row] for row in world.connection.execute(query, [run])]
    assert stored == [list(line.values()) for line in report.lines()]
