"""What campaigns found, told as the defects that they were."""

import json
from pathlib import Path

import psycopg
import pytest
from fuzz.ground import Ground
from tests.rules.staged import Staged

from fuzz import otus_night, otus_records
from passback.errors import Terminal, mask_of
from passback.settings import load
from passback.sources.rounding import rounded_text


def test_a_score_that_names_the_empty_item_is_one_score_however_many_items_have_no_id(database_uri: str) -> None:
    staged = Staged(database_uri)
    staged.district()
    for place in ("line 3", "line 4"):
        staged.add(
            "staging.quarantine",
            source="otus",
            collection="assignments",
            seq=7,
            place=place,
            source_id="",
            reason="bad",
        )
    staged.score("r1", "")
    run_key = staged.evaluate(seq=7)
    found = staged.rows("select source_score_id, outcome, item_no from passback.run_score where run_key = %s", run_key)
    assert found == [("r1", "failed", None)]


@pytest.mark.parametrize("odd", ["Quiz\r=1", "Quiz\n1", "Quiz\r\n1", '"Quiz', "Quiz,1", "\\.", "\\N"])
def test_a_type_with_a_line_end_or_a_quote_in_it_does_not_stop_the_night(odd: str, database_uri: str) -> None:
    """The verdicts go back into the database by COPY, with messages that quote the type."""
    staged = Staged(database_uri)
    staged.district()
    staged.item("a", of={"assessment_type": odd})
    run_key = staged.evaluate()
    ((codes, message),) = staged.rows("select codes, message from passback.run_item where run_key = %s", run_key)
    assert codes == mask_of("CATEGORY_UNMAPPED")
    assert odd in message


@pytest.mark.parametrize("text", ["1e-99999999999999999999", "0e99999999999999999999", "-1e-99999999999999999999"])
def test_a_number_with_an_exponent_beyond_all_reason_is_zero(text: str) -> None:
    assert rounded_text(text) == 0.0


def test_a_share_that_is_larger_than_any_float_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "district.toml"
    path.write_text(
        f'name = "A"\ntime_zone = "UTC"\neffective_date = 2026-08-24\n[guard]\nscores_changed_share = 1{"0" * 400}\n'
    )
    with pytest.raises(Terminal, match="scores_changed_share"):
        load(path)


def test_the_text_of_a_score_is_its_number_however_many_digits_it_has(database_uri: str) -> None:
    with psycopg.connect(database_uri) as connection:
        (body,) = connection.execute("select passback.score_body(1, '{2}', '{1234567890.123456}', '{0}')").fetchone()
    (row,) = json.loads(body)["assignment_scores"]
    assert float(row["actualscoreentered"]) == row["scorepoints"]


def test_a_score_that_powerschool_cannot_take_does_not_cost_the_others_of_its_call(ground: Ground) -> None:
    head = '"updated_at":"2026-09-10T15:00:00Z","deleted":false,"assignment_id":"a1","status":"graded"'
    tail = '"excluded":false,"excused":false,"missing":false'
    scores = [
        f'{{"id":"r{n}",{head},"student_id":"s{n}","points":{points},{tail}}}'.encode()
        for n, points in ((1, "7"), (2, "1e300"))
    ]
    told = otus_night.check(ground, {name: [] for name in otus_records.PARTS} | {"scores": scores})
    assert told == {"records": told["records"], "sent": 1, "created": 1, "failed": 1}
