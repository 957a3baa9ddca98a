"""What a read gives, and what it raises: pages, listings, odd shapes, patience with a server that stumbles."""

import asyncio
import pickle
from typing import Any

import pytest
from aiohttp import web
from tests.powerschool.scripted_server import after, drop, gives, says, scripted

from passback.errors import Transient
from passback.powerschool.client import Refused
from passback.powerschool.exchange import Requests

QUERY = "org.passback.gradebook.schools"


def page(*numbers: int) -> web.Response:
    return gives({"name": QUERY, "record": [{"school_number": str(number)} for number in numbers]})


def listed(assignment_id: int, *sections: int) -> dict[str, Any]:
    return {
        "assignmentid": assignment_id,
        "_assignmentsections": [{"assignmentsectionid": 7000 + dcid, "sectionsdcid": dcid} for dcid in sections],
    }


def numbers_of(rows: list[dict[str, str]]) -> list[int]:
    return [int(row["school_number"]) for row in rows]


def test_all_rows_come_in_one_answer_where_no_page_size_is_set() -> None:
    async def night() -> None:
        async with scripted(page(1, 2, 3)) as script, script.client() as powerschool:
            assert numbers_of(await powerschool.query(QUERY, {"school_number": "101"}, 0)) == [1, 2, 3]
            assert [(seen.method, seen.path, seen.body) for seen in script.asked] == [
                ("POST", f"/ws/schema/query/{QUERY}?pagesize=0", b'{"school_number":"101"}')
            ]

    asyncio.run(night())


def test_pages_are_read_until_a_short_one() -> None:
    async def night() -> None:
        async with scripted(page(1, 2), page(3, 4), page(5), page(6, 7), gives({"name": "q"})) as script:
            async with script.client() as powerschool:
                assert numbers_of(await powerschool.query(QUERY, {}, 2)) == [1, 2, 3, 4, 5]
                assert numbers_of(await powerschool.query(QUERY, {}, 2)) == [6, 7]
            assert [seen.path.partition("?")[2] for seen in script.asked] == [
                *(f"pagesize=2&page={number}" for number in (1, 2, 3, 1, 2))
            ]

    asyncio.run(night())


def test_a_server_that_gives_the_same_page_for_ever_is_noticed() -> None:
    async def night() -> None:
        async with scripted(usual=lambda: page(1, 2)) as script, script.client() as powerschool:
            with pytest.raises(Transient, match="twice"):
                await powerschool.query(QUERY, {}, 2)
            assert len(script.asked) == 2

    asyncio.run(night())


def test_nulls_are_left_out_and_unknown_keys_ignored() -> None:
    odd = {"$breach_mitigation": "x", "name": "q", "record": {"a": 1, "b": True, "c": None, "d": "text"}}

    async def night() -> None:
        async with scripted(gives(odd)) as script, script.client() as powerschool:
            assert await powerschool.query(QUERY, {}) == [{"a": "1", "b": "true", "d": "text"}]

    asyncio.run(night())


@pytest.mark.parametrize(
    "document", [{}, [], {"unexpected": [1]}, {"name": "q", "record": [1]}, {"name": "q", "record": "x"}]
)
def test_an_answer_of_another_shape_is_never_an_empty_one(document: Any) -> None:
    async def night() -> None:
        async with (
            scripted(usual=lambda: gives(document)) as script,
            script.client(wait_limit_seconds=0.2) as powerschool,
        ):
            for read in (
                powerschool.query(QUERY, {}),
                powerschool.item_scores(77001),
                powerschool.read_assignment(501, 8301),
                powerschool.metadata(),
            ):
                with pytest.raises(Transient) as raised:
                    await read
                assert raised.value.code == "SIS_UNAVAILABLE"

    asyncio.run(night())


@pytest.mark.parametrize(
    "document", [{}, {"unexpected": [1]}, [1], [{"assignmentid": 1}], [{**listed(1), "_assignmentsections": 3}]]
)
def test_a_listing_that_cannot_be_read_proves_nothing(document: Any) -> None:
    async def night() -> None:
        async with (
            scripted(usual=lambda: gives(document)) as script,
            script.client(wait_limit_seconds=0.2) as powerschool,
        ):
            with pytest.raises(Transient):
                await powerschool.list_assignments(8301, [85001])

    asyncio.run(night())


def test_many_sections_are_listed_in_urls_of_less_than_2000_characters() -> None:
    sections = range(850_000, 850_600)

    async def listing(request: web.Request) -> web.StreamResponse:
        return gives([listed(dcid, dcid) for dcid in map(int, request.query["section_ids"].split(","))])

    async def night() -> None:
        async with scripted(*[listing] * 4) as script, script.client() as powerschool:
            found = await powerschool.list_assignments(8301, sections)
            assert [assignment["assignmentid"] for assignment in found] == list(sections)
            assert [len(script.url + seen.path) < 2000 for seen in script.asked] == [True] * 3
            assert script.asked[0].path.startswith(
                "/ws/xte/section/assignment/?users_dcid=8301&section_ids=850000,850001,"
            )
            assert await powerschool.list_assignments(8301, []) == []

    asyncio.run(night())


def test_an_assignment_in_two_listings_keeps_all_its_sections() -> None:
    sections = range(1_000_000, 1_000_300)

    async def night() -> None:
        async with scripted(gives([listed(501, 1)]), gives([listed(501, 1, 2), listed(502, 2)])) as script:
            async with script.client() as powerschool:
                found = await powerschool.list_assignments(8301, sections)
            assert found == [listed(501, 1, 2), listed(502, 2)]

    asyncio.run(night())


def test_a_stumbling_server_is_asked_again() -> None:
    async def night() -> None:
        html = web.Response(text="<html>", content_type="text/html")
        half = web.Response(body=b'{"name":"q","rec', content_type="application/json")
        steps = [drop, says(500, ""), html, half, page(1)]
        async with scripted(*steps) as script, script.client(wait_limit_seconds=15) as powerschool:
            assert numbers_of(await powerschool.query(QUERY, {})) == [1]
            assert powerschool.requests == Requests(total=6, retried=4, throttled=0)
            assert len(script.asked) == 5

    asyncio.run(night())


def test_a_read_that_stalls_is_asked_again_and_a_long_one_is_waited_for() -> None:
    async def long(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for part in (b'{"name":', b'"q","rec', b'ord":[{"school_number"', b':"1"}]}'):
            await response.write(part)
            await asyncio.sleep(0.15)
        return response

    async def night() -> None:
        async with (
            scripted(after(0.6, page(9)), long) as script,
            script.client(timeout_seconds=0.3, wait_limit_seconds=5) as powerschool,
        ):
            assert numbers_of(await powerschool.query(QUERY, {})) == [1]
            assert len(script.asked) == 2

    asyncio.run(night())


def test_a_server_that_stays_away_is_transient_and_then_no_longer_asked() -> None:
    async def night() -> None:
        async with scripted() as script, script.client(wait_limit_seconds=0.2) as powerschool:
            for _ in range(5):
                with pytest.raises(Transient, match="did not answer") as raised:
                    await powerschool.query(QUERY, {})
                assert raised.value.code == "SIS_UNAVAILABLE"
            asked = len(script.asked)
            with pytest.raises(Transient, match="not asked"):
                await powerschool.query(QUERY, {})
            assert len(script.asked) == asked

    asyncio.run(night())


def test_a_refused_read_carries_its_answer() -> None:
    async def night() -> None:
        gone = says(404, "Unable to find Assignment with id 501")
        async with scripted(gone, says(404, "Unable to find query x")) as script, script.client() as powerschool:
            with pytest.raises(Refused) as raised:
                await powerschool.read_assignment(501, 8301)
            assert (raised.value.code, raised.value.answer.status) == ("DELETED_IN_SIS", 404)
            kept = pickle.loads(pickle.dumps(raised.value))
            assert (str(kept), kept.code, kept.answer) == (str(raised.value), "DELETED_IN_SIS", raised.value.answer)
            with pytest.raises(Refused, match="Unable to find query x") as raised:
                await powerschool.query("x", {})
            assert raised.value.code == "SIS_REFUSED"

    asyncio.run(night())


def test_an_items_scores_are_read_in_pages_of_the_metadatas_size() -> None:
    def scores(*students: int) -> web.Response:
        table = [{"assignmentscoreid": "1", "assignmentsectionid": "77001", "studentsdcid": str(s)} for s in students]
        table[0] |= {"scorepoints": "9.5", "isexempt": "1", "ismissing": "0", "isincomplete": "true"}
        records = [{"id": 1, "name": "assignmentscore", "tables": {"assignmentscore": row}} for row in table]
        return gives({"name": "assignmentscore", "record": records})

    async def night() -> None:
        metadata = gives({"metadata": {"schema_table_query_max_page_size": 2}})
        steps = [metadata, scores(1, 2), scores(3), scores(4)]
        async with scripted(*steps) as script, script.client() as powerschool:
            found = await powerschool.item_scores(77001)
            assert [row["student_dcid"] for row in found] == ["1", "2", "3"]
            assert found[0] == {
                "assignment_score_id": "1", "assignment_section_id": "77001", "student_dcid": "1",
                "score_points": "9.5", "is_exempt": "true", "is_missing": "false", "is_incomplete": "true",
            }  # fmt: skip
            assert found[1]["is_exempt"] == "false"
            await powerschool.item_scores(77002)
            assert [seen.path.partition("?")[0] for seen in script.asked].count("/ws/v1/metadata") == 1
            assert "&q=assignmentsectionid==77001&pagesize=2&page=2" in script.asked[2].path

    asyncio.run(night())
