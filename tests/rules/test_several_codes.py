"""Several codes on one item or score: which exclude others, which are not asked, and that all the rest are kept."""

from typing import Any

import pandas as pd
import pytest
from tests.rules.facts import NOWHERE, codes_of, context, items, schoology_items, schoology_scores, scores

from passback.errors import catalogue
from passback.rules import items as item_rules
from passback.rules import scores as score_rules
from passback.rules.verdicts import Rule, has, schema, truths, verdicts


def item(**changes: Any) -> list[str]:
    (mask,) = item_rules.judge_otus(items(changes), context())["codes"]
    return codes_of(mask)


def score(**changes: Any) -> list[str]:
    (mask,) = score_rules.judge_otus(scores(changes))
    return codes_of(mask)


EVERYTHING_WRONG = {
    "assigned_on": "2026-08-01", "assigner_in_group": False, "users_dcid": None, "grading_scale": "standards",
    "total": 27.5, "include_in_final_grade": False, "opted_out": True, "category": None, "teacher_category_id": None,
    "due_date": None, "title": "x" * 60,
}  # fmt: skip


def test_all_failing_codes_are_kept_and_the_primary_is_the_first() -> None:
    assert item(**EVERYTHING_WRONG) == [
        "BEFORE_EFFECTIVE_DATE", "ASSIGNER_NOT_IN_GROUP", "TEACHER_NOT_IN_SECTION", "NOT_POINTS_SCALE",
        "TOTAL_NOT_WHOLE", "NOT_IN_FINAL_GRADE", "OPTED_OUT", "CATEGORY_UNMAPPED", "DUE_DATE_OUTSIDE_PERIOD",
    ]  # fmt: skip
    assert score(
        superseded=True, has_number=False, enrolled=None, excluded=True, status="turned_in", points=-1
    ) == ["SUPERSEDED", "STUDENT_NOT_FOUND", "EXCLUDED_SCORE", "NOT_FULLY_GRADED", "SCORE_INVALID"]  # fmt: skip
    assert score(enrolled=False, status="in_progress", points=-1) == [
        "STUDENT_NOT_ENROLLED", "NO_SCORE", "SCORE_INVALID",
    ]  # fmt: skip


def test_nothing_else_is_asked_of_what_is_invalid_or_deleted() -> None:
    assert item(**EVERYTHING_WRONG, reason="its class: `id` is missing", deleted=True) == ["SOURCE_RECORD_INVALID"]
    assert item(**EVERYTHING_WRONG, deleted=True) == ["SOURCE_DELETED"]
    nothing = dict.fromkeys(("identifier", "title", "kind", "assessment_type", "grading_scale", "total", "category"))
    dates = dict.fromkeys(("assigned_on", "created_on", "due_date", "submission_date"))
    switches = {"assigner_in_group": None, "include_in_final_grade": None, "assigner_sis_id": None}
    assert item(**NOWHERE, **nothing, **dates, **switches, reason="`title` is missing") == ["SOURCE_RECORD_INVALID"]


def test_without_a_section_no_teacher_category_copy_or_period_is_asked_for() -> None:
    assert item(**NOWHERE, due_date="2026-12-24") == ["SECTION_NOT_FOUND"]
    unmapped = item(**NOWHERE, category=None, total=0, opted_out=True)
    assert unmapped == ["SECTION_NOT_FOUND", "TOTAL_INVALID", "OPTED_OUT", "CATEGORY_UNMAPPED"]


def test_without_an_acting_teacher_no_category_copy_is_asked_for() -> None:
    nobody = {"users_dcid": None, "teacher_category_id": None}
    assert item(**nobody, assigner_sis_id=None, assigner_in_group=False) == [
        "ASSIGNED_BY_ADMIN",
        "ASSIGNER_NOT_IN_GROUP",
    ]
    assert item(**nobody) == ["TEACHER_NOT_IN_SECTION"]
    assert item(**nobody, category=None) == ["TEACHER_NOT_IN_SECTION", "CATEGORY_UNMAPPED"]


@pytest.mark.parametrize("total", [None, 0, -0.5, 9999.5, 10000.25])
def test_an_invalid_total_is_not_asked_whether_it_is_whole(total: float | None) -> None:
    assert item(total=total) == ["TOTAL_INVALID"]


def test_an_unmapped_type_is_not_asked_for_an_active_copy() -> None:
    assert item(category=None, teacher_category_id=None) == ["CATEGORY_UNMAPPED"]


def test_warnings_are_only_on_what_passes() -> None:
    assert item(due_date=None, title="x" * 60) == ["DUE_DATE_DEFAULTED", "TITLE_TRUNCATED"]
    assert item(due_date=None, title="x" * 60, opted_out=True) == ["OPTED_OUT"]
    assert score(points=30) == ["SCORE_ABOVE_TOTAL"]
    assert score(points=30, enrolled=False) == ["STUDENT_NOT_ENROLLED"]


def test_what_carries_only_warnings_passes() -> None:
    codes = item_rules.judge_otus(items({}, {"due_date": None}, {"opted_out": True}), context())["codes"]
    assert item_rules.passes(codes.to_numpy()).tolist() == [True, True, False]


def test_only_items_of_the_school_year_are_judged() -> None:
    inside = [{"due_date": "2026-07-01"}, {"due_date": "2027-06-30"}, {"due_date": None, "assigned_on": "2026-06-24"}]
    outside = [{"due_date": "2026-06-30"}, {"due_date": "2027-07-01"}, {"due_date": None, "assigned_on": "2026-06-23"}]
    unreadable = {"reason": "its assessment: `kind` is missing", "kind": None, "title": None, "total": None}
    by_day = [{**unreadable, "assigned_on": "2026-07-01"}, {**unreadable, "assigned_on": "2026-06-30"}]
    no_day = {**unreadable, "assigned_on": None, "created_on": None, "due_date": None}
    judged = item_rules.judge_otus(items(*inside, *outside, *by_day, no_day), context())
    assert judged["n"].tolist() == [1, 2, 3, 7, 9]
    assert judged.index.tolist() == [0, 1, 2, 3, 4]


def test_no_item_and_no_score_at_all_are_judged_too() -> None:
    assert len(item_rules.judge_otus(items(), context())) == 0
    assert len(item_rules.judge_otus(items({"due_date": "2020-01-01"}), context())) == 0
    assert len(score_rules.judge_otus(scores())) == 0


def test_a_district_without_a_single_period_has_none_that_is_current() -> None:
    none = context().windows.iloc[:0]
    (mask,) = item_rules.judge_otus(items({}), context(windows=none))["codes"]
    assert codes_of(mask) == ["DUE_DATE_OUTSIDE_PERIOD"]


def test_a_rule_that_does_not_say_yes_no_or_not_known_is_a_defect() -> None:
    rule = Rule("OPTED_OUT", lambda f: f["a"])
    told = verdicts(truths(pd.DataFrame({"a": [True, False, None]}), [rule]), schema([rule]))
    assert has(told, "OPTED_OUT").tolist() == [False, True, False]
    with pytest.raises(ValueError, match="not as their schema says"):
        verdicts(pd.DataFrame({"a": [True]}), schema([rule]))


def test_a_mask_has_a_bit_for_every_code() -> None:
    assert len({code.mask for code in catalogue().values()}) == len(catalogue()) <= 63


def schoology_item(**changes: Any) -> list[str]:
    (mask,) = item_rules.judge_schoology(schoology_items(changes), context())["codes"]
    return codes_of(mask)


def schoology_score(**changes: Any) -> list[str]:
    (mask,) = score_rules.judge_schoology(schoology_scores(changes))
    return codes_of(mask)


def test_a_schoology_item_keeps_all_its_failing_codes_in_order() -> None:
    wrong = {
        "published": False, "is_final": True, "due_date": "2026-08-20", "users_dcid": None, "grading_scale": "5",
        "total": None, "collected_only": True, "opted_out": True, "category": None, "teacher_category_id": None,
        "title": "x" * 60,
    }  # fmt: skip
    first = ["NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "BEFORE_EFFECTIVE_DATE", "TEACHER_NOT_IN_SECTION",
             "NOT_POINTS_SCALE", "TOTAL_INVALID", "NOT_IN_FINAL_GRADE", "OPTED_OUT"]  # fmt: skip
    assert schoology_item(**wrong) == [*first, "CATEGORY_UNMAPPED", "DUE_DATE_OUTSIDE_PERIOD"]
    assert schoology_item(**wrong | {"grading_category": "0"}) == [
        *first, "CATEGORY_REQUIRED", "DUE_DATE_OUTSIDE_PERIOD",
    ]  # fmt: skip
    assert schoology_item(**wrong, deleted=True) == ["SOURCE_DELETED"]
    assert schoology_item(**wrong, deleted=True, reason="`title` is missing") == ["SOURCE_RECORD_INVALID"]


def test_of_a_schoology_item_without_a_section_nothing_of_it_is_asked() -> None:
    assert schoology_item(**NOWHERE) == ["SECTION_NOT_FOUND"]
    assert schoology_item(**NOWHERE, category=None, due_date="2026-12-24", published=False) == [
        "SECTION_NOT_FOUND", "NOT_PUBLISHED", "CATEGORY_UNMAPPED",
    ]  # fmt: skip
    undated = {"due_date": None, "period_last_day": None, "period_title": None}
    assert schoology_item(**NOWHERE, **undated) == ["SECTION_NOT_FOUND"]


def test_schoology_warnings_are_only_on_what_passes() -> None:
    assert schoology_item(due_date=None, title="x" * 60) == ["DUE_DATE_DEFAULTED", "TITLE_TRUNCATED"]
    assert schoology_item(due_date=None, title="x" * 60, published=False) == ["NOT_PUBLISHED"]
    assert schoology_score(points=30) == ["SCORE_ABOVE_TOTAL"]
    assert schoology_score(points=30, assigned=False) == ["NOT_ASSIGNED_TO_STUDENT"]


def test_a_schoology_total_may_have_a_fraction() -> None:
    assert schoology_item(total=27.5) == []


def test_a_schoology_score_keeps_all_its_failing_codes_in_order() -> None:
    assert schoology_score(superseded=True, has_number=False, enrolled=None, assigned=False, points=None,
                           unreadable=True) == [
        "SUPERSEDED", "STUDENT_NOT_FOUND", "NOT_ASSIGNED_TO_STUDENT", "SCORE_INVALID",
    ]  # fmt: skip
    assert schoology_score(enrolled=False, points=None, exception="skip") == ["STUDENT_NOT_ENROLLED", "NO_SCORE"]
    assert schoology_score(deleted=True, points=None, exception="unmapped") == ["SOURCE_DELETED"]


def test_no_schoology_item_and_no_score_at_all_are_judged_too() -> None:
    assert len(item_rules.judge_schoology(schoology_items(), context())) == 0
    assert len(item_rules.judge_schoology(schoology_items({"due_date": "2020-01-01"}), context())) == 0
    assert len(score_rules.judge_schoology(schoology_scores())) == 0


def test_a_schoology_item_that_has_no_day_at_all_stays_in_the_year() -> None:
    undated = {"due_date": None, "period_last_day": None, "section_last_day": None}
    outside = {**undated, "section_last_day": "2026-06-30"}
    judged = item_rules.judge_schoology(schoology_items(undated, outside, {"due_date": "2027-06-30"}), context())
    assert judged["n"].tolist() == [1, 3]


def test_an_unreadable_schoology_item_is_of_the_year_of_what_could_be_read() -> None:
    unreadable = {"reads": False, "reason": "`published` is missing", "due_date": None}
    rows = [
        {**unreadable, "due_date": "2026-06-30"}, {**unreadable, "period_last_day": "2026-06-30"},
        {**unreadable, "period_last_day": None, "section_last_day": "2026-06-30"},
        {**unreadable, "section_last_day": None},
    ]  # fmt: skip
    assert item_rules.judge_schoology(schoology_items(*rows), context())["n"].tolist() == [4]
