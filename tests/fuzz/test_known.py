"""What a campaign found and is not repaired: each test fails on the day when it is, and goes then."""

import json

import psycopg
import pytest
from fuzz.ground import Ground

from fuzz import otus_night, otus_records


@pytest.mark.xfail(strict=True, reason="passback.score_body casts through numeric, which keeps 15 digits: a migration")
def test_the_text_of_a_score_is_its_number_however_many_digits_it_has(database_uri: str) -> None:
    with psycopg.connect(database_uri) as connection:
        (body,) = connection.execute("select passback.score_body(1, '{2}', '{1234567890.123456}', '{0}')").fetchone()
    (row,) = json.loads(body)["assignment_scores"]
    assert float(row["actualscoreentered"]) == row["scorepoints"]


@pytest.mark.xfail(strict=True, reason="a text of over 30 characters refuses the whole call: a rule is to be decided")
def test_a_score_that_powerschool_cannot_take_does_not_cost_the_others_of_its_call(ground: Ground) -> None:
    head = '"updated_at":"2026-09-10T15:00:00Z","deleted":false,"assignment_id":"a1","status":"graded"'
    tail = '"excluded":false,"excused":false,"missing":false'
    scores = [
        f'{{"id":"r{n}",{head},"student_id":"s{n}","points":{points},{tail}}}'.encode()
        for n, points in ((1, "7"), (2, "1e300"))
    ]
    told = otus_night.check(ground, {name: [] for name in otus_records.PARTS} | {"scores": scores})
    assert told == {"records": told["records"], "created": 1, "failed": 1}
