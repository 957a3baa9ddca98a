"""The night end to end: the small district whole, PowerSchool compared whole, the second night silent."""

import json
import os
from pathlib import Path
from typing import Any

from sandbox.small import SmallDistrict

GOLDEN = Path(__file__).parents[1] / "golden" / "powerschool_after_the_first_night.json"


def test_the_first_night_sends_all_that_is_eligible_and_the_second_nothing(
    dag_nights: Any, small: SmallDistrict
) -> None:
    first = dag_nights.run()
    assert first.state == "success"
    _says_what_is_expected(first, small)
    _is_as_the_golden_file(dag_nights.box.control.state())
    second = dag_nights.run()
    assert second.state == "success"
    assert second.writes == []
    assert second.totals("items")["unchanged"] == first.totals("items")["created"]
    assert second.totals("scores")["unchanged"] == first.totals("scores")["created"]
    _is_as_the_golden_file(dag_nights.box.control.state())


def test_a_teacher_added_to_the_group_later_passes_the_next_night(dag_nights: Any, small: SmallDistrict) -> None:
    first = dag_nights.run()
    waiting = [item for item, said in small.expected_items.items() if said.codes[:1] == ("ASSIGNER_NOT_IN_GROUP",)]
    assert waiting
    assert {first.outcomes("item")[item][1][0] for item in waiting} == {"ASSIGNER_NOT_IN_GROUP"}
    assigners = {_record(small, "assignments", item)["assigned_by"] for item in waiting}
    for user in assigners:
        dag_nights.box.control.otus.edit("users", user, groups=["PowerSchool Gradebook Passback"])
    alone = [item for item in waiting if small.expected_items[item].codes == ("ASSIGNER_NOT_IN_GROUP",)]
    second = dag_nights.run()
    assert second.totals("items")["created"] == len(alone)
    assert {write["kind"] for write in second.writes} == {"create", "score"}


def _says_what_is_expected(night: Any, small: SmallDistrict) -> None:
    """Every item's and score's outcome is the case's; what is only created has no line, what inherits neither."""
    said = night.outcomes("item")
    for item, expected in small.expected_items.items():
        if expected.outcome == "created" and not expected.codes:
            assert item not in said, item
        else:
            assert said[item] == (expected.outcome, expected.codes), item
    for level, of in (("items", small.expected_items), ("scores", small.expected_scores)):
        outcomes = [expected.outcome for expected in of.values()] + ["failed"] * small.unkeyed[level]
        assert night.totals(level) == {name: outcomes.count(name) for name in sorted(set(outcomes))} | {}, level
    assert night.summary["balanced"] is True
    total = night.totals("items")["created"] + night.totals("scores")["created"]
    assert night.summary["verified"] == {"confirmed": total, "mismatched": 0}


def _is_as_the_golden_file(state: dict[str, Any]) -> None:
    """PowerSchool's whole gradebook; GOLDEN=write keeps a new one, to be read before it is committed."""
    found = json.loads(json.dumps(state))
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def _record(small: SmallDistrict, collection: str, key: str) -> dict[str, Any]:
    for raw in small.district.otus[collection]:
        record = json.loads(raw)
        if isinstance(record, dict) and record.get("id") == key:
            return record
    raise KeyError(key)
