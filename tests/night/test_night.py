"""The night end to end: the small district whole, PowerSchool compared whole, the second night silent."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from tests.night.schoology_week import SchoologyWeek

from sandbox.small import SmallDistrict

GOLDEN = Path(__file__).parents[1] / "golden"
FIRST_NIGHT, WEEK = "powerschool_after_the_first_night.json", "powerschool_after_a_week.json"

# Items of the ordinary sections, one an edit; 86001 to 86020 are in school 101 and in the year's term.
ORDINARY = {
    name: f"ordinary-{86001 + number}-1"
    for number, name in enumerate(
        ("edited", "retitled", "theirs", "to_and_fro", "category", "deleted", "read_back"),
    )
}


def test_the_first_night_sends_all_that_is_eligible_and_the_second_nothing(
    dag_nights: Any, small: SmallDistrict
) -> None:
    first = dag_nights.run()
    assert first.state == "success"
    _says_what_is_expected(dag_nights, first, small)
    _is_as(FIRST_NIGHT, dag_nights.box.control.state())
    second = dag_nights.run()
    assert second.state == "success"
    assert second.writes == []
    for source in ("otus", "schoology"):
        for level in ("items", "scores"):
            assert second.totals(level, source)["unchanged"] == first.totals(level, source)["created"]
    _is_as(FIRST_NIGHT, dag_nights.box.control.state())


def test_a_missing_category_is_told_in_schoologys_own_words(dag_nights: Any, small: SmallDistrict) -> None:
    night = dag_nights.run(sources=["schoology"])
    told = [line["message"] for line in night.lines if line["code"] == "CATEGORY_REQUIRED" and line["level"] == "item"]
    words = "A category is required. To sync, first assign a category to this assignment, then sync again."
    required = [said for said in small.schoology.items.values() if said.codes[:1] == ("CATEGORY_REQUIRED",)]
    assert len(told) == len(required) >= 3
    assert all(message.startswith(words) for message in told)
    assert list(night.summary["sources"]) == ["schoology"]


def test_a_week_of_edits_on_both_sides_ends_as_expected(dag_nights: Any, small: SmallDistrict) -> None:
    powerschool, otus = dag_nights.box.control.powerschool, dag_nights.box.control.otus
    dag_nights.run()
    in_schoology = SchoologyWeek(dag_nights, small)
    held = {item: _scores_of(powerschool, item) for item in ORDINARY.values()}
    first = {name: next(iter(held[item])) for name, item in ORDINARY.items()}

    def score(name: str) -> str:
        return f"{ORDINARY[name]}.{first[name]}"

    otus.edit("scores", score("edited"), points=3)
    otus.edit("assessments", f"as-{ORDINARY['retitled']}", title="A new title")
    powerschool.edit_score(ORDINARY["retitled"], first["retitled"], 1)
    powerschool.edit_score(ORDINARY["theirs"], first["theirs"], 2)
    before = held[ORDINARY["to_and_fro"]][first["to_and_fro"]]["points"]
    otus.edit("scores", score("to_and_fro"), points=4)
    powerschool.edit_assignment(ORDINARY["category"], category="Homework")
    otus.edit("assessments", f"as-{ORDINARY['category']}", assessment_type="Homework")
    otus.edit("assessments", f"as-{ORDINARY['category']}", assessment_type="Test")
    powerschool.delete_assignment(ORDINARY["deleted"])
    otus.edit("scores", score("deleted"), points=5)
    otus.edit("scores", score("read_back"), points=6)
    powerschool.hook(
        "score", "edit_score",
        {"assignment": ORDINARY["read_back"], "student_number": first["read_back"], "points": 7},
        section_dcid=86007,
    )  # fmt: skip

    in_schoology.edits()

    second = dag_nights.run(as_of="2026-10-15")
    assert second.state == "success"
    in_schoology.second_night_says()
    assert second.outcomes("score")[f"{ORDINARY['retitled']}|{first['retitled']}"] == (
        "unchanged",
        ("TEACHER_EDIT_KEPT",),
    )
    assert second.outcomes("score")[f"{ORDINARY['read_back']}|{first['read_back']}"] == (
        "updated",
        ("TEACHER_EDIT_KEPT",),
    )
    assert second.outcomes("item")[ORDINARY["category"]] == ("unchanged", ("CATEGORY_KEPT",))
    assert second.outcomes("item")[ORDINARY["deleted"]] == ("held", ("DELETED_IN_SIS",))
    assert second.totals("items")["updated"] == 1
    otus.edit("scores", score("to_and_fro"), points=before)
    in_schoology.to_and_fro()
    third = dag_nights.run(as_of="2026-10-15")
    assert [write["kind"] for write in third.writes] == ["score", "score"]
    otus.edit("scores", score("edited"), points=9)
    in_schoology.too_late()
    fourth = dag_nights.run(as_of="2026-10-20")
    for source in ("otus", "schoology"):
        assert "updated" not in fourth.totals("items", source)
        assert "updated" not in fourth.totals("scores", source)
    assert fourth.outcomes("item")[ORDINARY["edited"]] == ("skipped", ("DUE_DATE_OUTSIDE_PERIOD",))
    _is_as(WEEK, dag_nights.box.control.state())


def test_a_teacher_added_to_the_group_later_passes_the_next_night(dag_nights: Any, small: SmallDistrict) -> None:
    first = dag_nights.run()
    waiting = [item for item, said in small.otus.items.items() if said.codes[:1] == ("ASSIGNER_NOT_IN_GROUP",)]
    assert waiting
    assert {first.outcomes("item")[item][1][0] for item in waiting} == {"ASSIGNER_NOT_IN_GROUP"}
    assigners = {_record(small, "assignments", item)["assigned_by"] for item in waiting}
    for user in assigners:
        dag_nights.box.control.otus.edit("users", user, groups=["PowerSchool Gradebook Passback"])
    alone = [item for item in waiting if small.otus.items[item].codes == ("ASSIGNER_NOT_IN_GROUP",)]
    second = dag_nights.run()
    assert second.totals("items")["created"] == len(alone)
    assert {write["kind"] for write in second.writes} == {"create", "score"}


def _says_what_is_expected(nights: Any, night: Any, small: SmallDistrict) -> None:
    """Every item's and score's outcome is the case's; what is only created has no line, what inherits neither."""
    lines, total = night.outcomes("item"), 0
    for source, said in small.expected.items():
        for level, of in (("item", said.items), ("score", said.scores)):
            found, wanted = nights.verdicts(source, level), {key: tuple(expected) for key, expected in of.items()}
            wrong = {key: (found.get(key), wanted.get(key), said.why.get(key)) for key in found.keys() | wanted.keys()}
            assert not {key: row for key, row in wrong.items() if row[0] != row[1]}, "found, expected, why"
            outcomes = [expected.outcome for expected in of.values()] + ["failed"] * said.unkeyed[f"{level}s"]
            assert night.totals(f"{level}s", source) == dict(Counter(outcomes)), (source, level)
            total += outcomes.count("created")
        for key, expected in said.items.items():
            assert lines.get(key, ("created", ())) == tuple(expected), key
    assert night.summary["balanced"] is True
    assert night.summary["verified"] == {"confirmed": total, "mismatched": 0}


def _is_as(name: str, state: dict[str, Any]) -> None:
    """PowerSchool's whole gradebook; GOLDEN=write keeps a new one, to be read before it is committed."""
    found = json.loads(json.dumps(state))
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
        (GOLDEN / name).write_text(text + "\n", encoding="utf-8")
    assert found == json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def _scores_of(powerschool: Any, item: str) -> dict[str, Any]:
    (found,) = powerschool.assignments(item)
    return dict(found["scores"])


def _record(small: SmallDistrict, collection: str, key: str) -> dict[str, Any]:
    for raw in small.district.otus[collection]:
        record = json.loads(raw)
        if isinstance(record, dict) and record.get("id") == key:
            return record
    raise KeyError(key)
