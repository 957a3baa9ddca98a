"""PowerSchool's resources: what a request asks for, and who answers it."""

import secrets
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from sandbox.faults import WRITES
from sandbox.powerschool import errors
from sandbox.powerschool.assignments import AssignmentCalls, section_ids
from sandbox.powerschool.gradebook import Gradebook
from sandbox.powerschool.oauth import Tokens
from sandbox.powerschool.queries import Queries
from sandbox.powerschool.roster import Roster
from sandbox.powerschool.scores import ScoreCalls
from sandbox.powerschool.switches import Switches
from sandbox.wire import Answer, Call, Refusal, json_answer

ASSIGNMENTS = "/ws/xte/section/assignment"
QUERIES = "/ws/schema/query/"
TABLE = "/ws/schema/table/assignmentscore"


class Resources:
    """Everything that PowerSchool answers, once a request has passed the gates."""

    def __init__(
        self, gradebook: Gradebook, roster: Roster, switches: Switches, tokens: Tokens, time_zone: str
    ) -> None:
        """Serve one gradebook and roster."""
        self.gradebook = gradebook
        self.roster = roster
        self.switches = switches
        self.tokens = tokens
        self.time_zone = time_zone
        self.assignments = AssignmentCalls(gradebook, roster, switches)
        self.scores = ScoreCalls(gradebook, roster, switches)
        self.queries = Queries(gradebook, roster, switches)

    def pretend(self, call: Call) -> Answer:
        """Answer a write as if it had been stored; what would have been refused still is."""
        try:
            if call.kind == "create":
                return self.assignments.pretend_create(call)
            if call.kind == "score":
                return self.scores.write(call, _user(call), store=False)
        except Refusal as refused:
            return refused.answer
        return Answer(200) if call.kind in WRITES else self.do(call)

    def do(self, call: Call) -> Answer:
        """Do what is asked; never raises for what a client sent."""
        try:
            answer = self._route(call)
        except Refusal as refused:
            answer = refused.answer
        if self.switches.noise and answer.body[:1] == b"{" and not call.kind.startswith("query"):
            noise = b'{"$breach_mitigation":"' + secrets.token_hex(4).encode() + b'"'
            answer = answer._replace(body=noise + (b"}" if answer.body == b"{}" else b"," + answer.body[1:]))
        is_rest = call.path.startswith(("/ws/v1", "/ws/schema"))
        if is_rest and "json" not in call.headers.get("Accept", ""):
            return as_xml(answer)
        return answer

    def _route(self, call: Call) -> Answer:  # noqa: PLR0911 - one line a resource reads best
        kind = call.kind
        if kind == "score":
            return self.scores.write(call, _user(call))
        if kind == "create":
            return self.assignments.create(call, _user(call))
        if kind == "list":
            return self.assignments.listing(call, _user(call))
        if kind in ("read", "update", "delete"):
            return self._one_assignment(call)
        if kind.startswith("query:"):
            return self.queries.answer(call, call.path.removeprefix(QUERIES))
        if kind in ("table", "count"):
            return self.scores.table(call, kind == "count")
        if kind == "categories":
            return self._categories(call)
        if kind == "token":
            return self.tokens.give(call)
        return self._about(kind)

    def _about(self, kind: str) -> Answer:
        if kind == "metadata":
            return json_answer(
                {
                    "metadata": {
                        "powerschool_version": "25.7.0.0",
                        "plugin_id": 61,
                        "district_timezone": self.time_zone,
                        "schema_table_query_max_page_size": self.switches.page_cap,
                        "student_max_page_size": 100,
                    }
                }
            )
        if kind == "time":
            return json_answer({"time": {"datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}})
        if kind == "districts_schools":
            rows = [{"id": n, "school_number": n, "name": s.school_name} for n, s in self.roster.schools.items()]
            return json_answer({"schools": {"school": rows[0] if len(rows) == 1 else rows}})
        raise errors.refusal(404, "Resource not found")

    def _one_assignment(self, call: Call) -> Answer:
        assignment_id, users_dcid = int(call.path.rstrip("/").rpartition("/")[2]), _user(call)
        if call.kind == "read":
            return self.assignments.read(assignment_id, users_dcid)
        if call.kind == "update":
            return self.assignments.update(call, assignment_id, users_dcid)
        return self.assignments.delete(call, assignment_id, users_dcid)

    def _categories(self, call: Call) -> Answer:
        try:
            users_dcid, year_id = _user(call), int(call.query["year_id"])
        except (KeyError, ValueError):
            raise errors.bad_request("users_dcid and year_id are required") from None
        return json_answer(
            [
                {
                    "_name": "teachercategory",
                    "_id": row.teacher_category_id,
                    "teachercategoryid": row.teacher_category_id,
                    "name": row.name,
                    "categorytype": "district" if row.district_category_id else "teacher",
                    "districtteachercategoryid": row.district_category_id,
                    "isactive": row.is_active,
                    "isinfinalgrades": True,
                    "usersdcid": row.users_dcid,
                    "_teachercategorysectionexcludeassociations": [],
                }
                for row in self.roster.copies(users_dcid, year_id)
            ]
        )

    def sections_of(self, call: Call) -> set[int]:
        """Give the sections that a request is about, from its body or its query."""
        try:
            if call.kind == "list":
                return set(section_ids(call))
            sent = msgspec.json.decode(call.body) if call.body else {}
            if call.kind == "score":
                ids = {row["_assignmentsection"]["assignmentsectionid"] for row in sent["assignment_scores"]}
                books = self.gradebook.by_section_id
                return {books[key].section_dcid for key in ids if key in books}
            if call.kind.startswith("query:"):
                return {int(sent["section_dcid"])} if "section_dcid" in sent else set()
            if call.kind in ("create", "update"):
                return {int(row["sectionsdcid"]) for row in sent["_assignmentsections"]}
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, Refusal):
            return set()
        return set()


def kind_of(method: str, path: str) -> str:
    """Say what a request asks for, from its method and path alone."""
    if path == "/ws/xte/score":
        return "score" if method == "PUT" else "unknown"
    if path.startswith(ASSIGNMENTS):
        rest = path[len(ASSIGNMENTS) :].strip("/")
        if not rest:
            return {"POST": "create", "GET": "list"}.get(method, "unknown")
        if not rest.isdigit():
            return "unknown"
        return {"GET": "read", "PUT": "update", "DELETE": "delete"}.get(method, "unknown")
    if path.startswith(QUERIES):
        return "query:" + path.rpartition(".")[2] if method == "POST" else "unknown"
    return FIXED.get((method, path.rstrip("/")), "unknown")


FIXED = {
    ("POST", "/oauth/access_token"): "token",
    ("GET", "/ws/v1/metadata"): "metadata",
    ("GET", "/ws/v1/time"): "time",
    ("GET", "/ws/v1/district/school"): "districts_schools",
    ("GET", "/ws/xte/teacher_category"): "categories",
    ("GET", TABLE): "table",
    ("GET", TABLE + "/count"): "count",
}


def _user(call: Call) -> int:
    try:
        return int(call.query["users_dcid"])
    except (KeyError, ValueError):
        raise errors.bad_request("users_dcid is required") from None


def as_xml(answer: Answer) -> Answer:
    """Write an answer as the old default format does, for a client that does not ask for JSON."""

    def write(name: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"<{name}>" + "".join(write(str(k).lstrip("$"), v) for k, v in value.items()) + f"</{name}>"
        if isinstance(value, list):
            return "".join(write(name, each) for each in value)
        return f"<{name}>{escape(str(value))}</{name}>"

    value = msgspec.json.decode(answer.body) if answer.body else {}
    text = '<?xml version="1.0" encoding="UTF-8"?>' + write("results", value)
    return answer._replace(body=text.encode(), content_type="application/xml")
