"""A seeded district of any size: the same arguments give the same bytes, and a million scores take seconds."""

import numpy as np

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    Section,
    SectionTeacher,
    Student,
    TeacherCategory,
)
from sandbox.generator_recipe import (
    CLEAN,
    MOST_STUDENTS,
    REALISTIC,
    SECTIONS_PER_TEACHER,
    TOPICS,
    Calendar,
    Mix,
    Recipe,
    Size,
)
from sandbox.generator_schoology import write_sections
from sandbox.generator_work import write_assessments, write_assignments, write_people, write_scores

CATEGORIES = ("Quizzes", "Tests", "Homework", "Daily Work")

__all__ = ["CLEAN", "REALISTIC", "Mix", "generate"]


def generate(
    seed: int = 1,
    *,
    scores: int | None = None,
    schools: int | None = None,
    sections_per_school: int = 80,
    students_per_section: int = 25,
    items_per_section: int = 10,
    as_of: str = "2026-10-15",
    mix: Mix = REALISTIC,
    schoology: float = 0.0,
) -> District:
    """Make a district, by the number of scores or by the number of schools.

    With `scores`, exactly so many are made, on as many items, sections and schools as they need; with `schools`, all
    sections are full. Beyond 100,000 students, students take several sections. All dates fit the as-of day's quarter.
    `schoology` is the share of each section's items that are Schoology's, the last ones, rounded to whole items; the
    rest are the Otus items that the same arguments give without it.
    """
    if not 0 <= schoology <= 1:
        raise ValueError("the share of Schoology is from 0 to 1")
    size = _size(scores, schools, sections_per_school, students_per_section, items_per_section)
    otus_items = items_per_section - round(items_per_section * schoology)
    recipe = Recipe(size, Calendar.of(as_of), items_per_section, mix, otus_items)
    rng = np.random.default_rng(seed)
    district = _roster(recipe, rng)
    totals = write_assessments(district, recipe, rng)
    write_people(district, size)
    write_assignments(district, recipe, rng)
    district.otus["scores"] = list(write_scores(recipe, rng, totals))
    if otus_items < items_per_section:
        district.schoology = write_sections(district, recipe, np.random.default_rng([seed, 2]))
    return district


def _size(scores: int | None, schools: int | None, per_school: int, students: int, per_section: int) -> Size:
    if (scores is None) == (schools is None):
        raise ValueError("give either scores or schools")
    wanted = scores if scores is not None else (schools or 1) * per_school * students * per_section
    if wanted < 1:
        raise ValueError("a district needs a score")
    items = -(-wanted // students)
    sections = -(-items // per_section)
    shared = -(-sections * students // MOST_STUDENTS)
    count = min(sections, max(2, -(-sections // per_school))) if schools is None else schools
    return Size(count, sections, items, wanted, students, shared)


def _roster(recipe: Recipe, rng: np.random.Generator) -> District:
    size, calendar, _, mix, _ = recipe
    first, last, leave = calendar.fall("08-10"), calendar.spring("06-04"), calendar.spring("06-05")
    entry = calendar.fall("08-17")
    dropped = rng.random(size.sections * size.students_per_section) < mix.dropped
    schools = [School(101 + place, f"School {101 + place}") for place in range(size.schools)]
    sections = [
        Section(
            500001 + s,
            1 + s,
            101 + s * size.schools // size.sections,
            calendar.term_id,
            TOPICS[s % 10],
            f"{s % 97 + 1:02d}",
            first,
            last,
        )
        for s in range(size.sections)
    ]
    teachers = [
        SectionTeacher(500001 + s, user, f"T{user}", "lead", first)
        for s in range(size.sections)
        for user in (8001 + s // SECTIONS_PER_TEACHER,)
    ]
    seats = range(size.students_per_section)
    flags = iter(dropped.tolist())
    stays = [
        Enrollment(500001 + s, 1000001 + size.student(s, seat), entry, leave, next(flags))
        for s in range(size.sections)
        for seat in seats
    ]
    copies = [
        TeacherCategory(8001 + t, 100001 + t * len(CATEGORIES) + c, name, calendar.term_id // 100, True, c + 1)
        for t in range(size.teachers)
        for c, name in enumerate(CATEGORIES)
    ]
    periods = [
        GradingPeriod(school.school_number, calendar.term_id, *period)
        for school in schools
        for period in calendar.periods()
    ]
    students = [Student(1000001 + s, str(2000001 + s)) for s in range(size.students)]
    return District(schools, sections, teachers, students, stays, copies, periods)
