"""A small district in staging with one Schoology section, row by row as extraction leaves it."""

from typing import Any

from tests.rules.staged import DAY, Staged

SECTION = "4318461"


class StagedSchoology(Staged):
    """As `Staged`; items are named by their grade item's id, scores by it and the enrolment's (`1-e2`)."""

    source = "schoology"

    def district(self) -> None:
        """As before, with section 4318461 of 85001, its category 4371, grading period 435 and enrolments e1 to e5."""
        super().district()
        self.course(SECTION, 85001)
        self.add("staging.schoology_category", section_id=SECTION, id="4371", title="Worksheets")
        self.period("435", "Quarter 1", "2026-10-22")
        for number in range(1, 6):
            self.enrolment(f"e{number}", str(number))

    def course(self, section_id: str, dcid: int | None, **columns: Any) -> None:
        """A Schoology section of a PowerSchool section."""
        good = {"section_school_code": str(dcid or ""), "section_dcid": dcid, "active": True, "grading_periods": []}
        self.add("staging.schoology_section", id=section_id, **good | columns)

    def period(self, period_id: str, title: str, end_on: str | None, section_id: str = SECTION) -> None:
        self.add("staging.schoology_grading_period", section_id=section_id, id=period_id, title=title, end_on=end_on)

    def enrolment(self, enrolment_id: str, number: str | None, **columns: Any) -> None:
        good = {"section_id": SECTION, "student_number": number, "admin": False, "status": "1"}
        self.add("staging.schoology_enrollment", id=enrolment_id, **good | columns)

    def grade_item(self, grade_item_id: str, section_id: str = SECTION, **columns: Any) -> None:
        """A grade item that passes."""
        good = {
            "title": f"Worksheet {grade_item_id}", "kind": "assignment", "due_on": DAY, "grading_scale": "0",
            "grading_period": "435", "grading_category": "4371", "max_points": 10, "is_final": False, "published": True,
            "count_in_grade": True, "collected_only": False,
        }  # fmt: skip
        self.add("staging.schoology_item", id=f"{section_id}:{grade_item_id}", section_id=section_id,
                 grade_item_id=grade_item_id, **good | columns)  # fmt: skip

    def unreadable(self, grade_item_id: str, section_id: str = SECTION, reason: str = "`title` is missing",
                   **read: Any) -> None:  # fmt: skip
        """A grade item of which nothing but its id, and what is given, can be read."""
        self.add("staging.schoology_item", id=f"{section_id}:{grade_item_id}", section_id=section_id,
                 grade_item_id=grade_item_id, invalid=reason, **read)  # fmt: skip

    def grade(self, grade_item_id: str, enrolment_id: str = "e1", section_id: str = SECTION, **columns: Any) -> None:
        """A grade that passes."""
        item_id = f"{section_id}:{grade_item_id}"
        good = {"grade": 8, "exception": 0, "changed_at": 1_790_000_000}
        self.add("staging.schoology_grade", id=f"{item_id}:{enrolment_id}", section_id=section_id, item_id=item_id,
                 enrollment_id=enrolment_id, **good | columns)  # fmt: skip

    def items(self, run_key: int) -> dict[str, list[str]]:
        return {item_id.removeprefix(f"{SECTION}:"): codes for item_id, codes in super().items(run_key).items()}

    def scores(self, run_key: int) -> dict[str, list[str]]:
        found = super().scores(run_key)
        return {key.removeprefix(f"{SECTION}:").replace(":", "-"): codes for key, codes in found.items()}

    def kept(self, run_key: int, *columns: str) -> dict[str, Any]:
        """These columns of the run's items."""
        rows = self.rows(
            f"select source_item_id, {', '.join(columns)} from passback.run_item where run_key = %s", run_key
        )
        return {row[0].removeprefix(f"{SECTION}:"): row[1] if len(columns) == 1 else row[1:] for row in rows}
