"""Every switch, fault and hook of the sandbox's PowerSchool, over real HTTP."""

import time

import pytest
import requests

from .conftest import CLASSMATE, LEFT, STUDENT, YEAR, Plugin, points


def wire_section(held: dict) -> int:
    return int(held["_assignmentsections"][0]["assignmentsectionid"])


def test_latency_delays_every_answer(plugin: Plugin) -> None:
    plugin.box.control.powerschool.switches(latency_ms=80)
    started = time.monotonic()
    plugin.call("GET", "/ws/v1/metadata")
    assert time.monotonic() - started >= 0.08


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_request_inside_the_interval_is_refused_in_each_form(plugin: Plugin, status: int) -> None:
    plugin.box.control.powerschool.switches(min_interval_ms=5000, throttle_status=status)
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 200
    answer = plugin.call("GET", "/ws/v1/metadata")
    assert answer.status_code == status
    assert "too many requests" in answer.json()["message"]
    assert answer.headers.get("Retry-After") == (None if status == 403 else "5")


def test_a_throttle_can_strike_once(plugin: Plugin) -> None:
    plugin.box.control.powerschool.fault("throttle", kind="create", status=503, retry_after=2)
    answer = plugin.create()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert plugin.create().status_code == 201


def test_page_sizes_can_be_capped(plugin: Plugin) -> None:
    plugin.box.control.powerschool.switches(page_cap=1, query_page_cap=50)
    held = plugin.created()
    plugin.score(held, points(STUDENT, 5), points(CLASSMATE, 6))
    assert len(plugin.table(wire_section(held))) == 1
    assert plugin.query("sections", 0, **YEAR).status_code == 400
    assert len(plugin.query("sections", 50, **YEAR).json()["record"]) == 50


def test_random_failures_come_at_their_rate_and_repeat_with_their_seed(plugin: Plugin) -> None:
    def statuses() -> list[int]:
        plugin.box.control.powerschool.switches(random_rate=0.4, random_seed=7)
        seen = []
        for _ in range(60):
            try:
                seen.append(plugin.call("GET", "/ws/v1/metadata").status_code)
            except requests.ConnectionError:
                seen.append(0)
        return seen

    first = statuses()
    assert {0, 200, 429, 500, 502, 503, 504} == set(first)
    assert 10 < sum(status != 200 for status in first) < 40
    assert statuses() == first


def test_a_random_failure_may_have_done_its_work(plugin: Plugin) -> None:
    control = plugin.box.control.powerschool
    form = plugin.form()
    for share in (0.0, 1.0):
        control.switches(random_rate=1.0, random_kinds=["502"], random_commit_share=share)
        assert plugin.create(form).status_code == 502
        assert len(control.assignments("unit-3")) == int(share)


def test_a_create_can_be_committed_and_its_answer_lost(plugin: Plugin) -> None:
    plugin.box.control.powerschool.fault("commit_then_drop", kind="create", times=2)
    form = plugin.form()
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            plugin.create(form)
    assert len(plugin.box.control.powerschool.assignments("unit-3")) == 2
    assert plugin.create(form).status_code == 201
    assert [entry["status"] for entry in plugin.box.control.log(kind="create")] == [0, 0, 201]


def test_a_score_can_be_committed_and_its_answer_lost(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.fault("commit_then_drop", kind="score")
    with pytest.raises(requests.ConnectionError):
        plugin.score(held, points(STUDENT, 5))
    assert plugin.table(wire_section(held))[0]["scorepoints"] == "5"


def test_an_update_can_be_lost_before_it_is_done_and_after(plugin: Plugin) -> None:
    held = plugin.created()
    for effect, name in (("drop_before_commit", "Unit 3 test (S130545)"), ("commit_then_drop", "Renamed")):
        plugin.box.control.powerschool.fault(effect, kind="update")
        with pytest.raises(requests.ConnectionError):
            plugin.update(held, name="Renamed")
        assert plugin.read(held["assignmentid"]).json()["_assignmentsections"][0]["name"] == name


def test_an_error_may_follow_the_commit(plugin: Plugin) -> None:
    plugin.box.control.powerschool.fault("status_after_commit", kind="create", status=504)
    assert plugin.create().status_code == 504
    assert len(plugin.box.control.powerschool.assignments("unit-3")) == 1


@pytest.mark.parametrize("status", [200, 503])
def test_maintenance_is_html_whatever_its_status(plugin: Plugin, status: int) -> None:
    plugin.box.control.powerschool.switches(maintenance=status)
    answer = plugin.call("GET", "/ws/v1/metadata")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    plugin.box.control.powerschool.switches(maintenance=None)
    assert plugin.call("GET", "/ws/v1/metadata").json()


def test_tokens_expire(plugin: Plugin) -> None:
    plugin.box.control.powerschool.switches(token_seconds=0)
    assert plugin.token().json()["expires_in"] == "0"
    plugin.renew()
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 401


def test_tokens_can_be_revoked_and_a_new_one_is_good(plugin: Plugin) -> None:
    plugin.box.control.powerschool.do("revoke_tokens")
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 401
    plugin.renew()
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 200


def test_a_lasting_401_never_ends(plugin: Plugin) -> None:
    plugin.box.control.powerschool.switches(lasting_401=True)
    plugin.renew()
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 401


def test_412_once_then_the_identical_call_goes_through(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.fault("status", kind="score", status=412)
    answers = [plugin.score(held, points(STUDENT, 5)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [412, 200]
    assert "Resubmit" in answers[0].json()["message"]


def test_a_409_may_name_students_in_its_text_only_one_at_a_time_or_not_at_all(plugin: Plugin) -> None:
    held, control = plugin.created(), plugin.box.control.powerschool
    rows = [points(STUDENT, 5), points(LEFT, 5), points(81009999, 5)]
    control.switches(refusal_params=False)
    errors = plugin.score(held, *rows).json()["errors"]
    assert ["params" in error for error in errors] == [False, False]
    assert f"[{LEFT}]" in errors[0]["field"]
    control.switches(refusal_params=True, refusal_names="one")
    assert len(plugin.score(held, *rows).json()["errors"]) == 1
    control.switches(refusal_names="none")
    answer = plugin.score(held, *rows).json()
    assert answer["errors"] == []
    assert "AssignmentStudentAssociation" in answer["message"]


def test_names_and_descriptions_can_be_normalised(plugin: Plugin) -> None:
    plugin.box.control.powerschool.switches(normalise=True)
    held = plugin.created(plugin.form(name="A  “long”  tit…", description="Passback otus x\nsecond  line"))
    section = held["_assignmentsections"][0]
    assert section["name"] == 'A "long" tit...'
    assert section["description"] == "Passback otus x\r\nsecond line"
    assert plugin.box.control.powerschool.assignments("x")


@pytest.mark.parametrize("kind", ["create", "update", "score"])
def test_a_write_can_be_answered_and_not_stored(plugin: Plugin, kind: str) -> None:
    control = plugin.box.control.powerschool
    held = plugin.created()
    before = control.state()
    control.fault("not_stored", kind=kind)
    answer = {
        "create": plugin.create,
        "update": lambda: plugin.update(held, name="Renamed"),
        "score": lambda: plugin.score(held, points(STUDENT, 5)),
    }[kind]()
    assert answer.ok
    assert control.state() == before


def test_a_lacking_field_is_refused_on_queries_and_on_scores(plugin: Plugin) -> None:
    held, control = plugin.created(), plugin.box.control.powerschool
    control.switches(forbidden_query_fields=["STUDENTS.STUDENT_NUMBER"], forbidden_score_fields=["ASSIGNMENTSCORE.X"])
    answer = plugin.query("enrollments", **YEAR)
    assert answer.status_code == 403
    assert "No access to field STUDENTS.STUDENT_NUMBER" in answer.text
    assert plugin.query("sections", **YEAR).status_code == 200
    assert plugin.score(held, points(STUDENT, 5)).status_code == 403


def test_a_student_can_leave_between_the_roster_and_the_write(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.hook(
        "score", "student_leaves", {"section_dcid": 85001, "student_number": "200001"}, when="before"
    )
    answer = plugin.score(held, points(STUDENT, 5), points(CLASSMATE, 5))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["params"]["student_dcid"] == STUDENT
    row = next(
        row
        for row in plugin.rows("enrollments", **YEAR)
        if (row["section_dcid"], row["student_number"]) == ("85001", "200001")
    )
    assert row["dropped"] == "true"


def test_a_teachers_edit_can_fall_between_our_write_and_our_reading(plugin: Plugin) -> None:
    held, control = plugin.created(), plugin.box.control.powerschool
    edit = {"assignment": "unit-3", "student_number": "200001", "points": 1}
    control.hook("score", "edit_score", edit, n=2)
    values = []
    for value in (5, 6):
        plugin.score(held, points(STUDENT, value))
        values.append(plugin.table(wire_section(held))[0]["scorepoints"])
    assert values == ["5", "1"]


def test_a_hook_that_finds_nothing_is_told(plugin: Plugin) -> None:
    plugin.box.control.powerschool.hook("metadata", "delete_assignment", {"assignment": "nothing"})
    assert plugin.call("GET", "/ws/v1/metadata").status_code == 200
    assert "no assignment" in plugin.box.control.powerschool.get("pending")["hook_failures"][0]


def test_a_teacher_edits_everything(plugin: Plugin) -> None:
    held, control = plugin.created(), plugin.box.control.powerschool
    plugin.score(held, points(STUDENT, 5), points(CLASSMATE, 6))
    control.edit_assignment("unit-3", name="Mine", due_date="2026-09-30", total_points=20, category="Projects")
    control.edit_score("unit-3", "200001", None, flags=["ismissing"])
    control.do("delete_score", assignment="unit-3", student_number="200002")
    row = control.assignments("unit-3")[0]
    changed = (row["name"], row["due_date"], row["total_points"], row["category"])
    assert changed == ("Mine", "2026-09-30", 20, "Projects")
    assert row["scores"] == {"200001": {"points": None, "entered": None, "flags": ["ismissing"]}}
    control.delete_assignment("unit-3")
    assert control.assignments("unit-3") == []


def test_faults_can_be_limited_to_a_section_and_to_the_nth_request(plugin: Plugin) -> None:
    control = plugin.box.control.powerschool
    control.fault("status", kind="create", section_dcid=85002, times=None)
    control.fault("status", kind="create", section_dcid=85001, skip=1)
    forms = [plugin.form(85002), plugin.form(), plugin.form(), plugin.form()]
    assert [plugin.create(form).status_code for form in forms] == [500, 201, 500, 201]
    control.clear()
    assert plugin.create(forms[0]).status_code == 201


@pytest.mark.parametrize("effect", ["truncate", "not_json", "wrong_shape"])
def test_an_answer_can_be_spoiled(plugin: Plugin, effect: str) -> None:
    plugin.box.control.powerschool.fault(effect, kind="query:sections")
    answer = plugin.query("sections", **YEAR)
    assert answer.status_code == 200
    if effect == "wrong_shape":
        assert "record" not in answer.json()
    else:
        with pytest.raises(ValueError):
            answer.json()


def test_a_create_may_be_done_long_after_its_client_gave_up(plugin: Plugin) -> None:
    form, control = plugin.form(), plugin.box.control.powerschool
    control.fault("delay", kind="create", seconds=2)
    with pytest.raises(requests.Timeout):
        url = f"{plugin.url}/ws/xte/section/assignment/?users_dcid=8301"
        plugin.session.post(url, json={"_assignmentsections": [form]}, timeout=0.1)
    assert control.assignments("unit-3") == []
    deadline = time.monotonic() + 30
    while not control.assignments("unit-3") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(control.assignments("unit-3")) == 1


@pytest.mark.parametrize(("form", "shown"), [("words", "false"), ("digits", "0"), ("missing", None)])
def test_booleans_of_the_score_table_come_in_three_forms(plugin: Plugin, form: str, shown: str | None) -> None:
    held = plugin.created()
    plugin.score(held, points(STUDENT, 5))
    plugin.box.control.powerschool.switches(booleans=form)
    assert plugin.table(wire_section(held))[0].get("isexempt") == shown


@pytest.mark.parametrize(("shape", "body"), [("array", b"[]"), ("empty", b"")])
def test_the_reply_to_scores_has_any_shape(plugin: Plugin, shape: str, body: bytes) -> None:
    held = plugin.created()
    plugin.box.control.powerschool.switches(score_reply=shape)
    assert plugin.score(held, points(STUDENT, 5)).content == body


def test_nulls_of_a_query_are_missing_or_empty(plugin: Plugin) -> None:
    assert "end_date" not in plugin.rows("section_teachers", **YEAR)[0]
    plugin.box.control.powerschool.switches(query_nulls="empty")
    assert plugin.rows("section_teachers", **YEAR)[0]["end_date"] == ""


def test_object_answers_carry_noise_unless_it_is_off(plugin: Plugin) -> None:
    noisy = [plugin.call("GET", "/ws/v1/metadata").json()["$breach_mitigation"] for _ in range(2)]
    assert noisy[0] != noisy[1]
    plugin.box.control.powerschool.switches(noise=False)
    assert set(plugin.call("GET", "/ws/v1/metadata").json()) == {"metadata"}


def test_omitted_flags_may_be_cleared(plugin: Plugin) -> None:
    held = plugin.created()
    plugin.score(held, points(STUDENT, 5, islate=True))
    plugin.box.control.powerschool.switches(omitted_flags="cleared")
    plugin.score(held, points(STUDENT, 5))
    assert plugin.table(wire_section(held))[0]["islate"] == "false"


@pytest.mark.parametrize("wrong", [{"no_such_switch": 1}, {"maintenance": 404}, {"latency_ms": "fast"}])
def test_a_wrong_switch_is_refused_and_changes_nothing(plugin: Plugin, wrong: dict[str, object]) -> None:
    before = plugin.box.control.powerschool.get("switches")
    with pytest.raises(ValueError):
        plugin.box.control.powerschool.switches(**wrong)
    assert plugin.box.control.powerschool.get("switches") == before


def test_the_log_holds_method_path_status_and_body(plugin: Plugin) -> None:
    plugin.box.control.powerschool.clear_log()
    held = plugin.created()
    plugin.score(held, points(STUDENT, 5))
    log = plugin.box.control.log(path_prefix="/ws/xte/s")
    assert [(entry["method"], entry["kind"], entry["status"]) for entry in log] == [
        ("POST", "create", 201),
        ("GET", "read", 200),
        ("PUT", "score", 200),
    ]
    assert log[2]["body"]["assignment_scores"][0]["scorepoints"] == 5
    assert [entry["kind"] for entry in plugin.box.control.writes()] == ["create", "score"]
    plugin.box.control.powerschool.switches(log_bodies=False)
    plugin.score(held, points(STUDENT, 6))
    assert plugin.box.control.writes()[-1]["body"] is None


def test_the_log_keeps_no_credentials(plugin: Plugin) -> None:
    plugin.renew()
    text = str(plugin.box.control.log())
    assert plugin.box.client_secret not in text
    assert str(plugin.session.headers["Authorization"]).removeprefix("Bearer ") not in text


def test_the_state_does_not_depend_on_the_order_of_arrival(plugin: Plugin) -> None:
    control = plugin.box.control.powerschool
    forms = [plugin.form(name=f"Quiz {turn}", description=f"Passback otus q-{turn}") for turn in range(3)]

    def filled(order: list[int]) -> dict:
        for turn in order:
            plugin.score(plugin.created(forms[turn]), points(STUDENT, turn))
        state = control.state()
        for turn in order:
            control.delete_assignment(f"q-{turn}")
        return state

    assert filled([0, 1, 2]) == filled([2, 0, 1])
