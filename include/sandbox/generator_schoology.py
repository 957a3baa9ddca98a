"""Schoology's content of a generated district: a section for each of PowerSchool's, each record as its JSON bytes."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import msgspec
import numpy as np

from sandbox.district import District, SchoologySection, Section
from sandbox.generator_recipe import SECTIONS_PER_TEACHER, TOPICS, Calendar, Mix, Recipe, Size
from sandbox.generator_work import CHUNK, Numbers

SECTION, ITEM, SEAT, TEACHER = 4_000_001, 7_000_001, 40_000_001, 30_000_001
CATEGORIES = ("Tests", "Quizzes", "Homework", "Projects")  # nothing is mapped to Projects
WORDS = ("test", "quiz", "homework", "project")
KINDS = ("assignment", "assessment", "discussion")


class _Items(NamedTuple):
    """Schoology's items in the order of their sections: their numbers in the district, and what they are worth."""

    number: Numbers
    total: Numbers


def write_sections(district: District, recipe: Recipe, rng: np.random.Generator) -> list[SchoologySection]:
    """Write every section with its members, categories and periods, and those items that are not Otus's."""
    size, calendar = recipe.size, recipe.calendar
    sections = [_section(row, place, size, calendar) for place, row in enumerate(district.sections)]
    numbers = np.arange(size.items)
    mine = numbers[numbers % recipe.items_per_section >= recipe.otus_items]
    items = _Items(mine, rng.choice(np.array([5.0, 10, 12.5, 20, 25, 50, 100]), len(mine)))
    for section, record in _item_records(items, recipe, rng):
        sections[section].items.append(record)
    for section, records in groupby(_grade_records(items, recipe, rng), key=lambda pair: pair[0]):
        sections[section].grades.extend(record for _, record in records)
    return sections


def _section(row: Section, place: int, size: Size, calendar: Calendar) -> SchoologySection:
    quarters = calendar.periods()[:4]
    seats = range(size.students_per_section)
    teacher = 8001 + place // SECTIONS_PER_TEACHER
    return SchoologySection(
        id=str(SECTION + place),
        section_school_code=str(row.section_dcid),
        course_title=row.course_name,
        section_title=row.section_number,
        grading_periods=list(range(1, len(quarters) + 1)),
        categories=[
            b'{"id":%d,"title":"%b"}' % (10 * (place + 1) + c, title.encode()) for c, title in enumerate(CATEGORIES)
        ],
        periods=[
            b'{"id":%d,"title":"%b","start":"%b 00:00:00","end":"%b 00:00:00"}'
            % (q, code.encode(), first.encode(), last.encode())
            for q, (code, first, last) in enumerate(quarters, 1)
        ],
        enrollments=[
            b'{"id":"%d","uid":"%d","school_uid":"T%d","admin":1,"status":"1"}' % (TEACHER + place, teacher, teacher),
            *(
                b'{"id":"%d","uid":"%d","school_uid":"%d","admin":0,"status":"1"}'
                % (SEAT + place * len(seats) + seat, 2000001 + student, 2000001 + student)
                for seat in seats
                for student in (size.student(place, seat),)
            ),
        ],
    )


def _item_records(items: _Items, recipe: Recipe, rng: np.random.Generator) -> Iterator[tuple[int, bytes]]:
    """Write the items, each with its section's place."""
    mix, per_section, count = recipe.mix, recipe.items_per_section, len(items.number)
    first, last = (np.datetime64(day) for day in recipe.calendar.current())
    # Due from the second week on, so that every item lies after a district's effective date.
    days = int((last - first).astype(int)) + 1
    due = first + rng.integers(min(14, days - 1), days, count).astype("timedelta64[D]")
    due = np.where(rng.random(count) < mix.outside_period, last + np.timedelta64(1, "D"), due)
    dated = (rng.random(count) >= mix.no_due_date).tolist()
    category = np.where(rng.random(count) < mix.unmapped, 3, rng.integers(0, 3, count))
    category = np.where(rng.random(count) < mix.no_category, -1, category).tolist()
    published = (rng.random(count) >= mix.unpublished).tolist()
    counted = (rng.random(count) >= mix.not_in_final_grade).tolist()
    scale = np.where(rng.random(count) < mix.standards, "21337256", "0").tolist()
    kind = rng.integers(0, 3, count).tolist()
    quarter = [period[1] for period in recipe.calendar.periods()[:4]].index(str(first)) + 1
    columns = (items.number.tolist(), items.total.tolist(), np.datetime_as_string(due).tolist(), dated, category)
    encode = msgspec.json.encode
    for number, total, day, has_day, c, is_out, counts, s, k in zip(
        *columns, published, counted, scale, kind, strict=True
    ):
        section, turn = divmod(number, per_section)
        record = {
            "id": ITEM + number,
            "title": f"{TOPICS[number % 10]} {turn + 1}: {WORDS[max(c, 0)]} of the unit",
            "description": "",
            "due": f"{day} 23:59:00" if has_day else "",
            "grading_scale": s,
            "grading_period": str(quarter),
            "grading_category": str(10 * (section + 1) + c) if c >= 0 else "0",
            "max_points": f"{total:g}",
            "factor": "1",
            "is_final": "0",
            "published": int(is_out),
            "type": KINDS[k],
            "grade_item_id": ITEM + number,
            "assignees": [],
        }
        yield section, encode(record if counts else {**record, "count_in_grade": 0})


def _grade_records(items: _Items, recipe: Recipe, rng: np.random.Generator) -> Iterator[tuple[int, bytes]]:
    """Write the grades item by item, seat by seat, a chunk at a time, each with its section's place."""
    students, mix = recipe.size.students_per_section, recipe.mix
    at = int(np.datetime64(recipe.calendar.as_of).astype("datetime64[s]").astype(int)) - 16 * 86400
    points_of = [b"%g" % (half / 2) for half in range(int(items.total.max(initial=0) * 2) + 9)]
    texts_of = [b'"%b"' % points for points in points_of]
    per_chunk = max(1, CHUNK // students)
    for start in range(0, len(items.number), per_chunk):
        number = np.repeat(items.number[start : start + per_chunk], students)
        total = np.repeat(items.total[start : start + per_chunk], students)
        seat = np.tile(np.arange(students), len(number) // students)
        half, exception, has_grade, as_text = _drawn(rng, total, mix)
        most = (total * 2).astype(np.int64)
        when = at + rng.integers(0, 15 * 86400, len(number))
        made = number * students + seat < recipe.size.scores
        section = number // recipe.items_per_section
        seats = SEAT + section * students + seat
        columns = (section, seats, ITEM + number, half, has_grade, as_text, exception, most, when)
        for s, e, i, h, g, t, x, m, w in zip(*(column[made].tolist() for column in columns), strict=True):
            grade = (texts_of if t else points_of)[h] if g else b"null"
            yield (
                s,
                b'{"enrollment_id":%d,"assignment_id":%d,"grade":%b,"exception":%d,"max_points":%b,"is_final":0,'
                b'"timestamp":%d,"comment":"","type":"assignment"}' % (e, i, grade, x, points_of[m], w),
            )


def _drawn(rng: np.random.Generator, total: Numbers, mix: Mix) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Draw each grade in half points, its exception, whether there is a grade, and whether it is a text."""
    count = len(total)
    half = np.floor(total * 2 * np.sqrt(rng.random(count))).astype(np.int64)
    half = np.where(rng.random(count) < mix.above_total, (total * 2).astype(np.int64) + 2, half)
    edges = np.cumsum([mix.excused, mix.incomplete, mix.missing])
    drawn = np.searchsorted(edges, rng.random(count), side="right")
    exception = np.where(drawn < 3, drawn + 1, 0)
    has_grade = (rng.random(count) >= mix.without_grade) & (exception == 0)
    return half, exception, has_grade, rng.random(count) < mix.as_text
