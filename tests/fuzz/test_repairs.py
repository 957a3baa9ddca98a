"""What campaigns found, told as the defects that they were."""

from pathlib import Path

import pytest
from tests.rules.staged import Staged

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
