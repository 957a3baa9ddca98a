"""A small, repeatable part of the campaign: hostile records through whole nights. `make fuzz` does the volume."""

import pytest
from fuzz.ground import Ground
from tests.fuzz.finds import RECORDS

from fuzz import campaign

SEED = 20261015


@pytest.mark.parametrize("source", campaign.SOURCES)
def test_every_hostile_record_is_staged_or_quarantined_judged_once_and_sent_unchanged(
    source: str, ground: Ground
) -> None:
    told = campaign.SOURCES[source].check(ground, campaign.SOURCES[source].draw(500, SEED))
    assert told["records"] >= 400
    if source != "powerschool":
        assert min(told["created"], told["failed"], told["skipped"]) > 10  # the batch is neither all good nor all bad


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_find_of_records_stays_repaired(path, ground: Ground) -> None:
    source, drawn = campaign.kept(path)
    campaign.SOURCES[source].check(ground, drawn)
