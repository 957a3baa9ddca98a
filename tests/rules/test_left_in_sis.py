"""LEFT_IN_SIS: what the ledger holds and what no longer passes stays in PowerSchool, and says so once."""

from tests.rules.staged import Staged

LEFT = "LEFT_IN_SIS"


def test_an_item_of_the_ledger_that_no_longer_passes_is_left(staged: Staged) -> None:
    staged.item("failing", include_in_final_grade=False)
    staged.item("deleted", deleted=True)
    staged.item("unreadable", invalid="`due_date` must be a date")
    staged.item("passing")
    for item in ("failing", "deleted", "unreadable", "passing"):
        staged.deliver(item, "1")
    staged.item("never_sent", include_in_final_grade=False)
    staged.item("gone", include_in_final_grade=False)
    staged.deliver("gone", "1", state="deleted")
    run_key = staged.evaluate()
    assert staged.items(run_key) == {
        "failing": ["NOT_IN_FINAL_GRADE", LEFT], "deleted": ["SOURCE_DELETED", LEFT],
        "unreadable": ["SOURCE_RECORD_INVALID", LEFT], "passing": [], "never_sent": ["NOT_IN_FINAL_GRADE"],
        "gone": ["NOT_IN_FINAL_GRADE"],
    }  # fmt: skip
    assert set(map(tuple, staged.scores(run_key).values())) == {()}
    outcomes = dict(staged.rows("select source_item_id, outcome from passback.run_item where run_key = %s", run_key))
    assert outcomes["failing"] == "skipped"
    assert outcomes["unreadable"] == "failed"


def test_an_item_of_a_period_that_ended_is_not_left(staged: Staged) -> None:
    staged.item("ended", due_date="2026-10-23")
    staged.item("ended_too", due_date="2026-10-23", include_in_final_grade=False)
    staged.item("between", due_date="2026-10-24")
    staged.item("to_come", due_date="2027-02-01")
    staged.item("lasting", due_date="2026-10-27")
    for item in ("ended", "ended_too", "between", "to_come", "lasting"):
        staged.deliver(item, "1")
    outside = "DUE_DATE_OUTSIDE_PERIOD"
    assert staged.items(staged.evaluate("2026-11-02")) == {
        "ended": [outside], "ended_too": ["NOT_IN_FINAL_GRADE", outside, LEFT], "between": [outside, LEFT],
        "to_come": [outside, LEFT], "lasting": [],
    }  # fmt: skip


def test_a_period_has_ended_only_the_day_after_its_last(staged: Staged) -> None:
    staged.item("a", due_date="2026-10-23")
    staged.deliver("a", "1")
    staged.connection.execute("update staging.section set last_day = '2026-10-20' where section_dcid = 85001")
    assert staged.items(staged.evaluate("2026-10-23")) == {"a": ["DUE_DATE_OUTSIDE_PERIOD", LEFT]}
    assert staged.items(staged.evaluate("2026-10-24")) == {"a": ["DUE_DATE_OUTSIDE_PERIOD"]}


def test_a_score_of_the_ledger_that_no_longer_passes_is_left_once(staged: Staged) -> None:
    staged.item("a", scored=False)
    staged.score("1", "a", "s1", excluded=True, updated_at="2026-10-02T12:00:00Z")
    staged.score("2", "a", "s1", points=3)
    staged.score("3", "a", "s2", deleted=True)
    staged.score("4", "a", "s2", deleted=True)
    staged.score("5", "a", "s3", excluded=True)
    staged.score("6", "a", "s4", deleted=True)
    staged.score("7", "a", "s4", points=4)
    staged.score("8", "a", "s5", deleted=True)
    staged.score("9", "a", "s5", excluded=True)
    staged.deliver("a", "1", "2", "4", "5")
    run_key = staged.evaluate()
    assert staged.items(run_key) == {"a": []}
    assert staged.scores(run_key) == {
        "1": ["EXCLUDED_SCORE", LEFT], "2": ["SUPERSEDED"], "3": ["SOURCE_DELETED"], "4": ["SOURCE_DELETED", LEFT],
        "5": ["EXCLUDED_SCORE"], "6": ["SOURCE_DELETED"], "7": [], "8": ["SOURCE_DELETED"],
        "9": ["EXCLUDED_SCORE", LEFT],
    }  # fmt: skip


def test_scores_that_inherit_are_not_left_beside_their_item(staged: Staged) -> None:
    staged.item("a", scored=False, include_in_final_grade=False)
    staged.score("1", "a", excluded=True)
    staged.deliver("a", "1")
    run_key = staged.evaluate()
    assert staged.items(run_key) == {"a": ["NOT_IN_FINAL_GRADE", LEFT]}
    assert staged.scores(run_key) == {"1": ["EXCLUDED_SCORE"]}


def test_an_evaluation_of_one_source_leaves_the_items_of_another_alone(staged: Staged) -> None:
    staged.item("a")
    run_key = staged.evaluate()
    staged.connection.execute("insert into passback.item (source, source_item_id) values ('schoology', '1:2')")
    (key,) = staged.row("select item_key from passback.item where source = 'schoology'")
    staged.add("passback.run_item", run_key=run_key, item_no=99, item_key=key, source="schoology", title="Quiz",
               source_item_id="1:2", codes=1, outcome="failed", seq=1)  # fmt: skip
    staged.deliver("a", "1")
    staged.connection.execute("update passback.ledger_item set item_key = %s", [key])
    staged.evaluate(run_key=run_key)
    assert staged.items(run_key) == {"a": [], "1:2": ["SOURCE_RECORD_INVALID"]}
