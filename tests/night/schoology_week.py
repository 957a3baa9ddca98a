"""A week of edits in Schoology, and in PowerSchool on what came from there, beside those of Otus."""

from typing import Any

from sandbox.small import SmallDistrict

# One ordinary item an edit, by the names of their cases.
ITEMS = {
    "edited": "ordinary-86001-1",
    "excused": "ordinary-86001-2",
    "overwritten": "ordinary-86002-1",
    "theirs": "ordinary-86002-2",
    "retitled": "ordinary-86003-1",
    "moved": "ordinary-86003-2",
    "worth_more": "ordinary-86004-1",
    "deleted": "ordinary-86004-2",
    "twin": "ordinary-86005-1",
    "becomes_a_twin": "ordinary-86005-2",
    "categorised": "no-category",
    "published": "unpublished",
    "no_longer_incomplete": "exceptions-alone",
    "older_twin": "twin-9150",
    "younger_twin": "twin-9151",
    "youngest_twin": "twin-9152",
}


class SchoologyWeek:
    """The edits of three nights, and what the second must say."""

    def __init__(self, nights: Any, small: SmallDistrict) -> None:
        """Look the items up, after the first night."""
        self.nights, self.schoology = nights, nights.box.control.schoology
        self.powerschool = nights.box.control.powerschool
        self.item = {name: small.schoology.keys[case] for name, case in ITEMS.items()}
        self.seats = {
            name: [key.rpartition(":")[2] for key in small.schoology.scores if key.startswith(f"{item}:")]
            for name, item in self.item.items()
        }
        self.numbers = {name: self._numbers(item) for name, item in self.item.items()}
        self.before = self._record("excused", "grades", f"{self._id('excused')}:{self.seats['excused'][0]}")

    def _numbers(self, item: str) -> list[str]:
        """The numbers of the students whose scores of an item are in PowerSchool."""
        return [number for held in self.powerschool.assignments(item) for number in held["scores"]]

    def _section(self, name: str) -> str:
        return self.item[name].partition(":")[0]

    def _id(self, name: str) -> str:
        return self.item[name].partition(":")[2]

    def _record(self, name: str, collection: str, key: str) -> dict[str, Any]:
        names = ("id",) if collection == "items" else ("assignment_id", "enrollment_id")
        for record in self.schoology.read(self._section(name), collection):
            if isinstance(record, dict) and ":".join(str(record.get(each)) for each in names) == key:
                return record
        raise KeyError(key)

    def _grade(self, name: str, seat: int = 0, grade: float | str | None = None, exception: int = 0) -> None:
        self.schoology.grade(self._section(name), self._id(name), self.seats[name][seat], grade, exception)

    def _edit(self, name: str, **changes: Any) -> None:
        self.schoology.edit_item(self._section(name), self._id(name), **changes)

    def edits(self) -> None:
        """What happens between the first night and the second."""
        self._grade("edited", grade=3)
        self._grade("excused", exception=1)
        self._grade("overwritten", grade="4")
        self.powerschool.edit_score(self.item["overwritten"], self.numbers["overwritten"][0], 2)
        self.powerschool.edit_score(self.item["theirs"], self.numbers["theirs"][0], 1)
        self._edit("retitled", title="Linear Equations Retake")
        self.powerschool.edit_score(self.item["retitled"], self.numbers["retitled"][1], 1)
        self._edit("moved", due="2026-10-09 23:59:00")
        self._edit("worth_more", max_points="20")
        self.schoology.delete_item(self._section("deleted"), self._id("deleted"))
        self._edit("becomes_a_twin", title=self._record("twin", "items", self._id("twin"))["title"])
        category = self._record("younger_twin", "items", self._id("younger_twin"))["grading_category"]
        self._edit("categorised", grading_category=category)
        self.schoology.publish(self._section("published"), self._id("published"))
        self._grade("no_longer_incomplete", seat=1, grade=6)
        self.schoology.delete_item(self._section("older_twin"), self._id("older_twin"))

    def second_night_says(self) -> None:
        """Check what became of each."""
        items = self.nights.verdicts("schoology", "item")
        scores = self.nights.verdicts("schoology", "score")
        gone = ("skipped", ("SOURCE_DELETED", "LEFT_IN_SIS"))
        for name, expected in {
            "edited": ("unchanged", ()),
            "retitled": ("updated", ()),
            "moved": ("updated", ()),
            "worth_more": ("updated", ()),
            "deleted": gone,
            "twin": ("unchanged", ()),
            "becomes_a_twin": ("updated", ()),
            "categorised": ("created", ()),
            "published": ("created", ()),
            "older_twin": gone,
            "younger_twin": ("updated", ()),
            "youngest_twin": ("unchanged", ()),
        }.items():
            assert items[self.item[name]] == expected, name
        for name, wanted in {
            "edited": [("updated", ()), *[("unchanged", ())] * 3],
            "excused": [("updated", ()), *[("unchanged", ())] * 3],
            "overwritten": [("updated", ("TEACHER_EDIT_OVERWRITTEN",)), *[("unchanged", ())] * 3],
            "theirs": [("unchanged", ())] * 4,
            "retitled": [("updated", ()), ("unchanged", ("TEACHER_EDIT_KEPT",)), *[("updated", ())] * 2],
            "moved": [("unchanged", ())] * 4,
            "worth_more": [("updated", ())] * 4,
            "deleted": [("skipped", ("SOURCE_DELETED",))] * 4,
            "becomes_a_twin": [("updated", ())] * 4,
            "categorised": [("created", ())],
            "no_longer_incomplete": [("unchanged", ()), ("updated", ())],
            "younger_twin": [("updated", ())],
        }.items():
            assert [scores[f"{self.item[name]}:{seat}"] for seat in self.seats[name]] == wanted, name

    def to_and_fro(self) -> None:
        """Take the exception back: the grade of the first night goes again."""
        self._grade("excused", grade=self.before["grade"])

    def too_late(self) -> None:
        """Change a grade whose period is over."""
        self._grade("edited", grade=9)
