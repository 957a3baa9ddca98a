"""The books: whatever happened to a run's items and scores, everything staged has exactly one outcome."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reconciliation.world import World

from passback.reconciliation import red_reasons
from passback.reconciliation.books import COLUMNS, OUTCOMES, SOURCES

RULES = ("OPTED_OUT", "CATEGORY_UNMAPPED", "NO_SCORES_YET", "SOURCE_RECORD_INVALID", "TITLE_TRUNCATED")
SCORE_RULES = ("NO_SCORE", "STUDENT_NOT_ENROLLED", "SOURCE_RECORD_INVALID", "SCORE_ABOVE_TOTAL")
PLANS = (
    None, ("create", "accepted", ""), ("update", "accepted", ""), ("scores", "done", ""), ("create", "planned", ""),
    ("update", "planned", ""), ("create", "refused", "DUE_DATE_REJECTED"), ("update", "refused", "CATEGORY_REJECTED"),
    ("update", "held", "DELETED_IN_SIS"), ("create", "held", "MASS_CHANGE_HELD"),
)  # fmt: skip
EXCEPTIONS = (None, ("dropped", ""), ("kept", ""), ("refused", "STUDENT_REJECTED"), ("mismatch", ""), ("warned", ""))

scores = st.fixed_dictionaries({
    "codes": st.sets(st.sampled_from(SCORE_RULES), max_size=2),
    "planned": st.booleans(),
    "exception": st.sampled_from(EXCEPTIONS),
})  # fmt: skip
items = st.fixed_dictionaries({
    "source": st.sampled_from(SOURCES),
    "school": st.sampled_from(["101", "102", None]),
    "codes": st.sets(st.sampled_from(RULES), max_size=2),
    "plan": st.sampled_from(PLANS),
    "proved": st.sampled_from([None, "create", "update"]),
    "call": st.sampled_from(["accepted", "refused", "open", "not_done"]),
    "scores": st.lists(scores, max_size=4),
})  # fmt: skip


@settings(max_examples=40)
@given(drawn=st.lists(items, max_size=5), dry_run=st.booleans())
def test_the_books_balance_whatever_happened(template_world: World, drawn: list[dict], dry_run: bool) -> None:
    world = template_world
    run = world.run(dry_run=dry_run, sources=dict.fromkeys(SOURCES, "read"))
    students = itertools.count(1)
    for number, one in enumerate(drawn):
        item = world.item(run, f"A{run}-{number}", *one["codes"], source=one["source"], school_number=one["school"])
        if one["plan"]:
            action, state, code = one["plan"]
            earlier = {"proved": one["proved"], "confirmed": True} if one["proved"] and not dry_run else {}
            world.plan_item(run, item, action, state, code=code, **earlier)
            world.call(run, item, one["call"])
        for score in one["scores"]:
            student = str(next(students))
            world.score(run, item, f"s{student}", *score["codes"], student=student)
            if score["planned"] and one["plan"]:
                world.plan_score(run, item, student)
            if score["exception"]:
                world.exception(run, item, student, score["exception"][0], code=score["exception"][1])
    summary = world.reconcile(run).summary
    groups = list(summary["sources"].values())
    groups += [levels for by_source in summary["schools"].values() for levels in by_source.values()]
    for counts in (group[level] for group in groups for level in ("items", "scores")):
        assert counts["staged"] == sum(counts[outcome] for outcome in OUTCOMES)
    for level, expected in (("items", len(drawn)), ("scores", sum(len(one["scores"]) for one in drawn))):
        assert sum(totals[level]["staged"] for totals in summary["sources"].values()) == expected
    for source, level, column in itertools.product(SOURCES, ("items", "scores"), COLUMNS):
        by_school = sum(schools[source][level][column] for schools in summary["schools"].values() if source in schools)
        assert by_school == summary["sources"][source][level][column]
    assert summary["balanced"] is True


def test_the_totals_of_the_database_are_those_of_the_summary(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "OPTED_OUT")
    world.item(run, "A2")
    world.score(run, item, "s1")
    summary = world.reconcile(run).summary
    for level in ("item", "score"):
        for view in ("run_totals", "trend"):
            query = f"select {', '.join(COLUMNS)} from report.{view} where run_key = %s and level = %s"
            row = world.row(query, run, level)
            assert dict(zip(COLUMNS, row, strict=True)) == summary["sources"]["otus"][f"{level}s"]
    counted = world.connection.execute("select code, level, count from report.code_counts where run_key = %s", [run])
    assert sorted(counted) == sorted((row["code"], row["level"], row["count"]) for row in summary["codes"])


def test_what_was_sent_and_not_confirmed_leaves_the_books_open(world: World) -> None:
    run = world.run()
    world.plan_item(run, world.item(run), confirmed=False)
    report = world.reconcile(run)
    assert report.summary["balanced"] is False
    assert any("1 created or updated, 0 confirmed" in reason for reason in red_reasons(world.uri, run))
    assert world.value("select balanced from passback.run where run_key = %s", run) is False


def test_a_preview_balances_without_a_confirmation(world: World) -> None:
    run = world.run(dry_run=True)
    world.plan_item(run, world.item(run), "create", "planned")
    report = world.reconcile(run)
    assert report.summary["sources"]["otus"]["items"]["created"] == 1
    assert report.summary["verified"] == {"confirmed": 0, "mismatched": 0}
    assert report.summary["balanced"] is True


def test_rows_of_a_source_that_was_not_read_leave_the_books_open(world: World) -> None:
    run = world.run(sources={"otus": "refused"})
    world.item(run)
    report = world.reconcile(run)
    assert report.summary["sources"] == {}
    assert report.summary["balanced"] is False


def test_sources_stand_in_their_order_and_only_where_they_were_read(world: World) -> None:
    run = world.run(sources={"schoology": "read", "otus": "read"})
    assert list(world.reconcile(run).summary["sources"]) == ["otus", "schoology"]
    run = world.run(sources={"schoology": "read", "otus": "unreadable"})
    assert list(world.reconcile(run).summary["sources"]) == ["schoology"]


def test_requests_are_summed_over_systems_and_steps(world: World) -> None:
    run = world.run()
    world.insert("passback.run_requests", run_key=run, system="otus", step="extract", total=10, retried=2, throttled=1)
    world.insert(
        "passback.run_requests", run_key=run, system="powerschool", step="deliver", total=5, retried=0, throttled=3
    )
    assert world.reconcile(run).summary["requests"] == {"total": 15, "retried": 2, "throttled": 4}


def test_a_run_without_sources_has_a_whole_report(world: World) -> None:
    run = world.run(sources={})
    report = world.reconcile(run)
    assert report.summary["sources"] == report.summary["schools"] == {}
    assert report.summary["codes"] == []
    assert (report.folder / "reconciliation.csv").read_text().startswith("run_id,as_of,source,")
    assert "No source was read in this run." in report.page
    assert red_reasons(world.uri, run) == []


def test_reconciling_twice_gives_the_same_rows(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run, "A1", "OPTED_OUT"), "s1")
    first, second = world.reconcile(run), world.reconcile(run)
    assert first.told == second.told
    assert world.value("select count(*) from passback.line") == 1
    assert world.value("select sum(staged)::int from passback.book") == 2
