"""Seeds for the parsers: what the sandbox district's own servers answer, and words that the parsers know."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import requests
from requests_oauthlib import OAuth1

from fuzz import fragments
from passback.powerschool.roster_rows import QUERIES
from sandbox.district import OTUS_COLLECTIONS
from sandbox.server import CONSUMER_KEY, Sandbox, running
from sandbox.small import small_district

QUERY = "/ws/schema/query/org.passback.gradebook."
PARTS = ("grade_items", "grades", "enrollments", "grading_categories", "grading_periods")
# Longer seeds slow the search down, and hold nothing that shorter ones do not.
LONGEST = 6_000


def seeds() -> dict[str, list[bytes]]:
    """The seeds of every target."""
    with running(small_district().district) as box:
        found = {**_otus(box), **_schoology(box), **_powerschool(box)}
    words = [
        each.encode("utf-8", "surrogatepass")
        for each in (*fragments.NUMBERS, *fragments.NO_NUMBERS, *fragments.NUMBER_TEXTS)
    ]
    texts = [each.encode() for each in (*fragments.TIMES, *fragments.TEXTS)]
    found |= {
        "schoology_values": [
            bytes([n]) + each for n in range(12) for each in (*words[::9], b'"2026-09-18 23:59:00"', b'"[1,2]"')
        ],
        "headers": [
            b"120", b"Wed, 21 Oct 2026 07:28:00 GMT", b"/ws/xte/section/assignment/501", b"try again in 500 ms", *texts
        ],
        "marker": [b"a1\nPassback otus a1\r\nOpened by Passback", *texts],
        "settings": [_settings()],
        "query_string": [
            b"q=Unit+3&school=101&teacher=8301&section=85001&source=otus&status=error&code=NO_SCORE&scores=failed&sort=-due&page=2",
            b"q=%25_%5C&page=0", b"sort=title&q=%00",
        ],
        "three_way": [bytes(range(16)), bytes(16)],
        "numbers": words,
        "otus_manifest": [
            b'{"exported_at":"2026-10-15T05:00:00Z","full":true,"files":{"scores.jsonl.gz":{"rows":1,"sha256":"ab"}}}'
        ],
    }  # fmt: skip
    return {name: [seed[:LONGEST] for seed in held] for name, held in found.items()}


def _settings() -> bytes:
    from passback.local.home import PROJECT

    return (PROJECT / "include" / "district.toml").read_bytes()


def _otus(box: Sandbox) -> dict[str, list[bytes]]:
    pages, lines = [], []
    for place, name in enumerate(OTUS_COLLECTIONS):
        answer = requests.get(
            f"{box.otus_url}/v1/{name}",
            params={"limit": "4"},
            headers={"Authorization": f"Bearer {box.token}"},
            timeout=10,
        )
        pages.append(bytes([place]) + answer.content)
        records = [json.dumps(each).encode() for each in answer.json()["data"]]
        lines.append(bytes([place]) + b"\n".join(records))
    return {"otus_page": pages, "otus_lines": lines}


def _schoology(box: Sandbox) -> dict[str, list[bytes]]:
    auth = OAuth1(CONSUMER_KEY, client_secret=box.consumer_secret)
    section = next(iter(box.schoology.content.sections.values()))
    base = f"{box.schoology_url}/v1/sections"
    code = section.row.section_school_code

    def get(address: str) -> bytes:
        return bytes(requests.get(address, auth=auth, timeout=10).content)

    pages = [b"\x00" + get(f"{base}?section_school_codes={code}&limit=3")]
    pages += [bytes([1 + n]) + get(f"{base}/{section.row.id}/{part}?limit=3") for n, part in enumerate(PARTS)]
    asked = "".join(f"<request>/v1/sections/{section.row.id}/{part}?limit=3</request>" for part in PARTS[:2])
    reply = requests.post(
        f"{box.schoology_url}/v1/multiget", data=f"<requests>{asked}</requests>", auth=auth, timeout=10,
        headers={"Content-Type": "text/xml"},
    )  # fmt: skip
    return {"schoology_page": pages, "schoology_multiget": [reply.content.replace(section.row.id.encode(), b"4318461")]}


def _powerschool(box: Sandbox) -> dict[str, list[bytes]]:
    from sandbox.server import CLIENT_ID

    token = requests.post(
        f"{box.powerschool_url}/oauth/access_token/", auth=(CLIENT_ID, box.client_secret),
        data={"grant_type": "client_credentials"}, timeout=10,
    ).json()["access_token"]  # fmt: skip
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    base = box.powerschool_url
    queries = [
        session.post(f"{base}{QUERY}{each.name}?pagesize=3&page=1", json={}, timeout=10).content for each in QUERIES
    ]
    users, dcid = 8301, 85001
    made = _made(session, base, users, dcid)
    refused = list(_refusals(session, base, users, dcid))
    return {
        "rows": [*(b"\x00" + each for each in queries), b"\x01" + SCORES, b"\x02" + queries[3]],
        "listing": made, "categories": [
            b"\x00" + session.get(f"{base}/ws/xte/teacher_category?users_dcid={users}&year_id=36", timeout=10).content,
            b"\x01" + session.get(f"{base}/ws/v1/metadata", timeout=10).content,
        ],
        "problem": refused,
        "classify": [
            bytes([number % 24]) + f"{status} Retry-After: 2\n".encode() + each
            for number, (status, each) in enumerate(itertools.product((200, 403, 409, 412, 500, 503), refused))
        ],
    }  # fmt: skip


SCORES = (
    b'{"name":"assignmentscore","record":[{"id":90001,"name":"assignmentscore","tables":{"assignmentscore":{'
    b'"assignmentscoreid":"90001","assignmentsectionid":"77001","studentsdcid":"81001","scorepoints":"9.5","isexempt":"false"}}}]}'
)


def _made(session: requests.Session, base: str, users: int, dcid: int) -> list[bytes]:
    """The listings that PowerSchool gives of a section, and one that a listing looks like."""
    answer = session.get(f"{base}/ws/xte/section/assignment/?users_dcid={users}&section_ids={dcid}", timeout=10)
    example: dict[str, Any] = {
        "_name": "assignment", "_id": 501, "assignmentid": 501, "createdbyplugin": "passback",
        "_assignmentsections": [{
            "assignmentsectionid": 77001, "sectionsdcid": 85001, "name": "Unit 3 test (S1)",
            "description": "Passback otus a1\r\nx", "duedate": "2026-09-28", "totalpointvalue": 12.0,
            "_assignmentcategoryassociations": [{"teachercategoryid": 4302, "isprimary": True}],
        }],
    }  # fmt: skip
    one = json.dumps([example]).encode()
    return [answer.content, one, one + b"\n\n" + one]


def _refusals(session: requests.Session, base: str, users: int, dcid: int) -> Iterator[bytes]:
    """Bodies of refusals, as PowerSchool writes them."""
    section = {"sectionsdcid": dcid, "name": "x" * 60, "duedate": "1999-01-01"}
    address = f"{base}/ws/xte/section/assignment/?users_dcid={users}"
    yield session.post(address, json={"_assignmentsections": [section]}, timeout=10).content
    yield session.get(f"{base}/ws/xte/section/assignment/1?users_dcid={users}", timeout=10).content
    yield session.post(f"{base}{QUERY}nothing", json={}, timeout=10).content
    yield (
        b'{"message":"Validation failed","errors":[{"field":"Student.id [81009] does not have an '
        b'AssignmentStudentAssociation",'
        b'"params":{"assignment_section_id":77001,"student_dcid":81009}}]}'
    )
    yield b"<html><body>Maintenance</body></html>"
    yield b"Too many requests. Try again in 2 s."
