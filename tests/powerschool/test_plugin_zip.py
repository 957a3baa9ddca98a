"""The PowerSchool plugin: what it asks for, what its queries return, and the zip that an administrator installs.

The queries are Oracle SQL of the part that PostgreSQL understands too (but for one-argument `to_number`), so the tests
run them over tables of PowerSchool's names and shapes.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest

from passback.powerschool.plugin_zip import PROJECT, SOURCE, build, members

NAMESPACE = {"p": "http://plugin.powerschool.pearson.com"}
YEAR = ("school_number", "first_day", "last_day")
CONTRACT: dict[str, tuple[tuple[str, ...], str]] = {
    "schools": (YEAR, "school_number school_name"),
    "sections": (YEAR, "section_dcid section_id school_number term_id course_name section_number first_day last_day"),
    "section_teachers": (YEAR, "section_dcid users_dcid teacher_number role start_date end_date"),
    "teacher_categories": (YEAR, "users_dcid teacher_category_id name is_active"),
    "section_scores": (
        ("section_dcid",),
        "assignment_id assignment_section_id name description due_date total_points category_id is_locked student_dcid "
        "score_points is_exempt is_missing is_incomplete",
    ),
    "enrollments": (YEAR, "section_dcid student_dcid student_number entry_date exit_date dropped"),
    "grading_periods": (YEAR, "school_number term_id store_code first_day last_day"),
}
# What the gradebook's own endpoints (/ws/xte) need beside the queries: bodies sent, and answers sent back in an update.
XTE_WRITTEN = {
    "ASSIGNMENT": "ASSIGNMENTID",
    "ASSIGNMENTSECTION": "ASSIGNMENTID ASSIGNMENTSECTIONID SECTIONSDCID NAME DESCRIPTION DUEDATE SCORETYPE "
    "SCOREENTRYPOINTS TOTALPOINTVALUE WEIGHT EXTRACREDITPOINTS ISCOUNTEDINFINALGRADE ISSCORINGNEEDED ISSCORESPUBLISH "
    "PUBLISHOPTION PUBLISHDAYSBEFOREDUE PUBLISHONSPECIFICDATE MAXRETAKEALLOWED",
    "ASSIGNMENTCATEGORYASSOC": "ASSIGNMENTCATEGORYASSOCID ASSIGNMENTSECTIONID TEACHERCATEGORYID ISPRIMARY",
    "ASSIGNMENTSCORE": "ASSIGNMENTSECTIONID STUDENTSDCID ACTUALSCOREENTERED ACTUALSCOREKIND SCOREPOINTS ISEXEMPT "
    "ISMISSING ISINCOMPLETE",
}
XTE_READ = {
    "ASSIGNMENT": "CREATEDBYPLUGIN",
    "ASSIGNMENTSCORE": "ASSIGNMENTSCOREID",
    "TEACHERCATEGORY": "NAME CATEGORYTYPE ISINFINALGRADES",
}


@dataclass(frozen=True)
class Query:
    """One named query as its file declares it."""

    name: str
    arguments: tuple[str, ...]
    columns: dict[str, tuple[str, str]]
    sql: str

    @property
    def fields(self) -> set[tuple[str, str]]:
        """Every (table, field) that the SQL names."""
        bare = re.sub(r"'[^']*'", "''", self.sql)
        return {(table.upper(), field.upper()) for table, field in re.findall(r"\b([a-z]+)\.([a-z0-9_]+)", bare)}

    @property
    def selected(self) -> list[str]:
        """The aliases of the outermost select list, in order."""
        bare = _without_parentheses(self.sql)
        listed = bare[: re.search(r"\sfrom\s", bare).start()]  # type: ignore[union-attr]
        return [part.rsplit(" as ", 1)[1].strip() for part in listed.split(",")]


def _without_parentheses(sql: str) -> str:
    while "(" in sql:
        shorter = re.sub(r"\([^()]*\)", " ", sql)
        assert shorter != sql, "parentheses do not balance"
        sql = shorter
    assert ")" not in sql
    return sql


def _query(path: Path) -> Query:
    root = ElementTree.parse(path).getroot()
    assert root.tag == "queries"
    (element,) = root
    assert element.get("flattened") == "true"
    assert element.get("coreTable")
    columns = {}
    for column in element.iterfind("columns/column"):
        table, field = column.attrib["column"].split(".")
        columns[column.text or ""] = (table, field)
    return Query(
        name=element.attrib["name"],
        arguments=tuple(argument.attrib["name"] for argument in element.iterfind("args/arg")),
        columns=columns,
        sql=(element.findtext("sql") or "").strip(),
    )


QUERIES = [_query(SOURCE / name) for name in members() if name.startswith("queries_root/")]
each_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name.rsplit(".", 1)[1])


def _requested(access: str | None = None) -> list[tuple[str, str]]:
    root = ElementTree.parse(SOURCE / "plugin.xml").getroot()
    fields = root.iterfind("p:access_request/p:field", NAMESPACE)
    return [(f.attrib["table"], f.attrib["field"]) for f in fields if access in (None, f.attrib["access"])]


def _pairs(fields: dict[str, str]) -> set[tuple[str, str]]:
    return {(table, field) for table, names in fields.items() for field in names.split()}


def test_the_plugin_asks_for_oauth_and_stays_within_powerschools_limits() -> None:
    root = ElementTree.parse(SOURCE / "plugin.xml").getroot()
    assert root.tag == f"{{{NAMESPACE['p']}}}plugin"
    assert len(root.attrib["name"]) <= 40
    assert len(root.attrib["description"]) <= 256
    assert re.fullmatch(r"[0-9.]{1,20}", root.attrib["version"])
    assert root.find("p:oauth", NAMESPACE) is not None
    assert root.find("p:publisher/p:contact", NAMESPACE).attrib["email"]  # type: ignore[union-attr]
    assert {child.tag.split("}")[1] for child in root} == {"oauth", "access_request", "publisher"}


def test_the_seven_queries_of_the_contract_are_there_and_no_other() -> None:
    assert {query.name for query in QUERIES} == {f"org.passback.gradebook.{name}" for name in CONTRACT}


@each_query
def test_a_query_has_the_contracts_columns_and_arguments(query: Query) -> None:
    arguments, columns = CONTRACT[query.name.removeprefix("org.passback.gradebook.")]
    assert query.arguments == arguments
    assert list(query.columns) == columns.split()


@each_query
def test_a_query_selects_what_it_declares_in_that_order(query: Query) -> None:
    assert query.selected == list(query.columns)  # PowerSchool matches columns by position


@each_query
def test_a_query_names_the_source_of_each_column_in_its_sql(query: Query) -> None:
    assert set(query.columns.values()) <= query.fields


@each_query
def test_a_query_is_one_ordered_statement_that_binds_its_arguments(query: Query) -> None:
    assert query.sql.startswith("select")
    assert ";" not in query.sql
    assert "~" not in query.sql  # PowerSchool's own page tags would be expanded in it
    assert not re.search(r"\bwith\b", query.sql)  # data restrictions break on it
    assert set(re.findall(r":(\w+)", query.sql)) == set(query.arguments)
    assert re.search(r"order by [^()]+$", query.sql)


def test_every_field_that_a_query_uses_is_requested() -> None:
    assert set().union(*(query.fields for query in QUERIES)) <= set(_requested())


def test_no_field_is_requested_that_nothing_uses() -> None:
    used = set().union(*(query.fields for query in QUERIES)) | _pairs(XTE_READ) | _pairs(XTE_WRITTEN)
    assert set(_requested()) == used
    assert len(_requested()) == len(used)


def test_only_assignments_categories_of_them_and_scores_are_writable() -> None:
    assert set(_requested("FullAccess")) == _pairs(XTE_WRITTEN)


def test_no_name_of_a_person_is_requested() -> None:
    personal = {table: {f for t, f in _requested() if t == table} for table in ("STUDENTS", "USERS", "SCHOOLSTAFF")}
    assert personal == {
        "STUDENTS": {"DCID", "ID", "STUDENT_NUMBER"},
        "USERS": {"DCID", "TEACHERNUMBER"},
        "SCHOOLSTAFF": {"ID", "USERS_DCID"},
    }


def test_the_administrators_page_names_every_field_under_its_access() -> None:
    page = (PROJECT / "docs" / "powerschool-plugin.md").read_text(encoding="utf-8")
    _, read, written = re.split(r"## What it may (?:read|write)", page)
    for access, part in (("ViewOnly", read), ("FullAccess", written.split("\n## ")[0])):
        lines = [re.findall(r"`([A-Z0-9_]+)`", line) for line in part.splitlines() if line.startswith("| `")]
        assert sorted((line[0], field) for line in lines for field in line[1:]) == sorted(_requested(access))


def test_the_zip_is_the_same_every_time_and_has_plugin_xml_at_its_root(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a" / "first.zip"), build(tmp_path / "second.zip")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == members()
        assert archive.namelist()[0] == "plugin.xml"
        assert all(name.endswith(".named_queries.xml") for name in archive.namelist()[1:])
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_folder_that_is_no_plugin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"plugin\.xml"):
        build(tmp_path / "out.zip", source=tmp_path)


# The queries, run.

POWERSCHOOL = """
create function to_number(text) returns numeric language sql immutable as 'select nullif($1, '''')::numeric';
create table schools (school_number numeric, name text);
create table terms (id numeric, schoolid numeric, firstday date, lastday date);
create table termbins (
  schoolid numeric, termid numeric, storecode text, date1 date, date2 date, aregradeslocked numeric);
create table courses (course_number text, course_name text);
create table sections (
  dcid numeric, id numeric, schoolid numeric, termid numeric, course_number text, section_number text, teacher numeric);
create table roledef (id numeric, name text);
create table users (dcid numeric, teachernumber text);
create table schoolstaff (id numeric, users_dcid numeric);
create table sectionteacher (teacherid numeric, sectionid numeric, roleid numeric, start_date date, end_date date);
create table students (dcid numeric, id numeric, student_number numeric);
create table cc (studentid numeric, sectionid numeric, dateenrolled date, dateleft date);
create table districtteachercategory (districtteachercategoryid numeric, name text);
create table teachercategory (
  teachercategoryid numeric, usersdcid numeric, districtteachercategoryid numeric, name text, isactive numeric);
create table assignmentsection (
  assignmentsectionid numeric, assignmentid numeric, sectionsdcid numeric, name text, description text, duedate date,
  totalpointvalue numeric(18, 6));
create table assignmentcategoryassoc (assignmentsectionid numeric, teachercategoryid numeric, isprimary numeric);
create table assignmentscore (
  assignmentsectionid numeric, studentsdcid numeric, scorepoints numeric, isexempt numeric, ismissing numeric,
  isincomplete numeric);

insert into schools values (101, 'North'), (102, 'South'), (999, 'Closed long ago');
insert into terms values
  (3400, 101, '2026-08-20', '2027-06-10'), (3401, 101, '2026-08-20', '2027-01-15'),
  (3401, 102, '2026-08-24', '2027-01-22'), (3301, 101, '2025-08-20', '2026-01-15'),
  (1201, 999, '2004-08-20', '2005-01-15');
insert into termbins values
  (101, 3401, 'Q1', '2026-08-20', '2026-10-23', 1), (101, 3401, 'Q2', '2026-10-24', '2027-01-15', 0),
  (102, 3401, 'Q1', '2026-08-24', '2026-10-30', 0), (101, 3301, 'Q1', '2025-08-20', '2025-10-24', 1);
insert into courses values ('ALG1', 'Algebra 1'), ('BIO', 'Biology');
insert into sections values
  (85001, 501, 101, 3401, 'alg1', '1', 41), (85002, 502, 102, 3401, 'BIO', '2', 43),
  (80001, 401, 101, 3301, 'ALG1', '1', 41);
insert into roledef values (1, 'Regular Class'), (2, 'Co-teacher'), (3, 'Teacher''s Aide'), (4, 'Lead Teacher');
insert into users values (8301, 'T1'), (8302, 'T2'), (8303, 'T3'), (8304, 'T4');
insert into schoolstaff values (41, 8301), (42, 8302), (43, 8303), (44, 8304);
insert into sectionteacher values
  (41, 501, 1, '2026-08-20', null), (42, 501, 2, '2026-09-01', '2026-10-01'), (44, 501, 3, '2026-08-20', null),
  (43, 502, 3, null, null), (44, 502, 4, '2026-08-24', '2026-09-01'), (41, 401, 1, '2025-08-20', '2026-01-16');
insert into students values (81001, 1, 100001), (81002, 2, 100002);
insert into cc values
  (1, 501, '2026-08-20', '2027-01-16'), (2, -501, '2026-08-20', '2026-09-03'), (1, 502, '2026-08-24', '2027-01-23'),
  (1, 401, '2025-08-20', '2026-01-16'), (2, 501, '2027-08-01', '2027-08-02');
insert into districtteachercategory values (2, 'Tests'), (3, 'Quizzes');
insert into teachercategory values
  (4301, 8301, 2, 'Renamed by the teacher', 1), (4302, 8301, 3, 'Quizzes', 0), (4303, 8301, null, 'Own', 1),
  (4304, 8303, 2, 'Tests', 1);
insert into assignmentsection values
  (77001, 601, 85001, 'Unit 3 test (S130545)', 'Passback otus a1', '2026-09-28', 12), (77002, 602, 85001, 'Essay', null,
  '2026-11-02', 27.5), (77003, 603, 85002, 'Other section', null, '2026-09-28', 5);
insert into assignmentcategoryassoc values (77001, 4302, 0), (77001, 4301, 1), (77002, 4302, 1);
insert into assignmentscore values (77001, 81002, null, 1, 0, 0), (77001, 81001, 9.5, 0, 0, 0);
"""


@pytest.fixture
def powerschool(empty_database_uri: str) -> Iterator[psycopg.Connection]:
    """A database with PowerSchool's tables and an invented district of two schools and a closed one."""
    with psycopg.connect(empty_database_uri) as connection:
        connection.execute(POWERSCHOOL.encode())
        yield connection


def _rows(connection: psycopg.Connection, name: str, **arguments: str | None) -> list[list[str | None]]:
    """The rows as PowerSchool gives them: every value text, NULL as None."""
    (query,) = (query for query in QUERIES if query.name == f"org.passback.gradebook.{name}")
    sent = dict.fromkeys(query.arguments, None) | arguments
    if "first_day" in query.arguments:
        sent |= {"first_day": "2026-07-01", "last_day": "2027-06-30"}
    sql = re.sub(r":(\w+)", r"%(\1)s::text", query.sql)
    return [[None if v is None else str(v) for v in row] for row in connection.execute(sql.encode(), sent)]


def test_schools_without_a_term_in_the_year_are_left_out(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "schools") == [["101", "North"], ["102", "South"]]


@pytest.mark.parametrize("every", [None, "0"])
def test_no_school_number_means_every_school(powerschool: psycopg.Connection, every: str | None) -> None:
    assert [row[0] for row in _rows(powerschool, "sections", school_number=every)] == ["85001", "85002"]
    assert [row[0] for row in _rows(powerschool, "sections", school_number="102")] == ["85002"]


def test_a_section_has_the_dates_of_its_own_schools_term(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "sections") == [
        ["85001", "501", "101", "3401", "Algebra 1", "1", "2026-08-20", "2027-01-15"],
        ["85002", "502", "102", "3401", "Biology", "2", "2026-08-24", "2027-01-22"],
    ]


def test_the_lead_is_the_sections_teacher_whatever_the_district_calls_the_role(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "section_teachers", school_number="101") == [
        ["85001", "8301", "T1", "lead", "2026-08-20", None],
        ["85001", "8302", "T2", "co", "2026-09-01", "2026-10-01"],
    ]


def test_an_aide_teaches_nothing_unless_the_section_is_theirs(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "section_teachers", school_number="102") == [
        ["85002", "8303", "T3", "lead", None, None],
        ["85002", "8304", "T4", "lead", "2026-08-24", "2026-09-01"],
    ]


def test_categories_come_under_the_districts_name_and_own_ones_do_not_come(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "teacher_categories", school_number="101") == [
        ["8301", "4301", "Tests", "true"],
        ["8301", "4302", "Quizzes", "false"],
    ]
    assert len(_rows(powerschool, "teacher_categories")) == 3


def test_a_dropped_enrolment_is_kept_and_marked(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "enrollments", school_number="101") == [
        ["85001", "81001", "100001", "2026-08-20", "2027-01-16", "false"],
        ["85001", "81002", "100002", "2026-08-20", "2026-09-03", "true"],
    ]


def test_grading_periods_of_other_years_are_left_out(powerschool: psycopg.Connection) -> None:
    assert _rows(powerschool, "grading_periods", school_number="101") == [
        ["101", "3401", "Q1", "2026-08-20", "2026-10-23"],
        ["101", "3401", "Q2", "2026-10-24", "2027-01-15"],
    ]
    assert len(_rows(powerschool, "grading_periods")) == 3


def test_a_sections_scores_come_with_assignments_that_have_none(powerschool: psycopg.Connection) -> None:
    first, description = "Unit 3 test (S130545)", "Passback otus a1"
    test = ["601", "77001", first, description, "2026-09-28", "12.000000", "4301", "true"]
    essay = ["602", "77002", "Essay", None, "2026-11-02", "27.500000", "4302", "false"]
    assert _rows(powerschool, "section_scores", section_dcid="85001") == [
        [*test, "81001", "9.5", "false", "false", "false"],
        [*test, "81002", None, "true", "false", "false"],
        [*essay, None, None, None, None, None],
    ]
