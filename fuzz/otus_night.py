"""One batch of Otus's records through a whole night, and every promise looked after: nothing lost, nothing changed."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fuzz import otus_oracle, report, stored
from fuzz.finding import expect
from fuzz.ground import Ground, Night, district, night
from fuzz.oracle import Judged
from fuzz.otus_records import SECTIONS, STUDENTS, good, numbered
from fuzz.sent import sent_as_wanted

Records = Mapping[str, list[bytes]]


def with_good(drawn: Records) -> dict[str, list[bytes]]:
    """The drawn records, numbered, behind the good ones."""
    hostile = numbered(drawn)
    return {name: [*records, *hostile.get(name, [])] for name, records in good().items()}


def write_export(folder: Path, records: Records) -> Path:
    """A full export of the records, one a line, with a true manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, lines in records.items():
        data = b"".join(line + b"\n" for line in lines)
        stored_as = gzip.compress(data, 1)
        (folder / f"{name}.jsonl.gz").write_bytes(stored_as)
        rows = sum(1 for line in data.split(b"\n") if line.strip())
        files[f"{name}.jsonl.gz"] = {"rows": rows, "sha256": hashlib.sha256(stored_as).hexdigest()}
    manifest = {"exported_at": "2026-10-15T05:00:00Z", "full": True, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def check(ground: Ground, drawn: Records) -> dict[str, int]:
    """A night over an export of the records; raises Find where a promise is broken. Returns what there was of what."""
    records = with_good(drawn)
    files = write_export(ground.home / "export", records)
    lines = {name: b"\n".join(held).split(b"\n") for name, held in records.items()}
    with night(ground, district(SECTIONS, STUDENTS), files=files) as made:
        made.open()
        made.extract("otus")
        judged = {name: otus_oracle.judge(name, held) for name, held in lines.items()}
        for name, versions in judged.items():
            staging_is_right(made, name, versions)
        told = made.finish()
        expect(not told["refused"], "the gate lets this batch through", str(told["refused"]))
        everything_is_in_the_books(made, told)
        compared = scores_are_right(made)
        report.check(made, told)
        stored.no_canary(made)
        sent = {row["outcome"]: row["count"] for row in made.rows(
            "select outcome, count(*) from report.score_outcome group by outcome order by outcome")}  # fmt: skip
    return {"records": sum(map(len, judged.values())), "sent": compared, **sent}


def staging_is_right(made: Night, collection: str, versions: list[Judged]) -> None:
    """Every record is in staging with its values or quarantined, once; what is not sure may be either, unchanged."""
    counts = made.counts["collections"][collection]
    expect(counts["received"] == len(versions), "every record counts as received", f"{collection}: {counts}")
    by_id: dict[str, list[Judged]] = defaultdict(list)
    for version in versions:
        by_id[version.key].append(version)
    keyless = by_id.pop("", [])
    unsure_ids = any(each.unsure for each in versions)
    quarantined = Counter(
        row["source_id"]
        for row in made.rows(
            "select source_id from staging.quarantine where source = 'otus' and collection = %s", collection
        )
    )
    least = sum(not each.unsure for each in keyless)
    most = least + sum(each.unsure for each in versions)
    expect(
        least <= quarantined[""] <= most,
        "what has no id is quarantined",
        f"{collection}: {quarantined['']}, {least}-{most}",
    )
    table = otus_oracle.TABLES[collection]
    staged = {row["id"]: row for row in made.rows(f"select * from staging.{table}")}
    for key, of_id in by_id.items():
        row = staged.pop(key, None)
        expect(row is not None or any(each.unsure for each in of_id), "no record is lost", f"{collection} {key!r}")
        if row is not None:
            _row_is_right(collection, key, row, of_id, quarantined[key])
    expect(unsure_ids or not staged, "nothing is staged that never came", f"{collection}: {sorted(staged)[:3]}")


def _row_is_right(collection: str, key: str, row: dict[str, Any], versions: list[Judged], quarantined: int) -> None:
    expect(
        quarantined == (row["invalid"] is not None),
        "a bad record is quarantined once",
        f"{collection} {key!r}: {quarantined}",
    )
    sure = not any(each.unsure for each in versions)
    of = [otus_oracle.newest(versions)] if sure else versions
    if sure and of[0].wrong:
        expect(row["invalid"] is not None, "a bad record is not staged", f"{collection} {key!r} {of[0].wrong}")
    elif sure or row["invalid"] is None:
        may = [
            otus_oracle.staged(collection, each)
            for each in of
            if sure or (not each.wrong and _is_whole(collection, each))
        ]
        held = {name: row[name] for name in next(iter(may), {})}
        expect(row["invalid"] is None, "a good record is staged", f"{collection} {key!r}: {row['invalid']}")
        if may:
            expect(held in may, "no value is changed", f"{collection} {key!r}: {held} for {may[:2]}")


def _is_whole(collection: str, version: Judged) -> bool:
    """Whether every kept field of an unsure record could be read."""
    return all(name in version.values for name in otus_oracle.KEPT[collection])


def everything_is_in_the_books(made: Night, told: dict[str, Any]) -> None:
    """What is staged of this school year has one outcome; the rest is of another year by its own days."""
    run_key = made.rows("select run_key from passback.run")[0]["run_key"]
    for level, key in (("item", "source_item_id"), ("score", "source_score_id")):
        found = made.rows(
            f"select {key} as key, outcome, count(*) as times from report.{level}_outcome where run_key = %s "
            f"group by {key}, outcome", run_key,
        )  # fmt: skip
        twice = [row for row in found if row["key"] and row["times"] > 1]
        several = [key for key, times in Counter(row["key"] for row in found if row["key"]).items() if times > 1]
        expect(not twice and not several, f"each {level} has one outcome", f"{twice[:2]} {several[:2]}")
        expect(all(row["outcome"] for row in found), f"each {level} has an outcome", "")
    missing = made.rows(
        "select a.id, a.due_date, a.submission_date, a.assigned_at, m.created_at from staging.otus_assignment as a "
        "left join staging.otus_assessment as m on m.id = a.assessment_id where not exists "
        "(select from passback.run_item as i where i.source_item_id = a.id)"
    )
    for row in missing:
        expect(_of_another_year(row), "every staged item of the year is judged", str(row))
    lost = made.rows(
        "select s.id from staging.otus_score as s where not exists (select from passback.run_score as r "
        "where r.source_score_id = s.id) and not exists (select from staging.otus_assignment as a "
        "where a.id = s.assignment_id "
        "and not exists (select from passback.run_item as i where i.source_item_id = a.id))"
    )
    expect(not lost, "every staged score of the year is judged", str(lost[:3]))
    keyless = made.rows(
        "select "
        "(select count(*) from staging.quarantine where source_id = '' and collection = 'assignments') as items, "
        "(select count(*) from passback.run_item where source_item_id = '') as run_items, "
        "(select count(*) from staging.quarantine where source_id = '' and collection = 'scores') as scores, "
        "(select count(*) from passback.run_score where source_score_id = '') as run_scores"
    )[0]
    expect(keyless["items"] == keyless["run_items"] and keyless["scores"] == keyless["run_scores"],
           "what has no id is a failed item or score", str(keyless))  # fmt: skip
    expect(told["balanced"], "the books balance", str(told["red"]))


def _of_another_year(row: Mapping[str, Any]) -> bool:
    """Whether a day that the item has lies outside the school year, but for the default's week and the zone's day."""
    from fuzz.ground import YEAR

    slack = dt.timedelta(days=8)
    days = [row["due_date"], row["submission_date"], row["assigned_at"], row["created_at"]]
    known = [day.date() if isinstance(day, dt.datetime) else day for day in days if day is not None]
    return any(not YEAR[0] + slack <= day <= YEAR[1] - slack for day in known)


def scores_are_right(made: Night) -> int:
    """Each score's primary code, and what was sent, follow from what is staged; gives how many were sent."""
    scores = made.rows(
        "select r.source_score_id, r.student_number, r.points, r.outcome, c.code, s.status, s.excluded, s.deleted, "
        "s.invalid, s.points as staged_points, s.updated_at, "
        "i.outcome as item_outcome, i.source_item_id, i.section_dcid, "
        "t.student_number as number, t.id is null or t.invalid is not null as bad_student, i.item_no "
        "from passback.run_score as r join staging.otus_score as s on s.id = r.source_score_id "
        "left join staging.otus_student as t on t.id = s.student_id "
        "left join passback.run_item as i on i.run_key = r.run_key and i.item_no = r.item_no "
        "left join passback.code as c on 1::bigint << c.bit = r.codes & -r.codes and r.outcome is not null"
    )
    newest = _newest_of_each(scores)
    wanted: dict[tuple[str, int], float] = {}
    for row in scores:
        code = _code(row, newest)
        expect((row["code"] or "") == code, "the score's code is that of the rules", f"{row}: {code!r}")
        if not code and row["item_no"] is not None and row["item_outcome"] is None:
            wanted[row["source_item_id"], int(row["number"]) + 80_000] = row["staged_points"]
    return sent_as_wanted(made.box, "otus", wanted)


def _newest_of_each(scores: list[dict[str, Any]]) -> dict[tuple[Any, str], str]:
    """The id of the newest competing score of each student on each item."""
    competing: dict[tuple[Any, str], list[dict[str, Any]]] = defaultdict(list)
    for row in scores:
        if not (row["invalid"] or row["bad_student"] or row["deleted"] or not row["number"] or row["item_no"] is None):
            competing[row["source_item_id"], row["number"]].append(row)
    return {key: max(rows, key=_version)["source_score_id"] for key, rows in competing.items()}


def _version(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The later wins, then the higher id: as text where any is none (the batch's ids are)."""
    return (row["updated_at"], row["source_score_id"].encode())


def _code(row: Mapping[str, Any], newest: Mapping[tuple[Any, str], str]) -> str:
    """The primary code of a score, by the table of the rules; of an item that is nothing the score is invalid."""
    if row["invalid"] or row["bad_student"] or row["item_no"] is None:
        return "SOURCE_RECORD_INVALID"
    if row["deleted"]:
        return "SOURCE_DELETED"
    if row["number"] and newest[row["source_item_id"], row["number"]] != row["source_score_id"]:
        return "SUPERSEDED"
    if not row["number"]:
        return "STUDENT_NOT_FOUND"
    if row["section_dcid"] is not None and row["number"] not in STUDENTS:
        return "STUDENT_NOT_ENROLLED"
    return otus_oracle.own_code({**row, "points": row["staged_points"]})
