"""One batch of Schoology's records through a whole night over HTTP, and every promise looked after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from fuzz import oracle, report, schoology_oracle, stored
from fuzz.finding import expect
from fuzz.ground import Ground, Night, district, night
from fuzz.oracle import Judged
from fuzz.schoology_records import SECTIONS, STUDENTS, sections
from fuzz.sent import sent_as_wanted
from sandbox.district import SchoologySection

TABLES = {
    "items": ("schoology_item", "grade_items"), "enrollments": ("schoology_enrollment", "enrollments"),
    "categories": ("schoology_category", "grading_categories"), "periods": ("schoology_grading_period",
    "grading_periods"),
}  # fmt: skip
# Of the others a bad record is in quarantine only.
KEEPS_BAD = ("items", "enrollments")
NEWEST = 2**63 - 1
Read = list[tuple[str, Judged]]


def check(ground: Ground, drawn: Mapping[str, list[bytes]], *, page: int = 200) -> dict[str, int]:
    """A night over sections with the records; raises Find where a promise is broken. Returns what there was of what."""
    served = sections(drawn)
    with night(ground, district(SECTIONS, STUDENTS, schoology=served), page=page) as made:
        made.open()
        made.extract("schoology")
        counts = made.counts
        # An id that comes twice keeps a listing from being complete: what came is taken in all the same.
        expect(counts["failed"] == counts["left"] == 0, "no record costs its section", str(counts))
        read = judged(served)
        for name in ("items", "enrollments", "categories", "periods"):
            listing_is_right(made, name, read[name])
        grades_are_right(made, read["grades"])
        told = made.finish()
        expect(not told["refused"], "the gate lets this batch through", str(told["refused"]))
        everything_is_in_the_books(made, told)
        compared = scores_are_right(made)
        report.check(made, told)
        stored.no_canary(made)
        sent = {row["outcome"]: row["count"] for row in made.rows(
            "select outcome, count(*) from report.score_outcome group by outcome order by outcome")}  # fmt: skip
    return {"records": sum(len(of) for of in read.values()), "sent": compared, **sent}


def judged(served: list[SchoologySection]) -> dict[str, Read]:
    """Every record with its section, by collection."""
    return {
        name: [
            (one.id, oracle.judged(raw, checks, schoology_oracle.DEFAULTS[name]))
            for one in served
            for raw in getattr(one, name)
        ]
        for name, checks in schoology_oracle.CHECKS.items()
    }


def listing_is_right(made: Night, name: str, read: Read) -> None:
    """Each record is staged with what it says, or quarantined under its key; the last of a key counts."""
    table, collection = TABLES[name]
    by_key, homes = _by_key(name, read)
    keyless = by_key.pop("", [])
    key = "id" if name in KEEPS_BAD else "section_id || ':' || id"
    staged = {row["key"]: row for row in made.rows(f"select {key} as key, * from staging.{table}")}
    quarantined = "select source_id from staging.quarantine where source = 'schoology' and collection = %s"
    bad = Counter(row["source_id"] for row in made.rows(quarantined, collection))
    least, unsure = sum(not each.unsure for each in keyless), sum(each.unsure for _, each in read)
    least = 0 if name in ("categories", "periods") else least
    expect(
        least <= bad[""] <= len(keyless) + unsure,
        "what has no id is quarantined",
        f"{name} {bad['']}, {least} + {unsure}",
    )
    column = {"categories": "categories_read_at", "periods": "periods_read_at"}.get(name, "swept_at")
    asked = {
        row["section_id"]
        for row in made.rows(f"select section_id from passback.schoology_place where {column} is not null")
    }
    for key, versions in by_key.items():
        row = staged.pop(key, None)
        if column != "swept_at" and not homes[key] <= asked:
            continue  # such lists are read only where an item needs them
        # An enrolment belongs to one section: of several, any may be the one that counts.
        if len(homes[key]) == 1:
            _version_is_right(name, key, row, versions, bad[key])
    expect(bool(unsure) or not staged, "nothing is staged that never came", f"{name}: {sorted(staged)[:3]}")


def _by_key(name: str, read: Read) -> tuple[dict[str, list[Judged]], dict[str, set[str]]]:
    """The versions of each key in their order ('' where there is none), and the sections that it came from."""
    versions: dict[str, list[Judged]] = defaultdict(list)
    homes: dict[str, set[str]] = defaultdict(set)
    for section_id, version in read:
        key = version.key if name == "enrollments" or not version.key else f"{section_id}:{version.key}"
        versions[key].append(version)
        homes[key].add(section_id)
    return versions, homes


def _version_is_right(name: str, key: str, row: dict[str, Any] | None, versions: list[Judged], bad: int) -> None:
    sure = not any(each.unsure for each in versions)
    is_bad = bool(versions[-1].wrong)
    expect(
        bad <= 1 and (not sure or bad == is_bad),
        "what is bad is quarantined once",
        f"{name} {key} {bad} {versions[-1]}",
    )
    expect(row is not None or bool(bad) or not sure, "no record is lost", f"{name} {key}")
    if row is None or name not in KEEPS_BAD:
        return
    expect((bad == 1) == (row["invalid"] is not None), "a bad record is staged as such", f"{name} {key} {bad}")
    if name == "items" and sure and not is_bad:
        may = _item(versions[-1])
        held = {column: row[column] for column in may}
        expect(held == may, "no value is changed", f"{key}: {held} for {may}")


def _item(version: Judged) -> dict[str, Any]:
    """What staging holds of a good item."""
    total, _ = version.values["max_points"]
    return {
        "title": version.values.get("title"), "due_on": version.values.get("due"),
        "max_points": None if total is None else oracle.as_float(total), "published": version.values.get("published"),
        "grading_category": version.values.get("grading_category"),
    }  # fmt: skip


def grades_are_right(made: Night, read: Read) -> None:
    """Each grade of a known item that is no final column is staged once, with its newest version's number."""
    items = made.rows(
        "select id, section_id, grade_item_id, other_id, is_final from staging.schoology_item order by id"
    )
    own = {row["id"]: row for row in items}
    other: dict[tuple[str, str], dict[str, Any]] = {}
    for row in items:
        if row["other_id"]:
            other.setdefault((row["section_id"], row["other_id"]), row)
    wanted: dict[str, dict[str, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for section_id, version in read:
        named, seat = version.values.get("assignment_id"), version.values.get("enrollment_id")
        if named and seat:
            item = own.get(f"{section_id}:{named}") or other.get((section_id, named))
            if item is not None:
                wanted[f"{item['id']}:{seat}"][named].append(version)
    staged = {row["id"]: row for row in made.rows("select * from staging.schoology_grade")}
    finals = {row["id"] for row in items if row["is_final"]}
    for key, by_name in wanted.items():
        versions = [each for of in by_name.values() for each in of]
        sure = not any(each.unsure for each in versions) and len(by_name) == 1
        of_key = staged.pop(key, None)
        if of_key is None:
            final = key.rpartition(":")[0] in finals or any(each.values.get("is_final") for each in versions)
            expect(final or not sure, "no grade is lost", key)
        elif sure:
            _grade_is_right(key, of_key, versions)
    expect(
        not staged or any(each.unsure for _, each in read),
        "no grade is staged that never came",
        str(sorted(staged)[:3]),
    )


def _grade_is_right(key: str, row: Mapping[str, Any], versions: list[Judged]) -> None:
    def at(place: int) -> tuple[int, int]:
        version = versions[place]
        return (NEWEST if "timestamp" in version.wrong else version.values.get("timestamp") or 0), place

    counts = versions[max(range(len(versions)), key=at)]
    expect((row["invalid"] is not None) == bool(counts.wrong), "what is bad is what breaks the contract",
           f"{key}: {row['invalid']} {counts.wrong}")  # fmt: skip
    if not counts.wrong:
        number, unreadable = counts.values["grade"]
        held = (row["grade"], row["grade_unreadable"], row["exception"])
        told = (None if number is None else oracle.six_decimals(number), unreadable, counts.values["exception"])
        expect(held == told, "no value is changed", f"{key}: {held} for {told}")


def everything_is_in_the_books(made: Night, told: dict[str, Any]) -> None:
    """Each staged item of the year has one outcome, each grade of such an item one, and what has no key its own."""
    for level, table, key in (
        ("item", "schoology_item", "source_item_id"),
        ("score", "schoology_grade", "source_score_id"),
    ):
        found = made.rows(f"select {key} as key, outcome from report.{level}_outcome")
        twice = [each for each, times in Counter(row["key"] for row in found).items() if each and times > 1]
        expect(not twice and all(row["outcome"] for row in found), f"each {level} has one outcome", str(twice[:3]))
        of_item = "t.id" if level == "item" else "t.item_id"
        lost = made.rows(
            f"select t.* from staging.{table} as t where not exists (select from passback.run_{level} as r "
            f"where r.{key} = t.id) and not exists (select from staging.schoology_item as i left join "
            "staging.schoology_grading_period as p on p.section_id = i.section_id and p.id = i.grading_period "
            f"where i.id = {of_item} and (i.due_on not between '2026-07-01' and '2027-06-30' "
            "or p.end_on not between '2026-07-01' and '2027-06-30')) limit 3"
        )
        expect(not lost, f"every staged {level} of the year is judged", str(lost))
    expect(told["balanced"], "the books balance", str(told["red"]))


def scores_are_right(made: Night) -> int:
    """Each grade's primary code, and what was sent, follow from what is staged; gives how many were sent."""
    scores = made.rows(
        "select r.source_score_id, r.outcome, c.code, g.grade, g.grade_unreadable, g.exception, g.changed_at, "
        "g.enrollment_id, "
        "g.invalid is not null or e.invalid is not null as bad, e.student_number, i.outcome as item_outcome, "
        "i.source_item_id, i.section_dcid, coalesce(t.assignees, '{}') as assignees "
        "from passback.run_score as r join staging.schoology_grade as g on g.id = r.source_score_id "
        "left join staging.schoology_enrollment as e on e.id = g.enrollment_id "
        "join passback.run_item as i on i.run_key = r.run_key and i.item_no = r.item_no "
        "join staging.schoology_item as t on t.id = g.item_id "
        "left join passback.code as c on 1::bigint << c.bit = r.codes & -r.codes and r.outcome is not null"
    )
    newest = _newest_of_each(scores)
    wanted: dict[tuple[str, int], float] = {}
    for row in scores:
        code = _code(row, newest)
        expect((row["code"] or "") == code, "the score's code is that of the rules", f"{row}: {code!r}")
        if not code and row["item_outcome"] is None and not row["exception"]:
            wanted[row["source_item_id"], int(row["student_number"]) + 80_000] = row["grade"]
    return sent_as_wanted(made.box, "schoology", wanted)


def _newest_of_each(scores: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    competing: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in scores:
        if not row["bad"] and row["student_number"]:
            competing[row["source_item_id"], row["student_number"]].append(row)
    return {key: max(rows, key=_version(rows))["source_score_id"] for key, rows in competing.items()}


def _version(rows: list[dict[str, Any]]) -> Any:
    """The later is the newer, then the higher enrolment: by number where all of that time are numbers."""

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        equals = [each["enrollment_id"] for each in rows if each["changed_at"] == row["changed_at"]]
        numeric = all(each.isascii() and each.isdigit() for each in equals)
        at = row["changed_at"]
        return at is not None, at or 0, int(row["enrollment_id"]) if numeric else 0, row["enrollment_id"].encode()

    return order


def _code(row: Mapping[str, Any], newest: Mapping[tuple[str, str], str]) -> str:
    if row["bad"]:
        return "SOURCE_RECORD_INVALID"
    number = row["student_number"]
    if number and newest[row["source_item_id"], number] != row["source_score_id"]:
        return "SUPERSEDED"
    if not number:
        return "STUDENT_NOT_FOUND"
    if row["section_dcid"] is not None and number not in STUDENTS:
        return "STUDENT_NOT_ENROLLED"
    if row["assignees"] and row["enrollment_id"] not in row["assignees"]:
        return "NOT_ASSIGNED_TO_STUDENT"
    return schoology_oracle.own_code(row)
