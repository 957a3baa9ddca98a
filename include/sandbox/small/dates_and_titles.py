"""The small district's due dates (in and out of periods, found and defaulted) and titles (49 to 51 characters)."""

from sandbox.small.builder import CREATED, Cases, created, skipped

OUTSIDE = skipped("DUE_DATE_OUTSIDE_PERIOD")


def add_due_dates(cases: Cases) -> None:
    """Add both sides of every edge of a grading period, a section, and a school year."""
    for key, expected, of, by, due in [
        ("due-before-the-period", OUTSIDE, "c-main", "u-lead", "2026-08-16"),
        ("due-first-day-of-period", CREATED, "c-main", "u-lead", "2026-08-17"),
        ("due-last-day-of-period", CREATED, "c-main", "u-lead", "2026-10-16"),
        ("due-after-the-period", OUTSIDE, "c-main", "u-lead", "2026-10-17"),
        ("due-between-periods", OUTSIDE, "c-main", "u-lead", "2026-10-18"),
        ("due-next-period", OUTSIDE, "c-main", "u-lead", "2026-10-19"),
        ("due-as-of-day", CREATED, "c-main", "u-lead", "2026-10-15"),
        ("due-before-the-section", OUTSIDE, "c-short", "u-lead", "2026-09-07"),
        ("due-first-day-of-section", CREATED, "c-short", "u-lead", "2026-09-08"),
        ("due-last-day-of-section", CREATED, "c-short", "u-lead", "2026-10-09"),
        ("due-after-the-section", OUTSIDE, "c-short", "u-lead", "2026-10-10"),
        ("due-last-day-of-the-terms-own-period", CREATED, "c-semester", "u-lead", "2026-10-23"),
        ("due-after-the-terms-own-period", OUTSIDE, "c-semester", "u-lead", "2026-10-24"),
        ("due-last-day-of-the-schools-own-period", CREATED, "c-south", "u-south", "2026-10-23"),
        ("due-after-the-schools-own-period", OUTSIDE, "c-south", "u-south", "2026-10-24"),
        ("due-in-the-first-of-two-current-periods", CREATED, "c-overlapping", "u-south", "2026-10-01"),
        ("due-in-the-second-of-two-current-periods", CREATED, "c-overlapping", "u-south", "2026-11-20"),
        ("due-where-no-period-is-current", OUTSIDE, "c-spring", "u-lead", "2026-10-01"),
        ("due-first-day-of-the-school-year", OUTSIDE, "c-main", "u-lead", "2026-07-01"),
        ("due-last-day-of-the-school-year", OUTSIDE, "c-main", "u-lead", "2027-06-30"),
    ]:
        kind = "Test" if of == "c-overlapping" else "Quiz"
        cases.item(
            key, expected, f"due {due} in {of}", of=of, by=by, due_date=due, assessment={"assessment_type": kind}
        )
    _defaulted(cases)
    _plus(cases)
    cases.leave_out("due-last-school-year", "due on the last day of last school year", due_date="2026-06-30")
    cases.leave_out("due-next-school-year", "due on the first day of next school year", due_date="2027-07-01")
    cases.leave_out(
        "assigned-last-school-year",
        "no due date, and seven days later is still last school year",
        due_date=None,
        assigned_at="2026-06-20T15:00:00Z",
        assessment={"created_at": "2026-06-19T15:00:00Z"},
    )


def _defaulted(cases: Cases) -> None:
    defaulted = created("DUE_DATE_DEFAULTED")
    for key, expected, assigned, made in [
        ("no-due-date", defaulted, "2026-09-10T15:00:00Z", "2026-09-01T15:00:00Z"),
        ("no-due-date-last-day", defaulted, "2026-10-10T04:59:59Z", "2026-09-01T15:00:00Z"),
        ("no-due-date-day-after", OUTSIDE, "2026-10-10T05:00:00Z", "2026-09-01T15:00:00Z"),
        ("no-due-date-never-assigned", defaulted, None, "2026-09-01T15:00:00Z"),
        ("no-due-date-never-assigned-late", OUTSIDE, None, "2026-10-12T15:00:00Z"),
    ]:
        cases.item(
            key,
            expected,
            "seven days after the local day of assigning, else of creation",
            due_date=None,
            assigned_at=assigned,
            assessment={"created_at": made},
        )


def _plus(cases: Cases) -> None:
    plus = {"kind": "plus"}
    cases.item(
        "plus",
        CREATED,
        "seven days after the submission, whatever the due date says",
        assessment=plus,
        submission_date="2026-09-14",
        due_date="2026-12-01",
    )
    cases.item(
        "plus-last-day",
        CREATED,
        "the submission's seventh day is the period's last",
        assessment=plus,
        submission_date="2026-10-09",
        due_date="2026-09-18",
    )
    cases.item(
        "plus-day-after",
        OUTSIDE,
        "the submission's seventh day is the day after",
        assessment=plus,
        submission_date="2026-10-10",
        due_date="2026-09-18",
    )
    cases.item(
        "plus-without-submission",
        created("DUE_DATE_DEFAULTED"),
        "seven days after the assigning",
        assessment=plus,
        due_date=None,
    )
    cases.item(
        "submission-of-a-plain-one",
        CREATED,
        "a submission date means nothing outside Plus",
        submission_date="2026-12-01",
    )


def add_titles(cases: Cases) -> None:
    """Add titles around the 50 characters that fit with the identifier behind them (` (S131001)` has ten)."""
    cut = created("TITLE_TRUNCATED")
    for key, expected, title in [
        ("title-of-50", CREATED, "x" * 40),
        ("title-of-51", cut, "x" * 41),
        ("title-cut-at-a-blank", cut, "x" * 38 + " " + "y" * 20),
        ("title-of-50-in-unicode", CREATED, "Ünïcödé " + "測" * 31 + "🎓"),
        ("title-of-51-in-unicode", cut, "Ünïcödé " + "測" * 32 + "🎓"),
        ("title-of-50-after-folding", CREATED, "  " + "x" * 20 + " \t\n  " + "y" * 19 + "\n"),
        ("title-to-fold", CREATED, " Unit\t3 \r\n  test "),
        ("title-empty", CREATED, ""),
        ("title-blank", CREATED, " \t "),
        ("title-like-a-formula", CREATED, "=SUM(A1:A9)"),
        ("title-like-a-tag", CREATED, "<b>Bold</b> & \"quoted\" 'x'"),
        ("title-with-typography", CREATED, "“Quoted” – it’s here…"),
    ]:
        cases.item(key, expected, f"a title of {len(title)} characters", assessment={"title": title})
    cases.item(
        "identifier-long",
        cut,
        "the identifier stays whole",
        assessment={"title": "A title beside a long identifier", "identifier": "S130545-2026-VERSION-2"},
    )
    for key, assigned_to in (("shared-assessment-1", "c-main"), ("shared-assessment-2", "c-leading-zeros")):
        cases.item(
            key, CREATED, "one assessment in two classes", of=assigned_to, assessment_id="as-shared-assessment-1"
        )
