"""What changes in Schoology between nights, and what becomes of it in PowerSchool's gradebook and in the report."""

from typing import Any

import pytest

from sandbox.small import SmallDistrict

ITEM, SECOND_ITEM = "ordinary-86001-1", "ordinary-86001-2"
NOTHING: tuple[str, tuple[str, ...]] = ("unchanged", ())


class Edited:
    """The items of the cases by name, and what the last night said of them."""

    def __init__(self, nights: Any, small: SmallDistrict) -> None:
        """Run the first night, of Schoology alone."""
        self.nights, self.small, self.schoology = nights, small, nights.box.control.schoology
        assert self.night().state == "success"

    def night(self, **params: Any) -> Any:
        """One more night."""
        return self.nights.run(sources=["schoology"], **params)

    def key(self, name: str) -> str:
        return self.small.schoology.keys[name]

    def at(self, name: str) -> tuple[str, str]:
        """The section and the item's own id."""
        section, _, item = self.key(name).partition(":")
        return section, item

    def seats(self, name: str) -> list[str]:
        """The enrolments that have a grade on the item, in order."""
        key = self.key(name)
        return [score.rpartition(":")[2] for score in self.small.schoology.scores if score.startswith(f"{key}:")]

    def item(self, name: str) -> Any:
        """What the last night said of an item."""
        return self.nights.verdicts("schoology", "item")[self.key(name)]

    def scores(self, name: str) -> list[Any]:
        """What the last night said of an item's first scores."""
        said, key = self.nights.verdicts("schoology", "score"), self.key(name)
        return [said[f"{key}:{seat}"] for seat in self.seats(name)]

    def held(self, name: str) -> list[dict[str, Any]]:
        """What PowerSchool holds of an item."""
        return list(self.nights.box.control.powerschool.assignments(self.key(name)))


@pytest.fixture
def edited(dag_nights: Any, small: SmallDistrict) -> Edited:
    """The district after its first night."""
    return Edited(dag_nights, small)


def test_what_no_longer_passes_is_left_in_powerschool_with_a_remark(edited: Edited) -> None:
    before = edited.nights.box.control.state()
    (section, item), seats = edited.at(ITEM), edited.seats(ITEM)
    edited.schoology.edit_item(section, item, assignees=[seats[0], seats[1]])
    edited.schoology.grade(section, item, seats[1], "absent")
    edited.schoology.publish(*edited.at(SECOND_ITEM), published=False)
    edited.schoology.edit_item(*edited.at("ordinary-86002-1"), grading_category="0")
    edited.schoology.edit_item(*edited.at("ordinary-86002-2"), due="2026-10-30 23:59:00")
    night = edited.night()
    assert night.state == "success"
    assert night.writes == []
    assert edited.item(ITEM) == NOTHING
    others = ("skipped", ("NOT_ASSIGNED_TO_STUDENT", "LEFT_IN_SIS"))
    assert edited.scores(ITEM) == [NOTHING, ("failed", ("SCORE_INVALID", "LEFT_IN_SIS")), others, others]
    assert edited.item(SECOND_ITEM) == ("skipped", ("NOT_PUBLISHED", "LEFT_IN_SIS"))
    assert edited.scores(SECOND_ITEM) == [("skipped", ("NOT_PUBLISHED",))] * 4
    assert edited.item("ordinary-86002-1") == ("failed", ("CATEGORY_REQUIRED", "LEFT_IN_SIS"))
    # Its due date lies in no period that has ended.
    assert edited.item("ordinary-86002-2") == ("skipped", ("DUE_DATE_OUTSIDE_PERIOD", "LEFT_IN_SIS"))
    assert edited.nights.box.control.state() == before


def test_what_waited_passes_as_soon_as_it_may(edited: Edited) -> None:
    category = edited.schoology.read("4318401", "categories")[0]
    edited.schoology.edit_item(*edited.at("no-category"), grading_category=category["id"])
    edited.schoology.edit_item(*edited.at("category-not-listed"), grading_category=str(category["id"]))
    edited.schoology.publish(*edited.at("unpublished"))
    edited.schoology.edit_item(*edited.at("not-counted"), count_in_grade=1)
    edited.schoology.edit_item(*edited.at("total-empty"), max_points="12")
    edited.schoology.edit_item(*edited.at("due-after-the-period"), due="2026-10-16 23:59:00")
    night = edited.night()
    waited = ("no-category", "category-not-listed", "unpublished", "not-counted", "total-empty", "due-after-the-period")
    for name in waited:
        assert edited.item(name) == ("created", ()), name
        assert edited.scores(name) == [("created", ())], name
    assert night.totals("items", "schoology")["created"] == len(waited)
    assert {write["kind"] for write in night.writes} == {"create", "score"}


def test_a_category_that_the_teacher_adds_is_read_on_its_first_use(edited: Edited) -> None:
    section, item = edited.at("no-category")
    edited.schoology.upsert(section, "categories", {"id": 990018, "title": "Quizzes"})
    edited.schoology.edit_item(section, item, grading_category="990018")
    edited.night()
    assert edited.item("no-category") == ("created", ())
    (held,) = edited.held("no-category")
    assert held["category"] == "Quizzes"


def test_emptied_and_vanished_grades_are_noticed_by_a_full_sweep(edited: Edited) -> None:
    (section, item), seats = edited.at(ITEM), edited.seats(ITEM)
    (held,) = edited.held(ITEM)
    edited.schoology.empty_grade(section, item, seats[0])
    edited.schoology.vanish_grade(section, item, seats[1])
    edited.nights.set("full_sweep_days = 7", "full_sweep_days = 0")
    night = edited.night()
    assert night.writes == []
    assert edited.scores(ITEM) == [
        ("skipped", ("NO_SCORE", "LEFT_IN_SIS")), ("skipped", ("SOURCE_DELETED", "LEFT_IN_SIS")), NOTHING, NOTHING,
    ]  # fmt: skip
    assert edited.held(ITEM) == [held]
    edited.schoology.grade(section, item, seats[1], 2)
    again = edited.night()
    assert [write["kind"] for write in again.writes] == ["score"]
    assert edited.scores(ITEM)[1] == ("updated", ())


def test_an_item_that_comes_back_is_the_same_assignment(edited: Edited) -> None:
    section, item = edited.at(ITEM)
    (record,) = [each for each in edited.schoology.read(section, "items") if str(each["id"]) == item]
    edited.schoology.delete_item(section, item, keep_grades=True)
    edited.night()
    assert edited.item(ITEM) == ("skipped", ("SOURCE_DELETED", "LEFT_IN_SIS"))
    assert edited.scores(ITEM) == [("skipped", ("SOURCE_DELETED",))] * 4
    edited.schoology.upsert(section, "items", record)
    night = edited.night()
    assert night.writes == []
    assert edited.item(ITEM) == NOTHING
    assert edited.scores(ITEM) == [NOTHING] * 4


def test_a_section_that_loses_its_code_fails_and_one_that_moves_is_made_anew(edited: Edited) -> None:
    edited.schoology.edit_section(edited.at(ITEM)[0], section_school_code="")
    edited.schoology.edit_section(edited.at("also-shared-code")[0], section_school_code="85012")
    night = edited.night()
    assert night.state == "success"
    assert edited.item(ITEM) == ("failed", ("SECTION_NOT_FOUND", "LEFT_IN_SIS"))
    assert edited.scores(ITEM) == [("failed", ("SECTION_NOT_FOUND",))] * 4
    assert edited.item("also-shared-code") == ("created", ("LEFT_IN_SIS",))
    assert edited.scores("also-shared-code") == [("created", ())]
    assert edited.item("shared-code") == NOTHING
    assert {held["section_dcid"] for held in edited.held("also-shared-code")} == {85008, 85012}
    edited.schoology.edit_section(edited.at(ITEM)[0], section_school_code="86001")
    again = edited.night()
    assert again.writes == []
    assert edited.item(ITEM) == NOTHING
    assert edited.scores(ITEM) == [NOTHING] * 4
    assert edited.item("also-shared-code") == NOTHING


def test_a_flag_goes_and_comes_as_powerschools_own(edited: Edited) -> None:
    (section, item), seats = edited.at(ITEM), edited.seats(ITEM)
    (before,) = edited.held(ITEM)
    for seat, exception in zip(seats, (1, 2, 3, 4), strict=True):
        edited.schoology.grade(section, item, seat, exception=exception)
    edited.night()
    kept = ("skipped", ("NO_SCORE", "LEFT_IN_SIS")), ("failed", ("EXCEPTION_UNMAPPED", "LEFT_IN_SIS"))
    assert edited.scores(ITEM) == [("updated", ()), ("updated", ()), *kept]
    (held,) = edited.held(ITEM)
    numbers = list(held["scores"])
    assert [held["scores"][number]["flags"] for number in numbers] == [["isexempt"], ["isincomplete"], [], []]
    assert [held["scores"][number]["points"] for number in numbers[:2]] == [None, None]
    assert [held["scores"][number] for number in numbers[2:]] == [before["scores"][number] for number in numbers[2:]]
    edited.nights.set('3 = "skip"', '3 = "flag"\n4 = "skip"')
    edited.night()
    assert edited.scores(ITEM)[2:] == [("updated", ()), ("skipped", ("NO_SCORE", "LEFT_IN_SIS"))]
    (held,) = edited.held(ITEM)
    assert held["scores"][numbers[2]] == {"entered": None, "flags": ["ismissing"], "points": None}
