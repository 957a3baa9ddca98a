"""Otus's content of a generated district, each record written straight as its JSON bytes."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from sandbox.district import District
from sandbox.generator_recipe import SECTIONS_PER_TEACHER, TOPICS, Calendar, Mix, Recipe, Size

GROUP = "PowerSchool Gradebook Passback"
TYPES = np.array(["Quiz", "Test", "Homework"])
CHUNK = 200_000
Numbers = np.ndarray[Any, np.dtype[Any]]


def write_people(district: District, size: Size) -> None:
    """Write Otus's users, students and classes for the roster."""
    at = b"2026-08-01T12:00:00Z"
    district.otus["users"] = [
        b'{"id":"u%d","updated_at":"%b","deleted":false,"role":"teacher","sis_id":"%d","groups":["%b"]}'
        % (t, at, 8001 + t, GROUP.encode())
        for t in range(size.teachers)
    ]
    district.otus["students"] = [
        b'{"id":"st%d","updated_at":"%b","deleted":false,"sis_id":"%d"}' % (s, at, 2000001 + s)
        for s in range(size.students)
    ]
    district.otus["classes"] = [
        b'{"id":"c%d","updated_at":"%b","deleted":false,"name":"%b %b","school_id":"%d","sis_section_id":"%d",'
        b'"teacher_ids":["u%d"]}'
        % (
            s,
            at,
            row.course_name.encode(),
            row.section_number.encode(),
            row.school_number,
            row.section_dcid,
            s // SECTIONS_PER_TEACHER,
        )
        for s, row in enumerate(district.sections)
    ]


def write_assessments(district: District, recipe: Recipe, rng: np.random.Generator) -> Numbers:
    """Write one assessment for each turn of each teacher, shared by the teacher's sections; gives their totals."""
    size, calendar, per_section, mix, otus_items = recipe
    count = size.teachers * per_section
    totals = rng.choice(np.array([5.0, 10, 12, 20, 25, 50, 100]), count)
    totals[rng.random(count) < mix.fraction] = 27.5
    kinds = np.where(rng.random(count) < mix.unmapped, "Survey", TYPES[rng.integers(0, 3, count)]).tolist()
    scales = np.where(rng.random(count) < mix.standards, "standards", "points").tolist()
    made = calendar.current()[0]
    encode = msgspec.json.encode
    district.otus["assessments"] = [
        encode(
            {
                "id": f"as{a}",
                "updated_at": f"{made}T13:00:00Z",
                "deleted": False,
                "identifier": f"S{200000 + a}",
                "title": f"{TOPICS[a % 10]} {a % per_section + 1}: {kind.lower()} of the unit",
                "kind": "assessment",
                "assessment_type": kind,
                "grading_scale": scale,
                "points_possible": total,
                "created_at": f"{made}T13:00:00Z",
            }
        )
        for a, (kind, scale, total) in enumerate(zip(kinds, scales, totals.tolist(), strict=True))
        if a % per_section < otus_items
    ]
    return totals


def write_assignments(district: District, recipe: Recipe, rng: np.random.Generator) -> None:
    """Write every item: an assessment given to one section."""
    size, calendar, per_section, mix, otus_items = recipe
    first, last = (np.datetime64(day) for day in calendar.current())
    # Assigned from the second week on, so that every item lies after a district's effective date.
    days = int((last - first).astype(int)) + 1
    due = first + rng.integers(min(14, days - 1), days, size.items).astype("timedelta64[D]")
    due = np.where(rng.random(size.items) < mix.outside_period, last + np.timedelta64(1, "D"), due)
    given_on = np.minimum(due, last).astype("datetime64[D]") - np.timedelta64(7, "D")
    assigned = np.datetime_as_string(given_on.astype("datetime64[D]")).tolist()
    missing = (rng.random(size.items) < mix.no_due_date).tolist()
    counted = (rng.random(size.items) >= mix.not_in_final_grade).tolist()
    deleted = (rng.random(size.items) < mix.deleted_item).tolist()
    rows = zip(np.datetime_as_string(due).tolist(), assigned, missing, counted, deleted, strict=True)
    encode = msgspec.json.encode
    records = district.otus["assignments"] = []
    for item, (day, given, is_missing, is_counted, is_deleted) in enumerate(rows):
        section, turn = divmod(item, per_section)
        if turn >= otus_items:
            continue
        teacher = section // SECTIONS_PER_TEACHER
        records.append(
            encode(
                {
                    "id": f"a{item}",
                    "updated_at": f"{given}T14:00:00Z",
                    "deleted": is_deleted,
                    "assessment_id": f"as{teacher * per_section + turn}",
                    "class_id": f"c{section}",
                    "assigned_by": f"u{teacher}",
                    "assigned_at": f"{given}T14:00:00Z",
                    "due_date": None if is_missing else day,
                    "submission_date": None,
                    "include_in_final_grade": is_counted,
                }
            )
        )


def write_scores(recipe: Recipe, rng: np.random.Generator, totals: Numbers) -> Iterator[bytes]:
    """Write the Otus scores item by item, seat by seat, a chunk at a time."""
    size, calendar, per_section, mix, otus_items = recipe
    moments = _moments(calendar)
    points_of = [b"%g" % (half / 2) for half in range(int(totals.max() * 2) + 9)]
    for start in range(0, size.scores, CHUNK):
        place = np.arange(start, min(start + CHUNK, size.scores))
        item, seat = np.divmod(place, size.students_per_section)
        section, turn = np.divmod(item, per_section)
        student = section // size.sections_per_student * size.students_per_section + seat
        total = totals[section // SECTIONS_PER_TEACHER * per_section + turn]
        half = np.floor(total * 2 * np.sqrt(rng.random(len(place)))).astype(np.int64)
        half = np.where(rng.random(len(place)) < mix.above_total, (total * 2).astype(np.int64) + 2, half)
        status, has_points = _statuses(rng, len(place), mix)
        excluded = rng.random(len(place)) < mix.excluded
        when = rng.integers(0, len(moments), len(place))
        columns = (place, item, student, half, status, has_points, excluded, when)
        otus = turn < otus_items
        for i, a, st, h, s, p, x, m in zip(*(column[otus].tolist() for column in columns), strict=True):
            yield (
                b'{"id":"s%d","updated_at":"%b","deleted":false,"assignment_id":"a%d","student_id":"st%d",'
                b'"status":"%b","points":%b,"excluded":%b,"excused":false,"missing":false}'
                % (i, moments[m], a, st, s, points_of[h] if p else b"null", b"true" if x else b"false")
            )


def _statuses(rng: np.random.Generator, count: int, mix: Mix) -> tuple[Numbers, Numbers]:
    """Draw each score's status, and whether it has points."""
    names = np.array([b"not_started", b"in_progress", b"turned_in", b"graded"], dtype=object)
    edges = np.cumsum([mix.not_started, mix.in_progress, mix.turned_in])
    drawn = np.searchsorted(edges, rng.random(count), side="right")
    has_points = (drawn >= 2) & (rng.random(count) >= mix.without_points)
    return names[drawn], has_points


def _moments(calendar: Calendar) -> list[bytes]:
    """List sixty-four moments in the days before the as-of day."""
    day = np.datetime64(calendar.as_of)
    return [f"{day - np.timedelta64(1 + m % 16, 'D')}T{9 + m // 16:02d}:{m % 60:02d}:00Z".encode() for m in range(64)]
