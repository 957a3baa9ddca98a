"""The straw man: one night as a bare script, without Airflow, pandas, guard, locks or crash safety.

It makes the same kinds of requests as the product (creates, one listing per acting teacher, score calls, read-backs)
and is what the product's seconds and memory are divided by. It knows no opt-outs, no item updates and no quarantine.
"""

import argparse
import asyncio
import json
import re
import time
import tomllib
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psycopg
from msgspec.structs import astuple

from bench.straw_wire import BITS, OTUS, READBACK, ROSTER, Listed, Rows, answer_of, page_of
from bench.usage import peak_mb

PAGE = 1000


class Night:
    """One night over one database connection and one HTTP session."""

    def __init__(self, arguments: argparse.Namespace, database: psycopg.Connection, http: aiohttp.ClientSession):
        """Reads the statements; nothing is asked or written yet."""
        self.arguments, self.database, self.http = arguments, database, http
        self.seconds: dict[str, float] = {}
        self.requests: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
        text = re.sub(r"\b[A-Z_]{6,}\b", lambda found: str(BITS.get(found[0], found[0])), text)
        named = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
        self.sql = dict(zip(named[::2], named[1::2], strict=True))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a stage and commits it."""
        begun = time.perf_counter()
        yield
        self.database.commit()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begun, 3)

    def run(self, name: str, **parameters: object) -> None:
        """Runs a named statement."""
        self.database.execute(self.sql[name].encode(), parameters or None)

    def copy(self, table: str, rows: Rows) -> None:
        """Writes rows by COPY."""
        with self.database.cursor().copy(f"copy straw.{table} from stdin".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    async def ask(self, kind: str, method: str, url: str, **options: Any) -> tuple[int, bytes, str]:
        """One request to PowerSchool: status, body and Location; waits where it is told to."""
        while True:
            self.requests[kind] += 1
            whole = f"{self.arguments.powerschool}{url}"
            async with self.http.request(method, whole, headers=self.headers, **options) as answer:
                body = await answer.read()
                if answer.status not in (429, 503):
                    return answer.status, body, answer.headers.get("Location", "")
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))

    async def each(self, rows: Iterable[Any], call: Callable[[Any], Awaitable[None]]) -> None:
        """Calls for every row, so many at a time as may be in flight; rows are taken as they are wanted."""
        waiting = iter(rows)

        async def worker() -> None:
            for row in waiting:
                await call(row)

        await asyncio.gather(*(worker() for _ in range(self.arguments.in_flight)))

    async def outbox(self, table: str, call: Callable[[Any], Awaitable[None]]) -> None:
        """Calls for every row of an outbox, through a server-side cursor."""
        with self.database.cursor("outbox") as cursor:
            cursor.itersize = 500
            cursor.execute(f"select * from straw.{table}".encode())
            await self.each(cursor, call)

    async def extract_otus(self) -> None:
        """Every page of every collection into its stage."""
        headers = {"Authorization": f"Bearer {self.arguments.otus_token}"}
        for name, columns in OTUS.items():
            decoder, cursor = page_of(columns), ""
            while cursor is not None:
                self.requests["otus"] += 1
                query = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
                url = f"{self.arguments.otus}/v1/{name}"
                async with self.http.get(url, params=query, headers=headers) as answer:
                    answer.raise_for_status()
                    page = decoder.decode(await answer.read())
                self.copy(name, map(astuple, page.data))
                cursor = page.next_cursor

    async def query(self, name: str, decoder: msgspec.json.Decoder[Any], **body: str) -> list[Any]:
        """The records of a named query, all in one answer."""
        url = f"/ws/schema/query/org.passback.gradebook.{name}?pagesize=0"
        status, answer, _ = await self.ask("query", "POST", url, json=body)
        if status != 200:
            raise SystemExit(f"{name}: {status} {answer[:200]!r}")
        records: list[Any] = decoder.decode(answer).record
        return records

    async def extract_roster(self, year_start: date) -> None:
        """The roster, one call per school and query."""
        login = b64encode(self.arguments.client.encode()).decode()
        self.headers = {"Authorization": f"Basic {login}", "Accept": "application/json"}
        form = {"grant_type": "client_credentials"}
        _, token, _ = await self.ask("token", "POST", "/oauth/access_token/", data=form)
        self.headers["Authorization"] = f"Bearer {json.loads(token)['access_token']}"
        last_day = date.fromordinal(year_start.replace(year=year_start.year + 1).toordinal() - 1)
        year = {"first_day": year_start.isoformat(), "last_day": last_day.isoformat()}
        schools = await self.query("schools", answer_of(ROSTER["schools"]), **year)
        self.copy("schools", map(astuple, schools))
        for name, columns in list(ROSTER.items())[1:]:
            decoder = answer_of(columns)
            for school in schools:
                rows = await self.query(name, decoder, school_number=school.school_number, **year)
                self.copy(name, map(astuple, rows))

    async def create(self) -> None:
        """The new assignments, then one listing per acting teacher for their ids."""
        outcomes: list[tuple[object, ...]] = []
        mine: set[int] = set()
        sections: defaultdict[str, set[str]] = defaultdict(set)
        listed: list[tuple[object, ...]] = []
        decoder = msgspec.json.Decoder(list[Listed])

        async def post(row: tuple[str, str, str, str]) -> None:
            item_id, section_dcid, teacher, body = row
            url = f"/ws/xte/section/assignment/?users_dcid={teacher}"
            status, _, location = await self.ask("create", "POST", url, data=body.encode())
            made = int(location.rsplit("/", 1)[-1]) if status == 201 else None
            outcomes.append(("create", item_id, status, made))
            if made:
                mine.add(made)
                sections[teacher].add(section_dcid)

        async def listing(teacher: str) -> None:
            url = f"/ws/xte/section/assignment/?users_dcid={teacher}&section_ids={','.join(sections[teacher])}"
            _, body, _ = await self.ask("list", "GET", url)
            seen = (found for found in decoder.decode(body) if found.assignmentid in mine)
            listed.extend((found.assignmentid, found.sections[0].assignmentsectionid) for found in seen)

        await self.outbox("outbox_item", post)
        self.copy("outcome", outcomes)
        await self.each(sections, listing)
        self.copy("listed", listed)

    async def send_scores(self) -> set[str]:
        """The changed scores, at most 200 of one item a call; the sections that were written to."""
        outcomes: list[tuple[object, ...]] = []
        sections: set[str] = set()

        async def put(row: tuple[str, str, str, str, str, int]) -> None:
            item_id, teacher, term_id, section_dcid, body, _ = row
            url = f"/ws/xte/score?users_dcid={teacher}&status=A&term_id={term_id}"
            status, _, _ = await self.ask("score", "PUT", url, data=body.encode())
            outcomes.append(("score", item_id, status, None))
            sections.add(section_dcid)

        await self.outbox("outbox_score", put)
        self.copy("outcome", outcomes)
        return sections

    async def read_back(self, sections: set[str]) -> None:
        """What PowerSchool holds in those sections."""
        decoder = answer_of(READBACK)
        with self.database.cursor().copy(b"copy straw.readback from stdin") as copy:

            async def read(section_dcid: str) -> None:
                for row in await self.query("section_scores", decoder, section_dcid=section_dcid):
                    if row.student_dcid:
                        copy.write_row((row.assignment_section_id, row.student_dcid, row.score_points or None))

            await self.each(sections, read)

    def report(self) -> None:
        """The lines of what did not pass, by COPY into a file."""
        with self.arguments.report.open("wb") as file, self.database.cursor().copy(self.sql["report"].encode()) as copy:
            for block in copy:
                file.write(block)

    def prepare(self, settings: dict[str, Any]) -> None:
        """Fresh stage tables, the codes and the category map (of the district: school empty; of each school)."""
        self.run("prepare")
        for table, columns in (OTUS | ROSTER).items():
            self.database.execute(f"create unlogged table straw.{table} ({columns})".encode())
        self.copy("code", ((bit, code) for code, bit in BITS.items() if code != "FAILING"))
        for school, place in ({"": settings} | settings.get("schools", {})).items():
            pairs = place.get("categories", {}).get("otus", {}).items()
            self.copy("category_map", ((school, kind, name) for kind, name in pairs))

    async def whole(self) -> dict[str, object]:
        """The night; what the benchmark reads."""
        settings = tomllib.loads(self.arguments.district.read_text(encoding="utf-8"))
        as_of: date = self.arguments.as_of
        month, day = map(int, settings.get("year_starts", "07-01").split("-"))
        year_start = date(as_of.year - ((as_of.month, as_of.day) < (month, day)), month, day)
        facts = {
            "as_of": as_of, "year_start": year_start, "time_zone": settings["time_zone"],
            "effective_date": settings["effective_date"],
            "periods": settings.get("grading_periods", ["Q1", "Q2", "Q3", "Q4"]),
            "group": settings.get("teacher_group", "PowerSchool Gradebook Passback"),
        }  # fmt: skip
        with self.stage("prepare"):
            self.prepare(settings)
        with self.stage("extract_otus"):
            await self.extract_otus()
        with self.stage("extract_roster"):
            await self.extract_roster(year_start)
        with self.stage("rules"):
            self.run("analyze_stage")
            self.run("rules_item", **facts)
            self.run("rules_score", as_of=as_of)
            self.run("analyze_rules")
        with self.stage("plan"):
            self.run("outbox_item")
        with self.stage("create"):
            await self.create()
            self.run("settle_items")
        with self.stage("plan"):
            self.run("outbox_score")
        with self.stage("scores"):
            sections = await self.send_scores()
            self.run("settle_scores")
        with self.stage("read_back"):
            await self.read_back(sections)
            self.run("verify")
        with self.stage("report"):
            self.report()
        figures = self.database.execute(self.sql["figures"].encode()).fetchone() or (0, 0, 0, 0, 0)
        return {
            "seconds": self.seconds | {"total": round(sum(self.seconds.values()), 3)},
            "requests": dict(self.requests) | {"total": self.requests.total()},
            **dict(zip(("staged", "sent", "confirmed", "mismatched", "refused_calls"), figures, strict=True)),
            "peak_memory_mb": peak_mb(),
        }


async def main() -> None:
    """Reads the command line, does the night, prints its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("database", "otus", "otus-token", "powerschool", "client"):
        parser.add_argument(f"--{name}", required=True, help="id:secret" if name == "client" else None)
    parser.add_argument("--as-of", required=True, type=date.fromisoformat)
    parser.add_argument("--district", required=True, type=Path, help="the settings file, as the product reads it")
    parser.add_argument("--report", required=True, type=Path, help="the CSV to write")
    parser.add_argument("--in-flight", type=int, default=32, help="requests under way at once")
    arguments = parser.parse_args()
    connector, timeout = aiohttp.TCPConnector(limit=arguments.in_flight), aiohttp.ClientTimeout(total=600)
    with psycopg.connect(arguments.database, options="-c timezone=UTC -c jit=off -c work_mem=128MB") as database:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
            print(json.dumps(await Night(arguments, database, http).whole()))


if __name__ == "__main__":
    asyncio.run(main())
