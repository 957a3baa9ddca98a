"""The small district's Schoology sections, who is in them, and the ordinary work that surrounds the cases."""

from sandbox.small.builder import CREATED
from sandbox.small.roster import ELSEWHERE, LARGE_CLASS, MAIN_STUDENTS, STAYS, ordinary_students, school_of
from sandbox.small.schoology_builder import MAIN, SchoologyCases, plain

SEMESTER, SHORT, OPTED_OUT, SOUTH, OVERLAPPING, SPRING = (f"43184{place:02d}" for place in range(2, 8))
SHARED, LARGE, NO_LEAD, TWO_LEADS, CLOSED = (f"43184{place:02d}" for place in range(8, 13))
ALSO_SHARED, FOREIGN, UNCODED, LAST_YEAR = "4318498", "4318499", "4318497", "4318496"
# Projects has no PowerSchool category in the map, Classwork has one that 8301 lacks, Homework one that is inactive.
CATEGORIES = ("Tests", "Quizzes", "Homework", "Classwork", "Projects")
# Both platforms: these sections have Otus classes too.
BOTH = (*range(86001, 86009), *range(86031, 86037))
FEW = [str(number) for number in MAIN_STUDENTS][:6]
# Students of 85001 who are not active in Schoology: archived, expired, pending.
NOT_ACTIVE: dict[str, str | int] = {"200028": "5", "200029": 2, "200030": "3"}
PERIODS = ((435, "Q1", "2026-08-17", "2026-10-16"), (436, "Q2", "2026-10-19", "2026-12-18"))


def add_sections(cases: SchoologyCases) -> None:
    """Add the sections of the cases; three of them PowerSchool does not have this year, and nothing asks for them."""
    cases.section(MAIN, "85001", [str(number) for number in MAIN_STUDENTS if str(number) not in NOT_ACTIVE], CATEGORIES)
    for number, status in NOT_ACTIVE.items():
        cases.enrol(number, status=status)
    for number in (*STAYS, ELSEWHERE):
        cases.enrol("00452" if number == "452" else number)
    for section, code in (
        (SEMESTER, "85002"),
        (SHORT, "85003"),
        (OPTED_OUT, "85004"),
        (SOUTH, "85005"),
        (OVERLAPPING, "85006"),
        (SPRING, "85007"),
        (SHARED, "85008"),
        (ALSO_SHARED, "85008"),
        (NO_LEAD, "85010"),
        (TWO_LEADS, "85011"),
        (FOREIGN, "99999"),
        (UNCODED, ""),
        (LAST_YEAR, "84001"),
    ):
        cases.section(section, code, FEW, CATEGORIES)
    cases.section(CLOSED, "85012", FEW, CATEGORIES, active=False)
    cases.section(LARGE, "85009", [str(number) for number in LARGE_CLASS], CATEGORIES)
    for held in cases.sections:
        cases.enrol("T8301", of=held.id, admin=1)  # teachers are members too
        for period in PERIODS:
            cases.period(held.id, *period)
    for year in range(2018, 2026):
        cases.period(MAIN, year, f"S1 {year}-{year % 100 + 1}", f"{year}-08-11", f"{year}-12-19")
        cases.period(MAIN, year * 10, f"S2 {year}-{year % 100 + 1}", f"{year + 1}-01-06", f"{year + 1}-06-05")
    cases.period(MAIN, 431, "Summer bridge", "2026-06-08", "2026-08-21")
    cases.period(MAIN, 437, "First nine weeks", "2026-08-17", "2026-10-23")


def add_sections_cases(cases: SchoologyCases) -> None:
    """Add what there is to say of whole sections: shared codes, closed ones, and those that nothing asks for."""
    for section, name in ((SHARED, "shared-code"), (ALSO_SHARED, "also-shared-code")):
        cases.item(name, CREATED, "each section its own, equal titles and all", of=section, title="Proof Portfolio")
    cases.item("closed-section", CREATED, "an inactive section is read like an active one", of=CLOSED)
    for section, name in ((FOREIGN, "foreign"), (UNCODED, "uncoded"), (LAST_YEAR, "last-years-section")):
        cases.leave_out(cases.item(name, CREATED, "PowerSchool has no such section this year", of=section))
    large = cases.item("large-class", CREATED, "more grades than one page holds", of=LARGE, scored=False)
    for member in LARGE_CLASS:
        cases.grade(large, str(member), CREATED, grade=member % 10)


def add_ordinary_work(cases: SchoologyCases) -> None:
    """Add five plain items of four plain grades to each of fourteen ordinary sections."""
    for place, dcid in enumerate(BOTH):
        section, numbers = str(4318500 + dcid - 86000), ordinary_students(dcid)
        cases.section(section, str(dcid), numbers, CATEGORIES[:3])
        cases.enrol(f"T{dcid - 77600}", of=section, admin=1)
        for period in PERIODS:
            cases.period(section, *period)
        for turn in range(5):
            # School 102 has a word of its own for Quizzes.
            category = ("Tests", "Quizzes", "Homework")[(turn + school_of(dcid)) % 3]
            name = f"ordinary-{dcid}-{turn + 1}"
            plain(cases, section, name, numbers, 1 + (place * 5 + turn) % 28, category=category)
