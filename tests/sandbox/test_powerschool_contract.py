"""PowerSchool's wire contract, fact by fact, over real HTTP."""

import pytest

from sandbox.server import HOST

from .conftest import CLASSMATE, LEFT, STUDENT, YEAR, Plugin, points


def test_a_token_says_its_life_as_a_text_of_seconds(plugin: Plugin) -> None:
    answer = plugin.token().json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == "2504956"


def test_wrong_credentials_are_an_invalid_client(plugin: Plugin) -> None:
    answer = plugin.token(secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_call_without_a_good_token_is_401_but_the_time_is_open(plugin: Plugin) -> None:
    plugin.session.headers["Authorization"] = "Bearer nobody"
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 401
    assert "datetime" in plugin.call("GET", "/ws/v1/time").json()["time"]


def test_metadata_names_the_zone_and_the_page_size(plugin: Plugin) -> None:
    metadata = plugin.call("GET", "/ws/v1/metadata").json()["metadata"]
    assert metadata["district_timezone"] == "America/Chicago"
    assert metadata["schema_table_query_max_page_size"] == 100


def test_without_an_accept_header_the_old_xml_comes(plugin: Plugin) -> None:
    answer = plugin.call("GET", "/ws/v1/metadata", headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"] == "application/xml"
    assert "<district_timezone>America/Chicago</district_timezone>" in answer.text


def test_v1_groups_of_one_element_are_an_object(plugin: Plugin) -> None:
    assert isinstance(plugin.call("GET", "/ws/v1/district/school").json()["schools"]["school"], list)
    plugin.box.powerschool.roster.schools.pop(102)
    assert isinstance(plugin.call("GET", "/ws/v1/district/school").json()["schools"]["school"], dict)


def test_every_value_of_a_query_is_a_text(plugin: Plugin) -> None:
    for name in ("schools", "sections", "section_teachers", "teacher_categories", "enrollments", "grading_periods"):
        rows = plugin.rows(name, school_number="101", **YEAR)
        assert rows, name
        assert all(isinstance(value, str) for row in rows for value in row.values()), name


def test_sections_carry_the_columns_of_the_contract_and_leave_last_year_out(plugin: Plugin) -> None:
    rows = plugin.rows("sections", **YEAR)
    assert set(rows[0]) == {
        "section_dcid",
        "section_id",
        "school_number",
        "term_id",
        "course_name",
        "section_number",
        "first_day",
        "last_day",
    }
    assert "84001" not in {row["section_dcid"] for row in rows}
    assert "84001" in {row["section_dcid"] for row in plugin.rows("sections")}


def test_categories_of_other_years_are_left_out(plugin: Plugin) -> None:
    this_year = [row["name"] for row in plugin.rows("teacher_categories", **YEAR) if row["users_dcid"] == "8302"]
    assert sorted(this_year) == ["Quizzes", "Tests"]


def test_pages_end_with_the_first_short_one_and_size_0_is_everything(plugin: Plugin) -> None:
    whole = plugin.rows("enrollments", **YEAR)
    pages = []
    for page in range(1, 100):
        rows = plugin.query("enrollments", 90, page, **YEAR).json().get("record", [])
        pages += rows
        if len(rows) < 90:
            break
    assert pages == whole


def test_an_empty_result_has_no_record_key(plugin: Plugin) -> None:
    assert "record" not in plugin.query("sections", school_number="999", **YEAR).json()


@pytest.mark.parametrize(("name", "status"), [("no_such_query", 404), ("section_scores", 400)])
def test_unknown_queries_and_missing_arguments_are_refused(plugin: Plugin, name: str, status: int) -> None:
    assert plugin.query(name).status_code == status


def test_a_create_answers_201_empty_with_the_assignments_place(plugin: Plugin) -> None:
    answer = plugin.create()
    assert (answer.status_code, answer.content) == (201, b"")
    held = plugin.read(int(answer.headers["Location"].rpartition("/")[2])).json()
    section = held["_assignmentsections"][0]
    assert (section["name"], section["totalpointvalue"], section["islocked"]) == ("Unit 3 test (S130545)", 12.0, False)
    assert isinstance(section["assignmentsectionid"], int)


def test_a_repeated_create_makes_a_second_assignment(plugin: Plugin) -> None:
    plugin.create()
    plugin.create()
    assert len(plugin.box.control.powerschool.assignments("unit-3")) == 2


def test_a_listing_holds_several_sections_and_is_never_paged(plugin: Plugin) -> None:
    for turn in range(120):
        plugin.created(plugin.form(name=f"Quiz {turn}", category=4301))
    plugin.created(plugin.form(85002, name="Other"))
    listed = plugin.listing(85001, 85002).json()
    assert len(listed) == 120 + 1 + 2
    assert {section["sectionsdcid"] for row in listed for section in row["_assignmentsections"]} == {85001, 85002}


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"name": "x" * 51}, 409, "name"),
        ({"name": ""}, 409, "name"),
        ({"description": "x" * 4001}, 409, "description"),
        ({"totalpointvalue": 10000}, 409, "points"),
        ({"totalpointvalue": 9000, "extracreditpoints": 1000}, 409, "points"),
        ({"duedate": "2026-08-09"}, 409, "due date"),
        ({"duedate": "2027-06-05"}, 409, "due date"),
        ({"duedate": "soon"}, 409, "due date"),
        ({"_assignmentcategoryassociations": []}, 409, "category"),
        ({"_assignmentcategoryassociations": [{"teachercategoryid": 4301, "isprimary": False}]}, 409, "category"),
        ({"_assignmentcategoryassociations": [{"teachercategoryid": 4303, "isprimary": True}]}, 409, "category"),
        ({"_assignmentcategoryassociations": [{"teachercategoryid": 99999, "isprimary": True}]}, 409, "category"),
        ({"_assignmentcategoryassociations": [{"teachercategoryid": 4304, "isprimary": True}]}, 409, "category"),
        ({"sectionsdcid": 86001}, 403, "does not teach section"),
        ({"sectionsdcid": 1}, 403, "does not teach section"),
    ],
)
def test_a_create_over_a_limit_is_refused(plugin: Plugin, changes: dict[str, object], status: int, word: str) -> None:
    answer = plugin.create(plugin.form(**changes))
    assert answer.status_code == status
    assert word in answer.json()["message"].lower() or word in answer.json()["message"]
    assert plugin.box.control.powerschool.assignments("unit-3") == []


@pytest.mark.parametrize(
    "changes", [{"name": "x" * 50}, {"duedate": "2026-08-10"}, {"duedate": "2027-06-04"}, {"totalpointvalue": 9999}]
)
def test_a_create_at_a_limit_is_accepted(plugin: Plugin, changes: dict[str, object]) -> None:
    assert plugin.create(plugin.form(**changes)).status_code == 201


def test_who_ended_teaching_may_not_write(plugin: Plugin) -> None:
    form = plugin.form(category=plugin.category(user=8304))
    assert plugin.create(form, user=8304).status_code == 403
    plugin.box.control.powerschool.switches(today="2026-09-30")
    assert plugin.create(form, user=8304).status_code == 201


def test_an_update_overwrites_what_is_submitted(plugin: Plugin) -> None:
    held = plugin.created()
    assert plugin.update(held, "&update_scores=false", name="Renamed", duedate="2026-09-29").status_code == 200
    section = plugin.read(held["assignmentid"]).json()["_assignmentsections"][0]
    assert (section["name"], section["duedate"], section["totalpointvalue"]) == ("Renamed", "2026-09-29", 12.0)


def test_an_update_needs_every_section_and_the_same_values(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.do("add_section", assignment="unit-3", section_dcid=85002)
    assert plugin.update(held, name="Renamed").status_code == 412
    both = plugin.read(held["assignmentid"]).json()
    assert len(both["_assignmentsections"]) == 2
    both["_assignmentsections"][0]["name"] = "Only here"
    assert plugin.update(both).status_code == 409
    both["_assignmentsections"][0]["name"] = both["_assignmentsections"][1]["name"]
    both["_assignmentsections"][0]["duedate"] = "2026-09-30"
    assert plugin.update(both).status_code == 200


def test_a_changed_total_needs_update_scores_where_scores_exist(plugin: Plugin) -> None:
    held = plugin.created()
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    plugin.score(held, points(STUDENT, 6))
    assert plugin.update(held, totalpointvalue=24).status_code == 412
    assert plugin.update(held, "&update_scores=false", totalpointvalue=24).status_code == 200
    assert plugin.table(section)[0]["scorepoints"] == "6"
    plugin.update(plugin.read(held["assignmentid"]).json(), "&update_scores=true", totalpointvalue=48)
    assert plugin.table(section)[0]["scorepoints"] == "12"


def test_an_update_as_read_keeps_a_category_that_was_switched_off_since(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.do("set_category", users_dcid=8301, name="Quizzes", is_active=False)
    assert plugin.update(held, name="Renamed").status_code == 200
    assert plugin.create(plugin.form(category=4301)).status_code == 409


def test_a_delete_with_scores_needs_force_and_leaves_404_and_500(plugin: Plugin) -> None:
    held = plugin.created()
    path = f"/ws/xte/section/assignment/{held['assignmentid']}?users_dcid=8301"
    plugin.score(held, points(STUDENT, 6))
    assert plugin.call("DELETE", path).status_code == 412
    assert plugin.call("DELETE", path + "&force=true").status_code == 204
    for answer in (plugin.read(held["assignmentid"]), plugin.update(held)):
        assert answer.status_code == 404
        assert "Unable to find" in answer.json()["message"]
    answer = plugin.score(held, points(STUDENT, 6))
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    assert answer.status_code == 500
    assert answer.json()["message"].endswith(f"xte.model.AssignmentSection with id {section}")


def test_a_score_is_kept_and_a_repeat_updates_it_in_place(plugin: Plugin) -> None:
    held = plugin.created()
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    assert plugin.score(held, points(STUDENT, 9.5), points(CLASSMATE, 15)).status_code == 200
    first = plugin.table(section)
    assert [(row["studentsdcid"], row["scorepoints"]) for row in first] == [("81001", "9.5"), ("81002", "15")]
    plugin.score(held, points(STUDENT, 3.33333333))
    again = plugin.table(section)
    assert [row["assignmentscoreid"] for row in again] == [row["assignmentscoreid"] for row in first]
    assert again[0]["scorepoints"] == "3.333333"


def test_one_stranger_refuses_the_whole_call(plugin: Plugin) -> None:
    held = plugin.created()
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    answer = plugin.score(held, points(STUDENT, 5), points(LEFT, 5), points(81009999, 5))
    assert answer.status_code == 409
    errors = answer.json()["errors"]
    assert [error["params"]["student_dcid"] for error in errors] == [LEFT, 81009999]
    assert errors[0]["field"].startswith(f"Student.id [{LEFT}] does not have an AssignmentStudentAssociation")
    assert plugin.table(section) == []


@pytest.mark.parametrize(
    ("user", "term", "key", "status"), [(8305, 3600, 0, 403), (8301, 3601, 0, 409), (8301, 3600, 999999, 403)]
)
def test_a_score_by_the_wrong_teacher_term_or_id_is_refused(
    plugin: Plugin, user: int, term: int, key: int, status: int
) -> None:
    held = plugin.created()
    answer = plugin.score(key or held, points(STUDENT, 5), user=user, term=term)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["message"].startswith("User does not teach section")


def test_flags_that_are_left_out_are_kept_and_null_clears_a_score(plugin: Plugin) -> None:
    held = plugin.created()
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    plugin.score(held, points(STUDENT, 5, islate=True, isexempt=False))
    plugin.score(held, points(STUDENT, None, isexempt=True))
    row = plugin.table(section)[0]
    assert (row["islate"], row["isexempt"], "scorepoints" in row) == ("true", "true", False)


def test_section_scores_gives_a_row_a_score_and_one_for_none(plugin: Plugin) -> None:
    held = plugin.created(plugin.form(85008))
    assert plugin.rows("section_scores", section_dcid=85008) == [
        {
            "assignment_id": str(held["assignmentid"]),
            "name": "Unit 3 test (S130545)",
            "total_points": "12",
            "assignment_section_id": str(held["_assignmentsections"][0]["assignmentsectionid"]),
            "description": "Passback otus unit-3",
            "due_date": "2026-09-28",
            "category_id": "4301",
            "is_locked": "false",
        }
    ]
    plugin.score(held, points(STUDENT, 5), points(CLASSMATE, None, ismissing=True))
    rows = plugin.rows("section_scores", section_dcid=85008)
    assert [(row["student_dcid"], row.get("score_points"), row["is_missing"]) for row in rows] == [
        ("81001", "5", "false"),
        ("81002", None, "true"),
    ]


def test_the_score_table_knows_operators_pages_and_counts(plugin: Plugin) -> None:
    held = plugin.created(plugin.form(85009, scoreentrypoints=300, totalpointvalue=300))
    section = held["_assignmentsections"][0]["assignmentsectionid"]
    students = [int(row["student_dcid"]) for row in plugin.rows("enrollments") if row["section_dcid"] == "85009"]
    rows = [points(student, place) for place, student in enumerate(students)]
    assert plugin.score(held, *rows).status_code == 200
    assert len(plugin.table(section, "&pagesize=500")) == 100
    assert len(plugin.table(section, f"&pagesize=100&page={-(-len(rows) // 100)}")) == len(rows) % 100
    assert [row["scorepoints"] for row in plugin.table(section, ";scorepoints=ge=3;scorepoints=lt=5")] == ["3", "4"]
    path = f"/ws/schema/table/assignmentscore/count?q=assignmentsectionid=={section};scorepoints=gt=9"
    assert plugin.call("GET", path).json()["count"] == len(rows) - 10


def test_a_column_without_a_grant_is_403_no_access_to_field(plugin: Plugin) -> None:
    answer = plugin.call("GET", "/ws/schema/table/assignmentscore?projection=comment_value&q=assignmentsectionid==1")
    assert answer.status_code == 403
    assert answer.json()["message"].startswith("No access to field")


def test_a_locked_section_or_assignment_is_409_locked(plugin: Plugin) -> None:
    held, control = plugin.created(), plugin.box.control.powerschool
    control.do("lock_section", section_dcid=85001)
    for answer in (plugin.create(), plugin.update(held), plugin.score(held, points(STUDENT, 5))):
        assert answer.status_code == 409
        assert "locked" in answer.json()["message"]
    control.do("lock_section", section_dcid=85001, locked=False)
    control.do("lock_assignment", assignment="unit-3")
    assert plugin.score(held, points(STUDENT, 5)).status_code == 409


def test_only_this_machine_can_reach_the_sandbox(plugin: Plugin) -> None:
    assert all(url.startswith("http://127.0.0.1:") for url in (plugin.url, plugin.box.otus_url, plugin.box.control.url))
    assert plugin.box.powerschool_url.startswith(f"http://{HOST}:")
