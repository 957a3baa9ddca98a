"""A plugin's hands: PowerSchool and Otus over real HTTP, by requests."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.server import CLIENT_ID, Sandbox, running
from sandbox.small import SmallDistrict, small_district

STUDENT, CLASSMATE, LEFT = 81001, 81002, 81035  # 200001, 200002, and 200105, who was dropped
YEAR = {"first_day": "2026-07-01", "last_day": "2027-06-30"}


class Plugin:
    """A client of one sandbox with a token in its hand; answers are plain `requests` responses."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.url = box.powerschool_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept"] = "application/json"
        self.renew()

    def token(self, secret: str | None = None) -> requests.Response:
        secret = self.box.client_secret if secret is None else secret
        return self.session.post(
            f"{self.url}/oauth/access_token/", data={"grant_type": "client_credentials"}, auth=(CLIENT_ID, secret)
        )

    def renew(self) -> None:
        answer = self.token()
        if answer.ok:
            self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=10, **options)

    def query(self, name: str, size: int = 0, page: int = 1, **arguments: Any) -> requests.Response:
        path = f"/ws/schema/query/org.passback.gradebook.{name}?pagesize={size}&page={page}"
        return self.call("POST", path, json=arguments)

    def rows(self, name: str, **arguments: Any) -> list[dict[str, str]]:
        answer = self.query(name, **arguments)
        assert answer.status_code == 200, answer.text
        return list(answer.json().get("record", []))

    def category(self, name: str = "Quizzes", user: int = 8301) -> int:
        rows = self.call("GET", f"/ws/xte/teacher_category?users_dcid={user}&year_id=36").json()
        return int(next(row["teachercategoryid"] for row in rows if row["name"] == name))

    def form(self, section: int = 85001, **changes: Any) -> dict[str, Any]:
        category = changes.pop("category", None) or self.category()
        return {
            "sectionsdcid": section,
            "name": "Unit 3 test (S130545)",
            "description": "Passback otus unit-3",
            "duedate": "2026-09-28",
            "scoretype": "POINTS",
            "scoreentrypoints": 12,
            "totalpointvalue": 12,
            "weight": 1,
            "iscountedinfinalgrade": True,
            "isscoringneeded": True,
            "publishoption": "Immediately",
            "_assignmentcategoryassociations": [{"teachercategoryid": category, "isprimary": True}],
            **changes,
        }

    def create(self, *forms: dict[str, Any], user: int = 8301) -> requests.Response:
        body = {"_assignmentsections": list(forms) or [self.form()]}
        return self.call("POST", f"/ws/xte/section/assignment/?users_dcid={user}", json=body)

    def created(self, *forms: dict[str, Any], user: int = 8301) -> dict[str, Any]:
        answer = self.create(*forms, user=user)
        assert answer.status_code == 201, answer.text
        return self.read(int(answer.headers["Location"].rpartition("/")[2]), user).json()

    def read(self, assignment: int, user: int = 8301) -> requests.Response:
        return self.call("GET", f"/ws/xte/section/assignment/{assignment}?users_dcid={user}")

    def update(self, held: dict[str, Any], query: str = "", user: int = 8301, **changes: Any) -> requests.Response:
        body = copy.deepcopy(held)
        for section in body["_assignmentsections"]:
            section.update(changes)
        path = f"/ws/xte/section/assignment/{held['assignmentid']}?users_dcid={user}{query}"
        return self.call("PUT", path, json=body)

    def listing(self, *sections: int, user: int = 8301) -> requests.Response:
        ids = ",".join(map(str, sections))
        return self.call("GET", f"/ws/xte/section/assignment/?users_dcid={user}&section_ids={ids}")

    def score(
        self, held: dict[str, Any] | int, *rows: dict[str, Any], user: int = 8301, term: int = 3600
    ) -> requests.Response:
        key = held if isinstance(held, int) else held["_assignmentsections"][0]["assignmentsectionid"]
        body = {"assignment_scores": [{"_assignmentsection": {"assignmentsectionid": key}, **row} for row in rows]}
        return self.call("PUT", f"/ws/xte/score?users_dcid={user}&status=A&term_id={term}", json=body)

    def table(self, section: int, extra: str = "") -> list[dict[str, str]]:
        projection = (
            "assignmentscoreid,studentsdcid,scorepoints,actualscoreentered,isexempt,ismissing,isincomplete,islate"
        )
        path = f"/ws/schema/table/assignmentscore?projection={projection}&q=assignmentsectionid=={section}{extra}"
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return [row["tables"]["assignmentscore"] for row in answer.json().get("record", [])]

    def otus(self, collection: str, token: str | None = None, **query: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.box.token if token is None else token}"}
        return self.session.get(f"{self.box.otus_url}/v1/{collection}", params=query, headers=headers, timeout=10)


def points(student: int, value: float | None, **flags: Any) -> dict[str, Any]:
    """Write a score row as the pipeline does: the value three times, and its flags."""
    entered = None if value is None else f"{value:g}"
    kind = None if value is None else "REAL_SCORE"
    return {
        "studentsdcid": student,
        "actualscoreentered": entered,
        "actualscorekind": kind,
        "scoretype": "POINTS",
        "scorepoints": value,
        **flags,
    }


@pytest.fixture(scope="session")
def small() -> SmallDistrict:
    return small_district()


@pytest.fixture
def box(small: SmallDistrict) -> Iterator[Sandbox]:
    with running(small.district) as sandbox:
        yield sandbox


@pytest.fixture
def plugin(box: Sandbox) -> Plugin:
    return Plugin(box)
