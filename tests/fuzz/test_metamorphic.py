"""What must not matter: the order of records, where pages end, the transport, and in how many extractions they come."""

import json
from pathlib import Path
from typing import Any

from fuzz.campaign import SOURCES
from fuzz.ground import Ground, Night, district, night
from fuzz.oracle import tears_nothing
from fuzz.otus_oracle import TABLES

from fuzz import otus_night, otus_records, schoology_night, schoology_records

SEED = 77
COUNT = 400
Records = dict[str, list[bytes]]
SCHOOLOGY_TABLES = ("item", "grade", "enrollment", "category", "grading_period")


def staged(made: Night, tables: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Everything in staging but the number of the extraction and the places in quarantine."""
    found = {
        table: made.rows(f"select to_jsonb(t) - 'seq' as row from staging.{table} as t order by 1") for table in tables
    }
    kept = "select collection, source_id, field, reason from staging.quarantine order by 1, 2, 3, 4"
    return found | {"quarantine": made.rows(kept)}


def otus_from_files(ground: Ground, *parts: Records) -> dict[str, Any]:
    """Staging after one extraction of each part; only the last of one alone is full."""
    with night(ground, district(otus_records.SECTIONS, otus_records.STUDENTS), files=ground.home / "export") as made:
        made.open()
        for number, records in enumerate(parts):
            folder = otus_night.write_export(ground.home / "export", records)
            manifest = json.loads((folder / "manifest.json").read_text())
            manifest |= {"full": False, "exported_at": f"2026-10-15T05:00:0{number}Z"}
            (folder / "manifest.json").write_text(json.dumps(manifest))
            made.extract("otus")
        return staged(made, list(TABLES.values()))


def otus_over_http(ground: Ground, records: Records, page: int) -> dict[str, Any]:
    """Staging after one extraction over HTTP with pages of this size."""
    served = district(otus_records.SECTIONS, otus_records.STUDENTS, otus=records)
    with night(ground, served, page=page) as made:
        made.open()
        made.extract("otus")
        return staged(made, list(TABLES.values()))


def otus_batch() -> Records:
    """Records that fit a page, each id once: of equal versions the later wins, and order is then no accident."""
    drawn = otus_night.with_good(SOURCES["otus"].draw(COUNT, SEED))
    return {name: [raw for raw in held if tears_nothing(raw) and b'"twice-' not in raw] for name, held in drawn.items()}


def test_neither_order_nor_transport_nor_the_ends_of_pages_matter_for_otus(ground: Ground) -> None:
    records = otus_batch()
    once = otus_from_files(ground, records)
    assert len(once["otus_score"]) > 100 and len(once["quarantine"]) > 50
    assert otus_from_files(ground, {name: held[::-1] for name, held in records.items()}) == once
    assert otus_over_http(ground, records, 1000) == once
    assert otus_over_http(ground, records, 7) == once


def test_two_extractions_of_otus_are_one(ground: Ground) -> None:
    """What has no id stands while its extraction is the latest, so that only records with one are compared."""
    records = otus_batch()
    whole = otus_from_files(ground, records)
    split = otus_from_files(
        ground, {n: held[::2] for n, held in records.items()}, {n: held[1::2] for n, held in records.items()}
    )
    for found in (whole, split):
        found["quarantine"] = [row for row in found["quarantine"] if row["source_id"]]
    assert split == whole


def schoology(ground: Ground, page: int, *, turned: bool = False) -> dict[str, Any]:
    """Staging after one extraction with pages of this size, the records in their order or turned round."""
    served = schoology_records.sections(SOURCES["schoology"].draw(COUNT, SEED))
    for one in served:
        for name in ("items", "grades", "enrollments", "categories", "periods"):
            held = one_of_each(getattr(one, name), name)
            setattr(one, name, held[::-1] if turned else held)
    with night(
        ground, district(schoology_records.SECTIONS, schoology_records.STUDENTS, schoology=served), page=page
    ) as made:
        made.open()
        made.extract("schoology")
        return staged(made, [f"schoology_{table}" for table in SCHOOLOGY_TABLES])


def one_of_each(held: list[bytes], name: str) -> list[bytes]:
    """The records without those that come again under the same key."""
    seen: set[Any] = set()
    kept = []
    for raw in held:
        checks, defaults = (
            schoology_night.schoology_oracle.CHECKS[name],
            schoology_night.schoology_oracle.DEFAULTS[name],
        )
        found = schoology_night.oracle.judged(raw, checks, defaults)
        values = found.values
        key = (values.get("assignment_id"), values.get("enrollment_id")) if name == "grades" else values.get("id")
        if found.unsure or key in seen:
            continue
        seen.add(key)
        kept.append(raw)
    return kept


def test_neither_order_nor_the_ends_of_pages_matter_for_schoology(ground: Ground, tmp_path: Path) -> None:
    once = schoology(ground, 200)
    assert len(once["schoology_grade"]) > 100 and len(once["quarantine"]) > 20
    assert schoology(ground, 3) == once
    assert schoology(ground, 200, turned=True) == once
