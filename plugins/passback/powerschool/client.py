"""The PowerSchool client: reads that return or raise, writes that return an Answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

import msgspec

from passback.errors import PassbackError, Transient
from passback.powerschool import reads
from passback.powerschool.answers import UNAVAILABLE, Answer, Kind
from passback.powerschool.budget import Budget
from passback.powerschool.calls import Call, Caller, told
from passback.powerschool.exchange import Exchange, Requests
from passback.powerschool.pages import read_pages
from passback.powerschool.patience import Turns
from passback.powerschool.token import Tokens

__all__ = ["Answer", "PowerSchool", "Refused", "Requests"]

Decode = Callable[[bytes], list[reads.Row]]

ASSIGNMENTS = "/ws/xte/section/assignment/"
SECTION_SCORES = "org.passback.gradebook.section_scores"
USUAL_PAGE_SIZE = 100
SCORE_PROJECTION = ",".join(reads.SCORE_COLUMNS)


class Refused(PassbackError):
    """PowerSchool refused a read; `answer` has its code (for example DELETED_IN_SIS) and words."""

    def __init__(self, message: str, code: str = "", answer: Answer | None = None) -> None:
        """Keeps the whole answer beside its code."""
        super().__init__(message, code)
        self.answer = answer if answer is not None else Answer(code=code, message=message)


class PowerSchool:
    """One PowerSchool server, as our plugin sees it; an asynchronous context manager.

    Reads return their rows, or raise Terminal (AUTH_FAILED, FIELD_ACCESS_DENIED), Transient (SIS_UNAVAILABLE) or
    Refused. Writes return an Answer whatever PowerSchool says, raise Terminal for the same two codes, and are never
    repeated where their fate is unknown (`answer.lost`). Everything raises Stopped once a stop is requested.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        budget: Budget,
        *,
        wait_limit_seconds: float = 60.0,
        timeout_seconds: float = 30.0,
    ) -> None:
        """`wait_limit_seconds` bounds a call with all its waits and repeats, `timeout_seconds` one request of it."""
        self._exchange = Exchange(base_url)
        turns = Turns(budget, self._exchange.requests)
        tokens = Tokens(self._exchange, turns, client_id, client_secret, timeout_seconds)
        self._caller = Caller(self._exchange, turns, tokens, wait_limit_seconds, timeout_seconds)
        self._metadata: dict[str, Any] | None = None
        self._metadata_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Opens the connections' pool."""
        await self._exchange.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes all connections."""
        await self._exchange.__aexit__(kind, error, trace)

    @property
    def requests(self) -> Requests:
        """The counters `total`, `retried` and `throttled` of this client so far."""
        return self._exchange.requests

    async def query(self, name: str, args: dict[str, Any], page_size: int = 0) -> list[reads.Row]:
        """All rows of a named query: in one answer with `page_size` 0, else page by page until a short one."""
        return await self._query(name, args, page_size, reads.decode_rows)

    async def metadata(self) -> dict[str, Any]:
        """The server's metadata, asked for once."""
        async with self._metadata_lock:
            if self._metadata is None:
                call = Call("list", "GET", "/ws/v1/metadata", decode=reads.decode_metadata)
                self._metadata = cast(dict[str, Any], await self._read(call))
            return self._metadata

    async def teacher_categories(self, users_dcid: int, year_id: int) -> list[dict[str, Any]]:
        """One teacher's copies of the categories in a year, as PowerSchool gives them."""
        path = f"/ws/xte/teacher_category?users_dcid={users_dcid}&year_id={year_id}"
        return cast(list[dict[str, Any]], await self._read(Call("list", "GET", path, decode=reads.decode_categories)))

    async def list_assignments(self, users_dcid: int, section_dcids: Sequence[int]) -> list[dict[str, Any]]:
        """All assignments of these sections of one acting teacher; several requests only where the URL is long."""
        path = f"{ASSIGNMENTS}?users_dcid={users_dcid}&section_ids="
        room = reads.LONGEST_URL - len(self._exchange.base_url) - len(path)
        listings = []
        for ids in reads.join_ids(section_dcids, room):
            listings.append(await self._read(Call("list", "GET", path + ids, decode=reads.decode_assignments)))
        return reads.merge_listings(listings)

    async def read_assignment(self, assignment_id: int, users_dcid: int) -> dict[str, Any]:
        """One assignment whole; raises Refused with DELETED_IN_SIS where it is gone."""
        path = f"{ASSIGNMENTS}{assignment_id}?users_dcid={users_dcid}"
        return cast(dict[str, Any], await self._read(Call("read", "GET", path, decode=reads.decode_assignment)))

    async def create_assignment(self, users_dcid: int, body: bytes | str) -> Answer:
        """Creates an assignment; `location_id` is its assignmentid, None where the answer does not say it."""
        return await self._write("create", "POST", f"{ASSIGNMENTS}?users_dcid={users_dcid}", body)

    async def update_assignment(self, assignment_id: int, users_dcid: int, body: bytes | str) -> Answer:
        """Overwrites an assignment with the whole object; its scores are left as they are."""
        path = f"{ASSIGNMENTS}{assignment_id}?users_dcid={users_dcid}&update_scores=false"
        return await self._write("update", "PUT", path, body)

    async def write_scores(self, users_dcid: int, term_id: int, body: bytes | str) -> Answer:
        """Writes scores, all or none; a refusal names its students in `rejected_students` where it can."""
        path = f"/ws/xte/score?users_dcid={users_dcid}&status=A&term_id={term_id}"
        return await self._write("score", "PUT", path, body)

    async def section_scores(self, section_dcid: int, page_size: int = 0) -> list[reads.Row]:
        """What PowerSchool holds in one section, a row a score, flags as `true` or `false`."""
        arguments = {"section_dcid": str(section_dcid)}
        # A row that a shifting page hides would be an assignment that somebody has deleted.
        return await self._query(SECTION_SCORES, arguments, page_size, reads.decode_section_scores, twice=True)

    async def item_scores(self, assignment_section_id: int) -> list[reads.Row]:
        """What PowerSchool holds for one item, in the columns of `section_scores` that the table has."""
        size = await self._table_page_size()
        path = (
            f"/ws/schema/table/{reads.SCORE_TABLE}?projection={SCORE_PROJECTION}"
            f"&q=assignmentsectionid=={assignment_section_id}&pagesize={size}"
        )
        return await self._paged("GET", path, None, reads.decode_scores, size)

    async def _query(
        self, name: str, args: dict[str, Any], page_size: int, decode: Decode, *, twice: bool = False
    ) -> list[reads.Row]:
        path = f"/ws/schema/query/{quote(name)}?pagesize={page_size}"
        return await self._paged("POST", path, msgspec.json.encode(args), decode, page_size, twice=twice)

    async def _table_page_size(self) -> int:
        size = str((await self.metadata()).get("schema_table_query_max_page_size"))
        return (int(size) if re.fullmatch(r"[0-9]{1,6}", size) else 0) or USUAL_PAGE_SIZE

    async def _paged(
        self, method: str, path: str, body: bytes | None, decode: Decode, size: int, *, twice: bool = False
    ) -> list[reads.Row]:
        async def page(number: int) -> list[reads.Row]:
            numbered = f"{path}&page={number}" if size else path
            return cast(list[reads.Row], await self._read(Call("query", method, numbered, body, decode)))

        return await read_pages(path.partition("?")[0], size, page, twice=twice) if size else await page(1)

    async def _read(self, call: Call) -> Any:
        answer = await self._caller.call(call)
        if answer.accepted:
            return answer.json
        where = call.path.partition("?")[0]
        if answer.code == UNAVAILABLE:
            raise Transient(f"{told(answer)} ({call.method} {where})", UNAVAILABLE)
        raise Refused(f"PowerSchool refused {call.method} {where}: {answer.message}", answer.code, answer)

    async def _write(self, kind: Kind, method: str, path: str, body: bytes | str) -> Answer:
        return await self._caller.call(Call(kind, method, path, body.encode() if isinstance(body, str) else body))
