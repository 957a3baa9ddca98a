"""reconciliation.html: escaped, self-contained, and with what an analyst asks for."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from tests.reconciliation.world import DAY, SECTION, World

EVIL = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Tree(HTMLParser):
    """Reads a page and fails where an element is not closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_people_wrote_is_escaped_everywhere(world: World) -> None:
    world.connection.execute("update staging.school set school_name = %s", [EVIL])
    world.connection.execute("update staging.section set course_name = %s", [EVIL])
    for day in (14, 15):
        run = world.run(date(2026, 10, day), run_id=f"{EVIL}{day}")
        world.item(run, "A1", "CATEGORY_UNMAPPED", title=EVIL, message=EVIL)
        world.insert("passback.run_problem", run_key=run, step="gate", message=EVIL)
        page = world.reconcile(run).page
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") > 5


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run, "A1", "CATEGORY_UNMAPPED"), "s1")
    page = world.reconcile(run).page
    tree = Tree(page)
    assert tree.open == []
    assert "url(" not in page
    assert not re.search(r"https?://|@import", page)
    links = [attrs["href"] for tag, attrs in tree.seen if tag == "a"]
    assert links == ["reconciliation.csv", "summary.json", "quarantine.csv"]
    assert "prefers-color-scheme: dark" in page
    assert all(attrs.get("aria-label") for tag, attrs in tree.seen if tag == "svg")
    assert all(attrs.get("scope") for tag, attrs in tree.seen if tag == "th")


def test_causes_come_with_everything_that_waits_for_them(world: World) -> None:
    run = world.run()
    for number in range(3):
        item = world.item(run, f"A{number}", "CATEGORY_UNMAPPED", message="“Project” is not mapped.")
        for student in ("s1", "s2"):
            world.score(run, item, f"{student}-{number}")
    world.score(run, world.item(run, "B1"), "s9", "STUDENT_NOT_FOUND")
    page = text_of(world.reconcile(run).page)
    assert "CATEGORY_UNMAPPED “Project” is not mapped. 3 6 1 90.0 %" in page


def test_new_and_resolved_lines_are_counted_against_the_night_before(world: World) -> None:
    for day, codes in (
        (14, {"A1": "OPTED_OUT", "A2": "OPTED_OUT", "A4": "OPTED_OUT"}),
        (15, {"A1": "OPTED_OUT", "A3": "OPTED_OUT"}),
    ):
        run = world.run(date(2026, 10, day))
        for item in ("A1", "A2", "A3"):
            world.item(run, item, *([codes[item]] if item in codes else []))
        if "A4" in codes:
            world.item(run, "A4", codes["A4"])
        page = text_of(world.reconcile(run).page)
    assert "Compared with the night of 2026-10-14" in page
    assert "OPTED_OUT item 2 1 1 teacher" in page  # A3 is new, A2 resolved, A4 was not judged


def test_the_trend_has_this_run_and_no_preview(world: World) -> None:
    for day in range(1, 5):
        run = world.run(date(2026, 10, day), dry_run=day == 2)
        world.score(run, world.item(run, "A1", "CATEGORY_UNMAPPED"), "s1")
        page = world.reconcile(run).page
    assert "The last 3 runs" in page
    assert "2026-10-02" not in page


def test_what_leaves_its_period_within_seven_days_is_listed(world: World) -> None:
    world.insert(
        "staging.grading_period", school_number="101", term_id=3600, store_code="Q1",
        first_day=date(2026, 8, 24), last_day=date(2026, 10, 22), seq=1,
    )  # fmt: skip
    for as_of, listed in ((date(2026, 10, 14), False), (date(2026, 10, 15), True)):
        run = world.run(as_of)
        world.item(run, "A1", "CATEGORY_UNMAPPED", due_on=date(2026, 10, 1))
        world.item(run, "A2", "OPTED_OUT", due_on=date(2026, 10, 1))
        page = world.reconcile(run).page
        assert ("Leaving its grading period" in page) is listed
    assert "1 failed or held items" in page


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_preview_lists_every_change_old_and_new(world: World, dry_run: bool) -> None:
    """In a preview what would be sent; in a night only what the guard holds."""
    run = world.run(dry_run=dry_run)
    new, old = world.item(run, "A1", name="=Quiz (S1)"), world.item(run, "A2", name="Quiz 2 (S2)")
    ledger(world, world.key_of(run, old))
    for item, student, action, base in ((new, "7001", "create", None), (old, "7002", "update", 5.0)):
        world.score(run, item, student)
        if dry_run:
            world.plan_item(run, item, action, "planned")
            world.plan_score(run, item, student, action, base_points=base, base_flags=None if base is None else 0)
        else:
            held(world, run, item, student, action, base)
    report = world.reconcile(run)
    changes = [
        (row["source_item_id"], row["student_number"], row["field"], row["old"], row["new"])
        for row in report.lines("preview.csv")
    ]
    assert changes == [
        ("A1", "", "name", "", "'=Quiz (S1)"),
        ("A1", "", "due_date", "", "2026-10-15"),
        ("A1", "", "total", "", "10"),
        ("A1", "", "category", "", "Quizzes"),
        ("A1", "7001", "score", "", "8"),
        ("A2", "", "name", "Quiz (S2)", "Quiz 2 (S2)"),
        ("A2", "7002", "score", "5", "8"),
    ]
    assert {row["outcome"] for row in report.lines("preview.csv")} == ({"created", "updated"} if dry_run else {"held"})
    assert 'href="preview.csv"' in report.page
    assert report.summary["balanced"] is True


def test_a_night_that_holds_nothing_has_no_preview(world: World) -> None:
    run = world.run()
    world.item(run)
    assert not (world.reconcile(run).folder / "preview.csv").exists()


def held(world: World, run: int, item: int, student: str, action: str, base: float | None) -> None:
    """An item with a score whose changes the guard holds."""
    named = "run_key, item_key, source, action, limits, section_dcid, name, due_on, total, category"
    world.connection.execute(
        f"insert into passback.held_item ({named}, base_name, base_due_on, base_total, base_category) "
        "select i.run_key, i.item_key, i.source, %s, 8, i.section_dcid, i.name, i.due_on, i.total, i.category, "
        "l.name_sent, l.due_sent, l.total_sent, l.category_sent "
        "from passback.run_item as i left join passback.ledger_item as l using (item_key) "
        "where i.run_key = %s and i.item_no = %s",
        [action, run, item],
    )
    world.insert(
        "passback.held_score", run_key=run, item_key=world.key_of(run, item), student_number=student, source="otus",
        action=action, limits=1, base_points=base, base_flags=None if base is None else 0, points=8.0, flags=0,
    )  # fmt: skip


def ledger(world: World, item_key: int) -> None:
    """What was delivered of an item some night before."""
    values = {"due": DAY, "total": 10.0, "category": "Quizzes", "name": "Quiz (S2)"}
    world.insert(
        "passback.ledger_item", item_key=item_key, section_dcid=SECTION, users_dcid=501, powerschool_assignment_id=9,
        seq=1, run_key=1, created_run_key=1,
        **{f"{field}_{kind}": value for field, value in values.items() for kind in ("sent", "held")},
    )  # fmt: skip


def text_of(page: str) -> str:
    """The page's text, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split("<body>")[1]))
