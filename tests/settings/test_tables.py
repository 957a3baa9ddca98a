"""The tables of shares, numbers, switches and times."""

import pytest
from tests.settings.files import File, made

from passback.settings import Settings, to_json

SHARES = [
    ("guard", "scores_changed_share"),
    ("guard", "scores_halved_share"),
    ("guard", "items_changed_share"),
    ("guard", "items_newly_failing_share"),
    ("quality", "bad_record_share"),
    ("quality", "roster_drop_share"),
]
FROM_ZERO = [
    ("guard", "new_zeros"),
    ("batches", "powerquery_page"),
    ("delivery", "min_interval_ms"),
    ("delivery", "settle_seconds"),
    ("delivery", "max_minutes"),
    ("quality", "stale_days"),
    ("schoology", "full_sweep_days"),
    ("retention", "quarantine_days"),
    ("retention", "report_days"),
]
FROM_ONE = [
    ("batches", "otus_page"),
    ("batches", "schoology_page"),
    ("batches", "multiget"),
    ("batches", "score_rows"),
    ("delivery", "in_flight"),
    ("schoology", "requests_per_5_seconds"),
]


def value_of(settings: Settings, table: str, key: str) -> object:
    return getattr(getattr(settings, table), key)


@pytest.mark.parametrize(("table", "key"), SHARES)
@pytest.mark.parametrize(("written", "read"), [("0", 0.0), ("1", 1.0), ("0.25", 0.25), ("1e-3", 0.001)])
def test_a_share_from_0_to_1_is_read(file: File, table: str, key: str, written: str, read: float) -> None:
    found = value_of(file.load(f"[{table}]\n{key} = {written}"), table, key)
    assert (type(found), found) == (float, read)


@pytest.mark.parametrize(("table", "key"), SHARES)
@pytest.mark.parametrize("written", ["-0.1", "1.01", "2", "true", '"0.2"', "nan", "inf", "[]"])
def test_what_is_no_share_is_refused(file: File, table: str, key: str, written: str) -> None:
    assert file.problem(f"[{table}]\n{key} = {written}").startswith(f"[{table}] {key}: found ")


@pytest.mark.parametrize(("table", "key", "least"), [*((*at, 0) for at in FROM_ZERO), *((*at, 1) for at in FROM_ONE)])
def test_a_whole_number_is_read_from_its_least_up(file: File, table: str, key: str, least: int) -> None:
    for number in (least, least + 1, 999):
        assert value_of(file.load(f"[{table}]\n{key} = {number}"), table, key) == number
    assert file.problem(f"[{table}]\n{key} = {least - 1}") == (
        f"[{table}] {key}: found the whole number {least - 1}; write a whole number of at least {least}"
        f"{upper(key)}, without quotes."
    )


def upper(key: str) -> str:
    return " and at most 1000" if key == "score_rows" else " and at most 36500" if key.endswith("_days") else ""


@pytest.mark.parametrize(("table", "key"), FROM_ZERO + FROM_ONE)
@pytest.mark.parametrize("written", ["true", "1.0", '"1"', "2147483648", "[1]", "2026-01-01"])
def test_what_is_no_whole_number_is_refused(file: File, table: str, key: str, written: str) -> None:
    assert file.problem(f"[{table}]\n{key} = {written}").startswith(f"[{table}] {key}: found ")


def test_score_rows_end_at_1000_and_days_at_a_hundred_years(file: File) -> None:
    assert file.load("[batches]\nscore_rows = 1000").batches.score_rows == 1000
    assert "at most 1000" in file.problem("[batches]\nscore_rows = 1001")
    assert file.load("[retention]\nreport_days = 36500").retention.report_days == 36500
    assert "at most 36500" in file.problem("[retention]\nreport_days = 36501")


def test_every_plain_key_has_its_tests_here() -> None:
    plain = to_json(made())
    tables = ("guard", "batches", "delivery", "quality", "schoology", "retention")
    keys = {(table, key) for table in tables for key in plain[table]}
    assert keys == {*SHARES, *FROM_ZERO, *FROM_ONE, ("guard", "release_until"), ("delivery", "recreate_deleted")}


@pytest.mark.parametrize("written", ["00:00", "09:30", "23:59"])
def test_a_release_waits_until_a_time_of_the_day(file: File, written: str) -> None:
    assert file.load(f'[guard]\nrelease_until = "{written}"').guard.release_until == written


@pytest.mark.parametrize("written", ['"24:00"', '"9:30"', '"18:60"', '"18:00:00"', "18:00:00", "18", '"18:00\\n"'])
def test_what_is_no_time_of_the_day_is_refused(file: File, written: str) -> None:
    assert file.problem(f"[guard]\nrelease_until = {written}").startswith("[guard] release_until: found ")


def test_recreate_deleted_is_true_or_false_only(file: File) -> None:
    assert file.load("[delivery]\nrecreate_deleted = true").delivery.recreate_deleted is True
    for written in ("1", '"true"', "0.0"):
        problem = file.problem(f"[delivery]\nrecreate_deleted = {written}")
        assert "write true or false, without quotes" in problem
