"""What changes in Schoology between nights, and what becomes of it in PowerSchool's gradebook and in the report."""

from typing import Any

import pytest

from sandbox.small import SmallDistrict

ITEM, UNPUBLISHED, UNCATEGORISED, LATE, DELETED, UNLINKED, MOVED = (
    "ordinary-86001-1", "ordinary-86001-2", "ordinary-86002-1", "ordinary-86002-2", "ordinary-86003-1",
    "ordinary-86004-1", "also-shared-code",
)  # fmt: skip
NOTHING: tuple[str, tuple[str, ...]] = ("unchanged", ())
NO_SCORE, UNMAPPED = ("skipped", ("NO_SCORE", "LEFT_IN_SIS")), ("failed", ("EXCEPTION_UNMAPPED", "LEFT_IN_SIS"))


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

    def read(self, name: str, collection: str) -> list[Any]:
        """What Schoology holds of an item's section."""
        return list(self.schoology.read(self.at(name)[0], collection))

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


def test_what_no_longer_passes_is_left_in_powerschool_and_is_the_same_when_it_passes_again(edited: Edited) -> None:
    before = edited.nights.box.control.state()
    (section, item), seats = edited.at(ITEM), edited.seats(ITEM)
    (record,) = [each for each in edited.read(DELETED, "items") if str(each["id"]) == edited.at(DELETED)[1]]
    edited.schoology.edit_item(section, item, assignees=[seats[0], seats[1]])
    edited.schoology.grade(section, item, seats[1], "absent")
    edited.schoology.publish(*edited.at(UNPUBLISHED), published=False)
    edited.schoology.edit_item(*edited.at(UNCATEGORISED), grading_category="0")
    edited.schoology.edit_item(*edited.at(LATE), due="2026-10-30 23:59:00")
    edited.schoology.delete_item(*edited.at(DELETED), keep_grades=True)
    edited.schoology.edit_section(edited.at(UNLINKED)[0], section_school_code="")
    night = edited.night()
    assert (night.state, night.writes) == ("success", [])
    others = ("skipped", ("NOT_ASSIGNED_TO_STUDENT", "LEFT_IN_SIS"))
    assert edited.item(ITEM) == NOTHING
    assert edited.scores(ITEM) == [NOTHING, ("failed", ("SCORE_INVALID", "LEFT_IN_SIS")), others, others]
    for name, outcome, code in (
        (UNPUBLISHED, "skipped", "NOT_PUBLISHED"),
        (UNCATEGORISED, "failed", "CATEGORY_REQUIRED"),
        # A period that has not ended yet: what is there is a remainder, and no history.
        (LATE, "skipped", "DUE_DATE_OUTSIDE_PERIOD"),
        (DELETED, "skipped", "SOURCE_DELETED"),
        (UNLINKED, "failed", "SECTION_NOT_FOUND"),
    ):
        assert edited.item(name) == (outcome, (code, "LEFT_IN_SIS")), name
        assert edited.scores(name) == [(outcome, (code,))] * 4, name

    edited.schoology.upsert(edited.at(DELETED)[0], "items", record)
    edited.schoology.edit_section(edited.at(UNLINKED)[0], section_school_code="86004")
    edited.schoology.publish(*edited.at(UNPUBLISHED))
    again = edited.night()
    assert (again.state, again.writes) == ("success", [])
    for name in (DELETED, UNLINKED, UNPUBLISHED):
        assert edited.item(name) == NOTHING, name
        assert edited.scores(name) == [NOTHING] * 4, name
    assert edited.nights.box.control.state() == before


def test_what_waited_passes_as_soon_as_it_may_and_what_moves_is_made_anew(edited: Edited) -> None:
    category = edited.schoology.read("4318401", "categories")[0]
    edited.schoology.edit_item(*edited.at("no-category"), grading_category=category["id"])
    # A category that nobody has used before is read when it is.
    edited.schoology.upsert("4318401", "categories", {"id": 990018, "title": "Quizzes"})
    edited.schoology.edit_item(*edited.at("category-not-listed"), grading_category="990018")
    edited.schoology.publish(*edited.at("unpublished"))
    edited.schoology.edit_item(*edited.at("not-counted"), count_in_grade=1)
    edited.schoology.edit_item(*edited.at("total-empty"), max_points="12")
    edited.schoology.edit_item(*edited.at("due-after-the-period"), due="2026-10-16 23:59:00")
    edited.schoology.edit_section(edited.at(MOVED)[0], section_school_code="85012")
    night = edited.night()
    waited = ("no-category", "category-not-listed", "unpublished", "not-counted", "total-empty", "due-after-the-period")
    for name in waited:
        assert edited.item(name) == ("created", ()), name
        assert edited.scores(name) == [("created", ())], name
    (held,) = edited.held("category-not-listed")
    assert held["category"] == "Quizzes"
    assert edited.item(MOVED) == ("created", ("LEFT_IN_SIS",))
    assert edited.scores(MOVED) == [("created", ())]
    assert {held["section_dcid"] for held in edited.held(MOVED)} == {85008, 85012}
    assert edited.item("shared-code") == NOTHING
    assert night.totals("items", "schoology")["created"] == len(waited) + 1
    assert {write["kind"] for write in night.writes} == {"create", "score"}


def test_flags_and_grades_come_and_go_and_what_is_gone_shows_in_a_full_sweep(edited: Edited) -> None:
    (section, item), seats = edited.at(ITEM), edited.seats(ITEM)
    (before,) = edited.held(ITEM)
    numbers = list(before["scores"])
    for seat, exception in zip(seats, (1, 2, 3, 4), strict=True):
        edited.schoology.grade(section, item, seat, exception=exception)
    edited.night()
    assert edited.scores(ITEM) == [("updated", ()), ("updated", ()), NO_SCORE, UNMAPPED]
    (held,) = edited.held(ITEM)
    assert [held["scores"][number]["flags"] for number in numbers] == [["isexempt"], ["isincomplete"], [], []]
    assert [held["scores"][number]["points"] for number in numbers[:2]] == [None, None]
    assert [held["scores"][number] for number in numbers[2:]] == [before["scores"][number] for number in numbers[2:]]

    edited.nights.set('3 = "skip"', '3 = "flag"')
    edited.nights.set("full_sweep_days = 7", "full_sweep_days = 0")
    (other_section, other), others = edited.at(UNPUBLISHED), edited.seats(UNPUBLISHED)
    edited.schoology.empty_grade(other_section, other, others[0])
    edited.schoology.vanish_grade(other_section, other, others[1])
    night = edited.night()
    # The other call is for the case of all exceptions, where two students are missing.
    assert [write["kind"] for write in night.writes] == ["score", "score"]
    assert [said for said in edited.scores("exceptions") if said == ("created", ())] == [("created", ())] * 2
    assert edited.scores(ITEM) == [NOTHING, NOTHING, ("updated", ()), UNMAPPED]
    (held,) = edited.held(ITEM)
    assert held["scores"][numbers[2]] == {"entered": None, "flags": ["ismissing"], "points": None}
    assert edited.scores(UNPUBLISHED) == [NO_SCORE, ("skipped", ("SOURCE_DELETED", "LEFT_IN_SIS")), NOTHING, NOTHING]

    edited.schoology.grade(section, item, seats[0], before["scores"][numbers[0]]["points"])
    edited.schoology.grade(other_section, other, others[1], 2)
    night = edited.night()
    assert [write["kind"] for write in night.writes] == ["score", "score"]
    assert edited.scores(ITEM)[0] == edited.scores(UNPUBLISHED)[1] == ("updated", ())
    (held,) = edited.held(ITEM)
    assert held["scores"][numbers[0]] == before["scores"][numbers[0]]
