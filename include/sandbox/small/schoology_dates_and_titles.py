"""The small district's Schoology due dates (own, the period's, the section's) and titles (twins and long ones)."""

from typing import Any

from sandbox.small.builder import CREATED, Expected, created, skipped
from sandbox.small.schoology_builder import MAIN, SchoologyCases
from sandbox.small.schoology_sections import OVERLAPPING, SEMESTER, SHORT, SOUTH, SPRING

OUTSIDE, BEFORE = skipped("DUE_DATE_OUTSIDE_PERIOD"), skipped("BEFORE_EFFECTIVE_DATE")
BOTH = skipped("BEFORE_EFFECTIVE_DATE", "DUE_DATE_OUTSIDE_PERIOD")
DEFAULTED = created("DUE_DATE_DEFAULTED")
CUT = created("TITLE_TRUNCATED")


def add_due_dates(cases: SchoologyCases) -> None:
    """Add both sides of the effective date and of every edge of a grading period, a section, and a school year."""
    for name, expected, of, due in [
        ("due-before-everything", BOTH, MAIN, "2026-08-16 23:59:00"),
        ("due-before-the-effective-date", BEFORE, MAIN, "2026-08-23 23:59:59"),
        ("due-on-the-effective-date", CREATED, MAIN, "2026-08-24 00:00:00"),
        ("due-as-of-day", CREATED, MAIN, "2026-10-15 08:00:00"),
        ("due-last-day-of-period", CREATED, MAIN, "2026-10-16 23:59:59"),
        ("due-after-the-period", OUTSIDE, MAIN, "2026-10-17 00:00:00"),
        ("due-next-period", OUTSIDE, MAIN, "2026-10-19 23:59:00"),
        ("due-before-the-section", OUTSIDE, SHORT, "2026-09-07 23:59:00"),
        ("due-first-day-of-section", CREATED, SHORT, "2026-09-08 00:00:00"),
        ("due-last-day-of-section", CREATED, SHORT, "2026-10-09 23:59:00"),
        ("due-after-the-section", OUTSIDE, SHORT, "2026-10-10 00:00:00"),
        ("due-last-day-of-the-terms-own-period", CREATED, SEMESTER, "2026-10-23 23:59:00"),
        ("due-after-the-terms-own-period", OUTSIDE, SEMESTER, "2026-10-24 00:00:00"),
        ("due-last-day-of-the-schools-own-period", CREATED, SOUTH, "2026-10-23 23:59:00"),
        ("due-after-the-schools-own-period", OUTSIDE, SOUTH, "2026-10-24 00:00:00"),
        ("due-in-the-first-of-two-current-periods", CREATED, OVERLAPPING, "2026-10-01 23:59:00"),
        ("due-in-the-second-of-two-current-periods", CREATED, OVERLAPPING, "2026-11-20 23:59:00"),
        ("due-where-no-period-is-current", OUTSIDE, SPRING, "2026-10-01 23:59:00"),
        ("due-first-day-of-the-school-year", BOTH, MAIN, "2026-07-01 00:00:00"),
        ("due-last-day-of-the-school-year", OUTSIDE, MAIN, "2027-06-30 23:59:00"),
    ]:
        cases.item(name, expected, f"due {due}", of=of, due=due)
    for name, due in (("due-last-school-year", "2026-06-30 23:59:59"), ("due-next-school-year", "2027-07-01 00:00:00")):
        cases.leave_out(cases.item(name, CREATED, f"due {due}", due=due))
    _defaulted(cases)


def _defaulted(cases: SchoologyCases) -> None:
    of_period, of_section = "the last day of its grading period", "the section's last day"
    rows: list[tuple[str, Expected, str, Any, str]] = [
        ("no-due-date-period", DEFAULTED, MAIN, "435", of_period),
        ("no-due-date-period-as-number", DEFAULTED, MAIN, 435, of_period),
        ("no-due-date-longer-period", OUTSIDE, MAIN, "437", f"{of_period} in Schoology, after PowerSchool's"),
        ("no-due-date-early-period", BEFORE, MAIN, "431", f"{of_period}, in summer"),
        ("no-due-date-next-period", OUTSIDE, MAIN, "436", of_period),
        ("no-due-date-section", OUTSIDE, MAIN, "0", f"{of_section}, in June"),
        ("no-due-date-short-section", DEFAULTED, SHORT, "0", f"{of_section}, in the quarter"),
        ("no-due-date-short-section-as-number", DEFAULTED, SHORT, 0, f"{of_section}, in the quarter"),
        ("no-due-date-period-after-the-section", OUTSIDE, SHORT, "435", f"{of_period}, after the section's"),
        ("no-due-date-semester", OUTSIDE, SEMESTER, "0", f"{of_section}, in December"),
    ]
    for name, expected, of, period, why in rows:
        cases.item(name, expected, why, of=of, due="", grading_period=period)
    cases.item("due-date-and-period", CREATED, "its own due date comes first", grading_period="436")
    old = cases.item("no-due-date-old-period", CREATED, "last year's period", due="", grading_period="20250")
    cases.leave_out(old)


def add_titles(cases: SchoologyCases) -> None:
    """Add twins, which the younger one's id tells apart, and titles around the 50 characters that fit."""
    twins: list[tuple[int, Expected, str, str, dict[str, Any]]] = [
        (9151, CREATED, "Chapter 4 Review", "its older twin is listed after it", {}),
        (9150, CREATED, "Chapter 4 Review", "the older twin keeps its name", {}),
        (9152, CREATED, " Chapter\t4  Review ", "folded, it is a twin", {}),
        (9153, CREATED, "chapter 4 review", "another case, no twin", {}),
        (10001, CREATED, "Weekly Vocabulary", "9998 is the older one: ids are numbers", {}),
        (9998, CREATED, "Weekly Vocabulary", "ids are numbers", {}),
        (9160, skipped("NOT_PUBLISHED"), "Lab Safety Contract", "an older twin that does not pass", {"published": 0}),
        (9161, CREATED, "Lab Safety Contract", "a twin of one that does not pass", {}),
        (9165, skipped("NOT_PUBLISHED"), "", "no title", {"published": 0}),
        (9166, CREATED, " ", "no title, and a twin without one: the suffix alone", {}),
        (9170, CREATED, "Persuasive Essay on School Uniforms: Draft", "42 characters", {}),
        (9171, CREATED, "Persuasive Essay on School Uniforms: Draft", "42 characters and a suffix of 8", {}),
        (9172, CREATED, "Persuasive Essay on School Uniforms: Drafts", "43 characters", {}),
        (9173, CUT, "Persuasive Essay on School Uniforms: Drafts", "43 characters and a suffix of 8", {}),
    ]
    for number, expected, title, why, changes in twins:
        cases.item(f"twin-{number}", expected, why, number=number, title=title, **changes)
    for name, expected, title in [
        ("title-of-50", CREATED, "Unit 2: Solving Multi-Step Equations and Word Prob"),
        ("title-of-51", CUT, "Unit 2: Solving Multi-Step Equations and Word Probs"),
        ("title-cut-at-a-blank", CUT, "Reading Response Number Three: Theme and Symbols in Literature"),
        ("title-long-alike-1", CUT, "Cornell Notes for Chapter 12, Sections 1 through 3: Part A"),
        ("title-long-alike-2", CUT, "Cornell Notes for Chapter 12, Sections 1 through 3: Part B"),
        ("title-of-50-in-unicode", CREATED, "Español: ¿Qué hiciste ayer? " + "測" * 21 + "🎓"),
        ("title-to-fold", CREATED, "  Do Now \r\n 9/18 "),
        ("title-like-a-formula", CREATED, "=SUM(A1:A9)"),
        ("title-like-a-suffix", CREATED, "Exit Slip (#9150)"),
    ]:
        cases.item(name, expected, f"a title of {len(title)} characters", title=title)
