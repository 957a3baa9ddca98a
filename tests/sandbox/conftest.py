"""A client's hands: PowerSchool and Otus over real HTTP by requests, Schoology by requests_oauthlib."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import pytest
import requests
from requests_oauthlib import OAuth1Session

from sandbox.district import District, SchoologySection
from sandbox.server import CLIENT_ID, CONSUMER_KEY, Sandbox, running
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


class App:
    """A school app of one sandbox's Schoology; every request is signed anew by requests_oauthlib."""

    def __init__(self, box: Sandbox, key: str = CONSUMER_KEY, secret: str | None = None, **signing: Any) -> None:
        self.box = box
        self.control = box.control.schoology
        self.url = box.schoology_url
        self.session = OAuth1Session(key, client_secret=box.consumer_secret if secret is None else secret, **signing)
        self.session.trust_env = False

    def get(self, path: str, **query: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.url}/v1/{path}"
        return self.session.get(url, params=query or None, timeout=10)

    def multiget(self, *paths: str) -> requests.Response:
        asked = "".join(f"<request>{escape(path)}</request>" for path in paths)
        return self.post(f"<requests>{asked}</requests>")

    def post(self, body: str | bytes) -> requests.Response:
        return self.session.post(
            f"{self.url}/v1/multiget", data=body, headers={"Content-Type": "application/xml"}, timeout=10
        )

    def subanswers(self, *paths: str) -> list[dict[str, Any]]:
        answer = self.multiget(*paths)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["response"])

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Follow links.next to the end."""
        pages = [self.get(path, **query).json()]
        while "next" in pages[-1]["links"]:
            assert len(pages) < 100, "the pages do not end"
            pages.append(self.get(pages[-1]["links"]["next"]).json())
        return pages

    def everything(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return [record for page in self.pages(path, **query) for record in listed(page)]


def listed(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the records of a page, under whatever name Schoology lists them."""
    name = next(name for name in page if name not in ("total", "links"))
    return list(page["grades"]["grade"] if name == "grades" else page[name])


def packed(*records: Any) -> list[bytes]:
    return [json.dumps(record, separators=(",", ":")).encode() for record in records]


def schoology_section(number: int, items: int = 0, students: int = 0) -> SchoologySection:
    """Make the section 4310000 + number of PowerSchool's section 85000 + number, every student graded on every item."""
    return SchoologySection(
        id=str(4310000 + number),
        section_school_code=str(85000 + number),
        grading_periods=[435],
        items=packed(
            *(
                {"id": str(100 * number + item), "title": f"Item {item}", "max_points": "100", "type": "assignment"}
                for item in range(1, items + 1)
            )
        ),
        grades=packed(
            *(
                {
                    "enrollment_id": 9000 + student,
                    "assignment_id": 100 * number + item,
                    "grade": str(50 + student),
                    "exception": 0,
                    "timestamp": 1790000000 + item,
                }
                for item in range(1, items + 1)
                for student in range(students)
            )
        ),
        categories=packed({"id": 4371, "title": "Tests"}),
        periods=packed({"id": 435, "title": "Q1", "start": "2026-08-20 00:00:00", "end": "2026-10-23 00:00:00"}),
        enrollments=packed(
            *({"id": str(9000 + s), "uid": str(48000 + s), "school_uid": str(200001 + s)} for s in range(students))
        ),
    )


@pytest.fixture(scope="session")
def classes() -> District:
    """A district with Schoology alone: one section of 45 items and 6 students, and fifty-nine small ones."""
    sections = [schoology_section(1, items=45, students=6)]
    sections += [schoology_section(number, items=2, students=2) for number in range(2, 61)]
    return District([], [], [], [], [], [], [], schoology=sections)


@pytest.fixture
def app(classes: District) -> Iterator[App]:
    with running(classes, schoology={"requests_per_5_seconds": 0}) as sandbox:
        yield App(sandbox)


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
