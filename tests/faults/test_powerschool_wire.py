"""PowerSchool's answers gone wrong on the wire, one by one: read again, given up in time, never half believed."""

import asyncio
import gzip
import math
import time
import tracemalloc
import zlib
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web
from tests.powerschool.scripted_server import Script, Step, gives, says, scripted

from passback.errors import Transient
from passback.powerschool.budget import NoBudget
from passback.powerschool.client import PowerSchool
from passback.powerschool.exchange import LARGEST_ANSWER

QUERY = "org.passback.gradebook.schools"
ROW = {
    "assignment_id": "501", "assignment_section_id": "77001", "name": "Quiz", "due_date": "2026-09-28",
    "total_points": "12", "category_id": "4302", "student_dcid": "81001", "score_points": "9.5",
}  # fmt: skip
SECTION = {
    "assignmentsectionid": 77001, "sectionsdcid": 85001, "name": "Quiz", "description": "Passback otus quiz",
    "duedate": "2026-09-28", "totalpointvalue": 12.0,
    "_assignmentcategoryassociations": [{"teachercategoryid": 4302, "isprimary": True}],
}  # fmt: skip
ASSIGNMENT = {"assignmentid": 501, "_assignmentsections": [SECTION]}
TABLE = {"assignmentsectionid": "77001", "studentsdcid": "81001", "scorepoints": "9.5"}
GOOD: dict[str, Any] = {
    "query": {"name": "q", "record": [{"school_number": "101"}]},
    "section_scores": {"name": "q", "record": [ROW]},
    "item_scores": {"name": "q", "record": [{"id": 1, "tables": {"assignmentscore": TABLE}}]},
    "list": [ASSIGNMENT],
    "read": ASSIGNMENT,
    "categories": [{"teachercategoryid": 4302, "name": "Tests", "isactive": True}],
    "metadata": {"metadata": {"schema_table_query_max_page_size": 100}},
}
BODY = b'{"name":"q","record":[{"school_number":"101"}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def read(powerschool: PowerSchool, what: str) -> Any:
    """One of the client's reads."""
    if what == "item_scores":
        powerschool._metadata = {}  # its own answer is tested by itself
    calls = {
        "query": lambda: powerschool.query(QUERY, {}),
        "section_scores": lambda: powerschool.section_scores(85001),
        "item_scores": lambda: powerschool.item_scores(77001),
        "list": lambda: powerschool.list_assignments(8301, [85001]),
        "read": lambda: powerschool.read_assignment(501, 8301),
        "categories": lambda: powerschool.teacher_categories(8301, 36),
        "metadata": powerschool.metadata,
    }
    return await calls[what]()


def raw(*parts: bytes, every: float = 0.0) -> Step:
    """Bytes as they go over the wire, then the end of the connection."""

    async def sends(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        for part in parts:
            if transport.is_closing():
                break
            transport.write(part)
            await asyncio.sleep(every)
        transport.close()
        return web.Response()

    return sends


def drips(head: bytes) -> Step:
    """A head, then a byte at a time for ever (half a minute)."""
    return raw(head, *[b" "] * 600, every=0.05)


TORN: dict[str, Step] = {
    "breaks off": raw(HEAD + b"Content-Length: 1000\r\n\r\n" + BODY[:20]),
    "a length that is too long": raw(HEAD + b"Content-Length: 1000\r\n\r\n" + BODY),
    "a length that is too short": raw(HEAD + b"Content-Length: 20\r\n\r\n" + BODY),
    "a chunk that breaks off": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + BODY[:20]),
    "a chunk of no length": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + BODY),
    "broken gzip": raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + b"\x1f\x8b" + b"x" * 28),
    "half of a gzip": raw(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(BODY * 50)[:40]),
    "no HTTP at all": raw(b"\x00\x01\x02 not HTTP\r\n\r\n"),
    "a length that is no number": raw(HEAD + b"Content-Length: many\r\n\r\n" + BODY),
    "an empty body": raw(HEAD + b"Content-Length: 0\r\n\r\n"),
    "NaN": raw(HEAD + b'\r\n{"name":"q","record":[{"school_number":NaN}]}'),
    "Infinity": raw(HEAD + b'\r\n{"name":"q","record":[{"school_number":-Infinity}]}'),
    "a number beyond all numbers": raw(HEAD + b'\r\n{"name":"q","record":[{"school_number":1e999}]}'),
    "nested too deep": raw(HEAD + b'\r\n{"name":"q","record":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "no UTF-8": raw(HEAD + b'\r\n{"name":"q","record":[{"school_number":"\xff\xfe"}]}'),
}


@pytest.mark.parametrize("fault", TORN)
def test_a_torn_answer_is_read_again(fault: str) -> None:
    async def night() -> None:
        async with scripted(TORN[fault], gives(GOOD["query"])) as script, script.client() as powerschool:
            assert await read(powerschool, "query") == [{"school_number": "101"}]
            assert (len(script.asked), powerschool.requests.retried) == (2, 1)

    asyncio.run(night())


@pytest.mark.parametrize("fault", ["breaks off", "broken gzip", "nested too deep", "NaN"])
def test_a_write_whose_accepting_answer_is_torn_is_accepted_and_sent_once(fault: str) -> None:
    async def night() -> None:
        async with scripted(TORN[fault]) as script, script.client() as powerschool:
            answer = await powerschool.write_scores(8301, 3401, b"{}")
            assert (answer.code, answer.lost, len(script.asked)) == ("", False, 1)

    asyncio.run(night())


@pytest.mark.parametrize("fault", ["no HTTP at all", "a length that is no number"])
def test_a_write_answered_by_what_is_no_http_is_lost_and_sent_once(fault: str) -> None:
    async def night() -> None:
        async with scripted(TORN[fault]) as script, script.client() as powerschool:
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.lost, len(script.asked)) == ("SIS_UNAVAILABLE", True, 1)

    asyncio.run(night())


def test_a_refusal_nested_too_deep_is_still_a_refusal() -> None:
    deep = b'{"message":' + b"[" * 50_000 + b"]" * 50_000 + b"}"

    async def night() -> None:
        answer = web.Response(status=409, body=deep, content_type="application/json")
        async with scripted(answer) as script, script.client() as powerschool:
            refused = await powerschool.write_scores(8301, 3401, b"{}")
            assert (refused.code, refused.lost) == ("SIS_REFUSED", False)

    asyncio.run(night())


def changed(what: str, **fields: Any) -> Any:
    """The good answer with fields of its one row or section changed (None stays null)."""
    if what in ("section_scores", "query"):
        return {"name": "q", "record": [{**ROW, **fields}]}
    if what == "item_scores":
        return {"name": "q", "record": [{"id": 1, "tables": {"assignmentscore": {**TABLE, **fields}}}]}
    if what == "categories":
        return [{**GOOD[what][0], **fields}]
    own = {key: value for key, value in fields.items() if key in ("assignmentid", "_assignmentsections")}
    section = {**SECTION, **{key: value for key, value in fields.items() if key not in own}}
    assignment = {"assignmentid": 501, "_assignmentsections": [section], **own}
    return [assignment] if what == "list" else assignment


WRONG: list[tuple[str, Any]] = [
    *((what, document) for what in GOOD for document in ("text", 7, None, True)),
    *((what, []) for what in ("query", "section_scores", "item_scores", "read", "metadata")),
    *((what, {}) for what in GOOD),
    ("metadata", {"metadata": [1]}),
    ("metadata", {"metadata": None}),
    ("query", {"name": "q", "record": [[1]]}),
    ("query", {"name": "q", "record": None}),
    ("item_scores", {"name": "q", "record": [{"tables": {"assignmentscore": [1]}}]}),
    ("categories", [None]),
    ("list", [None]),
    *(("section_scores", changed("section_scores", **{column: value}))
      for column in ("assignment_id", "assignment_section_id")
      for value in (None, "", "x", 10**30, 7.5, True, -1, [1], {"a": 1}, "٣", "8" * 19)),
    *(("section_scores", changed("section_scores", student_dcid=value)) for value in ("x", 10**30, 7.5, [1])),
    *(("section_scores", changed("section_scores", **{column: value}))
      for column in ("score_points", "total_points")
      for value in ("NaN", "inf", "-Infinity", "1e999", "9,5", "1_0", "ten", " 9", True, [1], {"a": 1})),
    *(("section_scores", changed("section_scores", due_date=value)) for value in ("soon", "2026-02-30", 7, [1])),
    ("section_scores", changed("section_scores", category_id="Tests")),
    ("section_scores", {"name": "q", "record": [ROW, {**ROW, "score_points": "3"}]}),
    *(("item_scores", changed("item_scores", **{column: value}))
      for column in ("assignmentsectionid", "studentsdcid") for value in (None, "x", 10**30)),
    *(("item_scores", changed("item_scores", scorepoints=value)) for value in ("NaN", "x", [1])),
    *((what, changed(what, **{field: value}))
      for what in ("list", "read")
      for field in ("assignmentid", "assignmentsectionid", "sectionsdcid")
      for value in (None, "x", 10**30, 501.5, True, [501], {"id": 501})),
    *((what, changed(what, **{field: value}))
      for what in ("list", "read") for field in ("name", "description") for value in (7, ["Quiz"], {"a": 1})),
    *((what, changed(what, _assignmentsections=value)) for what in ("list", "read") for value in (None, "x", [None])),
    *(("read", changed("read", duedate=value)) for value in ("soon", 20260928, ["2026-09-28"])),
    *(("read", changed("read", **{field: value}))
      for field in ("totalpointvalue", "scoreentrypoints") for value in ("twelve", "NaN", True, [12], {"a": 1})),
    *(("read", changed("read", _assignmentcategoryassociations=value)) for value in ("x", [1], [{"isprimary": True}])),
    *(("categories", changed("categories", teachercategoryid=value)) for value in (None, "x", 10**30, 4302.5, [4302])),
]  # fmt: skip


def test_an_answer_of_wrong_types_is_no_answer_and_ends_in_time() -> None:
    """All in one server: each is read again until the call's time is over, and never believed."""

    async def night() -> None:
        async with scripted() as script:
            for what, document in WRONG:
                script.usual = lambda document=document: gives(document)
                async with script.client(wait_limit_seconds=0.1) as powerschool:
                    with pytest.raises(Transient) as raised:
                        pytest.fail(f"{what} believes {document}: {await read(powerschool, what)}")
                assert raised.value.code == "SIS_UNAVAILABLE", (what, document)

    asyncio.run(night())


@pytest.mark.parametrize("what", GOOD)
def test_a_right_answer_after_a_wrong_one_counts(what: str) -> None:
    wrong = next(document for name, document in reversed(WRONG) if name == what)

    async def night() -> None:
        async with scripted(gives(wrong), gives(GOOD[what])) as script, script.client() as powerschool:
            assert await read(powerschool, what)
            assert len(script.asked) == 2

    asyncio.run(night())


def test_odd_forms_of_right_answers_are_read() -> None:
    """Ids as texts, one object for a list of one, nulls, numbers in rows, rows that came twice."""

    async def night() -> None:
        odd = {**ASSIGNMENT, "assignmentid": "501", "_assignmentsections": {**SECTION, "sectionsdcid": "85001"}}
        nulls = changed("read", duedate=None, totalpointvalue=None, description=None)
        numbers = {**ROW, "score_points": 9.5, "student_dcid": 81001, "category_id": None, "due_date": None}
        empty = {**ROW, "student_dcid": "", "score_points": ""}
        rows = {"name": "q", "record": [numbers, numbers, empty]}
        async with (
            scripted(gives(odd), gives([odd, odd]), gives(nulls), gives(rows)) as script,
            script.client() as powerschool,
        ):
            (section,) = (await read(powerschool, "read"))["_assignmentsections"]
            assert section["sectionsdcid"] == 85001
            (listed,) = await read(powerschool, "list")
            assert listed["assignmentid"] == 501
            assert (await read(powerschool, "read"))["assignmentid"] == 501
            found = await read(powerschool, "section_scores")
            assert [(row["student_dcid"], row["score_points"]) for row in found] == [("81001", "9.5"), ("", "")]

    asyncio.run(night())


def test_huge_numbers_that_are_numbers_stay_what_they_are() -> None:
    async def night() -> None:
        async with (
            scripted(gives(changed("section_scores", score_points="1e308"))) as script,
            script.client() as powerschool,
        ):
            (row,) = await read(powerschool, "section_scores")
            assert math.isfinite(float(row["score_points"]))

    asyncio.run(night())


@pytest.mark.parametrize("size", ["many", -5, 0, 10**30, "٣", [100], None])
def test_a_page_size_that_is_none_becomes_the_usual_one(size: Any) -> None:
    async def night() -> None:
        metadata = gives({"metadata": {"schema_table_query_max_page_size": size}})
        async with scripted(metadata, gives(GOOD["item_scores"])) as script, script.client() as powerschool:
            await powerschool.item_scores(77001)
            assert "pagesize=100&" in script.asked[1].path

    asyncio.run(night())


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "ä", "x" * 5000, 7, None, ["t"]])
def test_a_token_that_no_header_can_carry_is_none(token: Any) -> None:
    async def night() -> None:
        async with (
            scripted(token_steps=[gives({"access_token": token})], usual=lambda: gives(GOOD["query"])) as script,
            script.client() as powerschool,
        ):
            assert await read(powerschool, "query")
            assert script.asked[0].headers["Authorization"] == f"Bearer {script.tokens[0]}"

    asyncio.run(night())


@pytest.mark.parametrize("expires_in", ["nan", "inf", "-inf", "1e999", 10**400])
def test_a_life_that_is_no_number_is_the_usual_one(expires_in: Any) -> None:
    from passback.powerschool.token import read_token

    assert read_token({"access_token": "t", "expires_in": expires_in}, 1000.0).until == 1000.0 + 3540


@pytest.mark.parametrize("head", [HEAD + b"\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["body", "headers"])
def test_a_read_that_drips_ends_with_the_calls_time(head: bytes) -> None:
    async def night() -> None:
        async with scripted(drips(head)) as script, script.client(wait_limit_seconds=1.0) as powerschool:
            began = time.monotonic()
            with pytest.raises(Transient) as raised:
                await read(powerschool, "query")
            assert raised.value.code == "SIS_UNAVAILABLE"
            assert time.monotonic() - began < 10

    asyncio.run(night())


@pytest.mark.parametrize(
    ("head", "code", "lost"),
    [
        (HEAD + b"\r\n", "", False),
        (b"HTTP/1.1 500 Oh\r\n\r\n", "SIS_UNAVAILABLE", True),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", "SIS_UNAVAILABLE", True),
    ],
    ids=["accepting body", "refusing body", "headers"],
)
def test_a_write_that_drips_ends_with_its_time_and_is_sent_once(head: bytes, code: str, lost: bool) -> None:
    async def night() -> None:
        async with scripted(drips(head)) as script, script.client(timeout_seconds=0.5) as powerschool:
            began = time.monotonic()
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.lost, len(script.asked)) == (code, lost, 1)
            assert time.monotonic() - began < 10

    asyncio.run(night())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_takes_no_credentials_along(status: int) -> None:
    async def night() -> None:
        async with scripted() as elsewhere:

            async def there(_: web.Request) -> web.StreamResponse:
                return web.Response(status=status, headers={"Location": f"{elsewhere.url}/ws/steal"})

            async with (
                scripted(there, there, there, usual=lambda: gives(GOOD["query"])) as script,
                script.client() as powerschool,
            ):
                assert (await powerschool.create_assignment(8301, b"{}")).lost
                assert await read(powerschool, "query")
                script.token_steps.append(there)
                async with PowerSchool(script.url, "another", "secret", NoBudget(), wait_limit_seconds=5) as other:
                    assert await read(other, "query")
            assert elsewhere.seen == []

    asyncio.run(night())


def test_an_endless_answer_is_read_up_to_a_limit_and_no_further() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        part = b" " * 2_000_000
        for _ in range(100):
            await response.write(part)
            sent += len(part)
        return response

    async def night() -> None:
        async with scripted(endless, endless) as script, script.client(wait_limit_seconds=60) as powerschool:
            with pytest.raises(Transient, match="over 128 MB"):
                await read(powerschool, "query")
            assert len(script.asked) == 1
            assert sent < LARGEST_ANSWER + 30_000_000
            assert (await powerschool.write_scores(8301, 3401, b"{}")).accepted

    asyncio.run(night())


def test_a_small_answer_that_unpacks_to_200_mb_takes_no_more_memory_than_the_limit() -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(200)), packer.flush()])
    bomb = raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)

    async def night() -> None:
        async with scripted(bomb) as script, script.client(wait_limit_seconds=60) as powerschool:
            tracemalloc.start()
            with pytest.raises(Transient, match="over 128 MB"):
                await read(powerschool, "query")
            assert tracemalloc.get_traced_memory()[1] < LARGEST_ANSWER + 40_000_000

    try:
        asyncio.run(night())
    finally:
        tracemalloc.stop()


def test_a_refusal_of_any_size_is_read_only_in_its_beginning() -> None:
    async def night() -> None:
        long = web.Response(status=409, body=b"The section is locked. " + b"x" * 5_000_000, content_type="text/plain")
        async with scripted(long) as script, script.client() as powerschool:
            answer = await powerschool.write_scores(8301, 3401, b"{}")
            assert (answer.code, len(answer.message)) == ("ASSIGNMENT_LOCKED", 300)

    asyncio.run(night())


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_a_throttle_until_a_time_is_measured_by_the_servers_own_clock(hours: int) -> None:
    async def night() -> None:
        now = time.time() + hours * 3600
        throttled = says(429, "", Retry_After=formatdate(now + 2, usegmt=True), Date=formatdate(now, usegmt=True))
        async with scripted(throttled, gives({})) as script, script.client(wait_limit_seconds=30) as powerschool:
            began = time.monotonic()
            assert (await powerschool.write_scores(8301, 3401, b"{}")).accepted
            assert time.monotonic() - began >= 2
            assert (len(script.asked), powerschool.requests.throttled) == (2, 1)

    asyncio.run(night())


def page(*numbers: int) -> web.Response:
    return gives({"name": "q", "record": [{"school_number": str(number)} for number in numbers]})


async def numbers_of(script: Script) -> list[int]:
    async with script.client() as powerschool:
        return [int(row["school_number"]) for row in await powerschool.query(QUERY, {}, 2)]


def test_pages_that_shift_while_they_are_read_are_read_again() -> None:
    async def night() -> None:
        shifted = [page(1, 2), page(2, 3), page(4)]  # a row came in before the second page
        async with scripted(*shifted, page(0, 1), page(2, 3), page(4)) as script:
            assert await numbers_of(script) == [0, 1, 2, 3, 4]
            assert len(script.asked) == 6

    asyncio.run(night())


def test_rows_that_stand_on_two_pages_in_every_reading_are_what_there_is() -> None:
    async def night() -> None:
        twice = [page(1, 2), page(2, 3), page(4)]
        async with scripted(*twice, *[page(1, 2), page(2, 3), page(4)]) as script:
            assert await numbers_of(script) == [1, 2, 2, 3, 4]

    asyncio.run(night())


def test_pages_that_never_stand_still_are_given_up() -> None:
    async def night() -> None:
        readings = [[page(n, n + 1), page(n + 1, n + 2), page(n + 3)] for n in (1, 11, 21)]
        async with scripted(*(each for reading in readings for each in reading)) as script:
            with pytest.raises(Transient, match="shifted") as raised:
                await numbers_of(script)
            assert (raised.value.code, len(script.asked)) == ("SIS_UNAVAILABLE", 9)

    asyncio.run(night())


def test_pages_that_come_round_again_are_noticed() -> None:
    async def night() -> None:
        async with scripted(page(1, 2), page(3, 4), page(1, 2), page(3, 4)) as script:
            with pytest.raises(Transient, match="twice"):
                await numbers_of(script)
            assert len(script.asked) == 3

    asyncio.run(night())


def test_a_row_that_a_shifting_page_hides_does_not_make_an_assignment_deleted() -> None:
    """A teacher takes a score away between two pages: every later row moves up, and one is on no page."""

    def rows(*students: int) -> web.Response:
        return gives({"name": "q", "record": [{**ROW, "student_dcid": str(student)} for student in students]})

    async def night() -> None:
        steps = [rows(1, 2), rows(4), rows(2, 3), rows(4), rows(2, 3), rows(4)]
        async with scripted(*steps) as script, script.client() as powerschool:
            found = await powerschool.section_scores(85001, 2)
            assert [row["student_dcid"] for row in found] == ["2", "3", "4"]
            assert len(script.asked) == 6

    asyncio.run(night())
