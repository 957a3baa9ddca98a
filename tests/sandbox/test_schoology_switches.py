"""What can go wrong with Schoology: throttle, wrong pages, refused sections, faults and hooks."""

import time

import pytest
import requests

from sandbox.district import District
from sandbox.server import running
from sandbox.small import small_district

from .conftest import App, listed

SECTION = "sections/4310001"
GRADES = f"{SECTION}/grades"


def ids(app: App, path: str = f"{SECTION}/grade_items") -> list[str]:
    return [str(record["id"]) for record in app.everything(path)]


def test_the_sixteenth_request_in_five_seconds_is_429_until_the_wait_is_over(classes: District) -> None:
    with running(classes) as box:
        app = App(box)
        answers = [app.get(SECTION) for _ in range(16)]
        assert [answer.status_code for answer in answers] == [200] * 15 + [429]
        wait = int(answers[-1].headers["Retry-After"])
        assert 1 <= wait <= 5
        time.sleep(wait)
        assert app.get(SECTION).status_code == 200


def test_a_429_can_come_without_a_wait(app: App) -> None:
    app.control.switches(requests_per_5_seconds=1, retry_after=False)
    assert app.get(SECTION).status_code == 200
    refused = app.get(SECTION)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_a_connection_is_given_only_where_there_is_a_schoology() -> None:
    with running(small_district().district) as box:
        wanted = bool(small_district().district.schoology)
        assert ("AIRFLOW_CONN_SCHOOLOGY" in box.connections()) == wanted
    with running(District([], [], [], [], [], [], []), schoology={}) as box:
        assert "AIRFLOW_CONN_SCHOOLOGY" in box.connections()
        assert App(box).get("sections", section_school_codes="1").json()["section"] == []


@pytest.mark.parametrize(
    ("form", "totals"), [("true", {"45"}), ("wrong", {"48"}), ("null", {"None"}), ("missing", set())]
)
def test_the_total_can_be_true_wrong_null_or_missing(app: App, form: str, totals: set[str]) -> None:
    app.control.switches(total=form, total_off_by=3)
    assert {str(page["total"]) for page in app.pages(f"{SECTION}/grade_items") if "total" in page} == totals


def test_links_can_be_relative(app: App) -> None:
    app.control.switches(links="relative")
    links = app.get(f"{SECTION}/grade_items").json()["links"]
    assert links["next"] == f"/v1/{SECTION}/grade_items?start=20&limit=20"


def test_pages_can_shift_repeat_tear_or_never_end(app: App) -> None:
    complete = ids(app)
    app.control.switches(shift_pages=1)
    assert ids(app) == complete[:20] + complete[21:41] + complete[41:]
    app.control.switches(shift_pages=-1)
    assert ids(app) == complete[:20] + complete[19:39] + complete[39:]
    app.control.switches(shift_pages=0, torn_pages=2)
    assert ids(app) == complete[:18] + complete[20:38] + complete[40:]
    app.control.switches(torn_pages=0, repeat_page=True)
    assert ids(app) == complete[:20] + complete[:20] + complete[20:40]
    app.control.switches(repeat_page=False, repeat_next=True)
    page = app.get(f"{SECTION}/grade_items", start=20).json()
    assert page["links"]["next"] == page["links"]["self"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_section_can_refuse_everything(app: App, status: int) -> None:
    app.control.switches(section_status={"4310001": status, "85002": status})
    assert app.get(GRADES).status_code == status
    answers = app.subanswers(f"/v1/{GRADES}", "/v1/sections/ext/85002", "/v1/sections/4310003/grades")
    assert [each["response_code"] for each in answers] == [status, status, 200]


def test_a_multiget_can_be_of_another_shape_a_page_or_missing(app: App) -> None:
    app.control.switches(multiget="other_shape")
    assert "response" not in app.multiget(f"/v1/{SECTION}").json()
    app.control.switches(multiget="html")
    assert app.multiget(f"/v1/{SECTION}").headers["Content-Type"].startswith("text/html")
    app.control.switches(multiget=404)
    assert app.multiget(f"/v1/{SECTION}").status_code == 404
    assert app.get(SECTION).status_code == 200


def test_a_persons_key_is_401_and_so_is_everything_when_401_lasts(app: App) -> None:
    app.control.switches(personal_keys=True)
    answer = app.get(SECTION)
    assert (answer.status_code, "other users" in answer.text) == (401, True)
    app.control.switches(personal_keys=False, lasting_401=True)
    assert app.get(SECTION).status_code == 401


def test_a_redirect_wants_a_signature_of_its_own(app: App) -> None:
    app.control.switches(redirects=True)
    answer = app.get(f"{SECTION}/grade_items", limit=5)
    assert answer.status_code == 200
    assert len(listed(answer.json())) == 5
    assert [entry["status"] for entry in app.control.log()] == [303, 200]
    unsigned = requests.Session()
    unsigned.trust_env = False
    signed = app.session.auth(app.session.prepare_request(requests.Request("GET", f"{app.url}/v1/{SECTION}")))
    assert unsigned.send(signed, allow_redirects=True).status_code == 401


def test_maintenance_is_a_page_of_html(app: App) -> None:
    app.control.switches(maintenance=503)
    answer = app.get(SECTION)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (503, "text/html")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_request_can_be_refused_once(app: App, status: int) -> None:
    app.control.fault("status", kind="grades", status=status, retry_after=2)
    assert app.get(f"{SECTION}/grade_items").status_code == 200
    refused = app.get(GRADES)
    assert (refused.status_code, refused.headers["Retry-After"]) == (status, "2")
    assert app.get(GRADES).status_code == 200
    assert app.control.log(kind="grades")[0]["fault"] == "status"


@pytest.mark.parametrize("effect", ["not_json", "truncate", "html"])
def test_a_page_can_be_no_json(app: App, effect: str) -> None:
    app.control.fault(effect, kind="grades", status=200)
    answer = app.get(GRADES)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_a_page_can_have_another_shape_come_late_or_never(app: App) -> None:
    app.control.fault("wrong_shape", kind="grades")
    assert "grades" not in app.get(GRADES).json()
    app.control.fault("delay", kind="grades", seconds=0.2)
    before = time.monotonic()
    assert app.get(GRADES).status_code == 200
    assert time.monotonic() - before >= 0.2
    app.control.fault("drop_before_commit", kind="grades")
    with pytest.raises(requests.ConnectionError):
        app.get(GRADES)


def test_a_fault_can_mean_one_section_by_its_school_code(app: App) -> None:
    app.control.fault("status", section_dcid=85002, status=500, times=None)
    assert app.get(GRADES).status_code == 200
    assert app.get("sections/4310002/grades").status_code == 500
    assert app.get("sections", section_school_codes="85001,85002").status_code == 500
    assert app.multiget(f"/v1/{GRADES}").status_code == 200
    assert app.multiget(f"/v1/{GRADES}", "/v1/sections/4310002/grades").status_code == 500


def test_a_fault_of_a_kind_strikes_one_path_of_a_multiget(app: App) -> None:
    app.control.fault("status", kind="grades", status=502, skip=1)
    app.control.fault("throttle", kind="enrollments")
    answers = app.subanswers(f"/v1/{GRADES}", f"/v1/{GRADES}", f"/v1/{SECTION}/enrollments", f"/v1/{GRADES}")
    assert [each["response_code"] for each in answers] == [200, 502, 429, 200]


def test_a_fault_of_any_request_never_strikes_inside_a_multiget(app: App) -> None:
    app.control.fault("delay", times=None, seconds=0.01)
    answers = app.subanswers(f"/v1/{GRADES}", f"/v1/{SECTION}/grade_items")
    assert [each["response_code"] for each in answers] == [200, 200]


def test_a_teacher_edits_between_two_pages(app: App) -> None:
    complete = ids(app)
    app.control.hook("grade_items", "delete_item", {"section": "4310001", "id": "101"})
    assert ids(app) == complete[:20] + complete[21:]
    app.control.hook(
        "grade_items",
        "upsert",
        {"section": "4310001", "collection": "items", "record": {"id": "99"}, "place": 0},
    )
    assert ids(app) == complete[1:21] + complete[20:]
    assert app.control.get("pending")["hook_failures"] == []


def test_a_hook_of_a_kind_fires_inside_a_multiget(app: App) -> None:
    app.control.hook("grades", "grade", {"section": "4310001", "item_id": 101, "enrollment_id": 9000, "grade": "1"})
    answers = app.subanswers(f"/v1/{GRADES}?limit=1", f"/v1/{GRADES}?limit=1")
    assert [listed(each["body"])[0]["grade"] for each in answers] == ["50", "1"]
