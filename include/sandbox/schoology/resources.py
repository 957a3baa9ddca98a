"""What Schoology answers: sections by school code, and the pages of a section's collections."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from sandbox.schoology.content import Content, Section
from sandbox.schoology.mixing import mixer
from sandbox.schoology.switches import Switches
from sandbox.wire import Answer, Call, Refusal

MOST_CODES = 50
# The last part of a path → the section's collection and the name of its list in the reply.
LISTS = {
    "grade_items": ("items", "assignment"),
    "assignments": ("items", "assignment"),
    "grades": ("grades", "grade"),
    "grading_categories": ("categories", "grading_category"),
    "grading_periods": ("periods", "grading_period"),
    "enrollments": ("enrollments", "enrollment"),
}


class Target(NamedTuple):
    """What a path names: a kind of the request log, and the section by id or by school code where it names one."""

    kind: str
    section_id: str = ""
    code: str = ""


def target_of(method: str, path: str) -> Target:
    """Read a path; what the server does not have is of kind `unknown`."""
    target = Target("unknown")
    match [method, *path.split("/")[1:]]:
        case ["POST", "v1", "multiget"]:
            target = Target("multiget")
        case ["GET", "v1", "sections"]:
            target = Target("sections")
        case ["GET", "v1", "sections", "ext", code]:
            target = Target("sections:ext", code=code)
        case ["GET", "v1", "sections", section_id]:
            target = Target("sections:id", section_id=section_id)
        case ["GET", "v1", "sections", section_id, listed] if listed in LISTS:
            target = Target(listed, section_id=section_id)
    return target


def text(status: int, message: str) -> Answer:
    """Answer with a plain text, as Schoology does for what it refuses."""
    return Answer(status, message.encode(), None, "text/plain")


class Resources:
    """The answers to good requests, as the switches let them look."""

    def __init__(self, content: Content, switches: Switches) -> None:
        """Serve one district's content."""
        self._content = content
        self._switches = switches
        self._mix: Callable[[bytes], bytes] = mixer(switches.mix_seed)

    def reseed(self) -> None:
        """Mix ids by the seed that the switches say now."""
        self._mix = mixer(self._switches.mix_seed)

    def sections_of(self, path: str, query: dict[str, str]) -> set[int]:
        """Give the school codes (PowerSchool's section DCIDs) of the sections that a GET names."""
        target = target_of("GET", path)
        held = self._content.sections.get(target.section_id)
        codes = [held.row.section_school_code if held else target.code]
        if target.kind == "sections":
            codes = query.get("section_school_codes", "").split(",")
        return {int(code) for code in codes if code.isdecimal()}

    def get(self, call: Call) -> Answer:
        """Answer one GET."""
        target = target_of("GET", call.path)
        try:
            if target.kind == "sections":
                return self._page(call, "section", self._by_codes(call))
            if target.kind == "unknown":
                return text(404, "Not found")
            section = self._section(target)
            if target.kind.startswith("sections"):
                return Answer(200, self._mixed(section.record()))
            name, listed = LISTS[target.kind]
            records = section.collections[name].since(self._since(call) if target.kind == "grades" else None)
            if target.kind == "assignments":
                records = [record for record in records if _is_assignment(record)]
            return self._page(call, listed, records)
        except Refusal as refusal:
            return refusal.answer

    def _section(self, target: Target) -> Section:
        found = self._content.by_code(target.code) if target.code else []
        section = found[0] if found else self._content.sections.get(target.section_id)
        status = self._struck(section) if section else 404
        if section is None or status is not None:
            raise Refusal(text(status or 404, f"Section refused with {status}" if section else "Section not found"))
        return section

    def _struck(self, section: Section) -> int | None:
        by_section = self._switches.section_status
        return by_section.get(section.row.id, by_section.get(section.row.section_school_code or "-"))

    def _by_codes(self, call: Call) -> list[bytes]:
        codes = [code for code in call.query.get("section_school_codes", "").split(",") if code]
        if not 1 <= len(codes) <= MOST_CODES:
            raise Refusal(text(400, f"section_school_codes must name 1 to {MOST_CODES} codes"))
        return [section.record() for code in dict.fromkeys(codes) for section in self._content.by_code(code)]

    @staticmethod
    def _since(call: Call) -> int | None:
        asked = call.query.get("timestamp", "")
        if asked and not asked.isdecimal():
            raise Refusal(text(400, "timestamp must be whole seconds since 1970"))
        return int(asked) if asked else None

    def _page(self, call: Call, listed: str, records: list[bytes]) -> Answer:
        start, limit = _number(call, "start", 0, 0), _number(call, "limit", self._switches.default_limit, 1)
        limit = min(limit, self._switches.page_cap)
        first = max(0, start - limit) if self._switches.repeat_page else start
        first = max(0, first + self._switches.shift_pages) if start else start
        page = records[first : first + max(0, limit - self._switches.torn_pages)]
        held = b'{"%s":[%s]' % (listed.encode(), b",".join(page))
        if listed == "grade":
            held = b'{"grades":' + held + b"}"
        links = {"self": self._link(call, start, limit)}
        if start + limit < len(records):
            links["next"] = self._link(call, start if self._switches.repeat_next else start + limit, limit)
        return Answer(
            200, self._mixed(held + self._total(len(records)) + b',"links":' + msgspec.json.encode(links) + b"}")
        )

    def _link(self, call: Call, start: int, limit: int) -> str:
        kept = {name: value for name, value in call.query.items() if not name.startswith("oauth_") and name != "hop"}
        target = f"{call.path}?{urlencode({**kept, 'start': start, 'limit': limit})}"
        return target if self._switches.links == "relative" else f"http://{call.host}{target}"

    def _total(self, count: int) -> bytes:
        form = self._switches.total
        if form == "missing":
            return b""
        if form == "null":
            return b',"total":null'
        return b',"total":%d' % (count + (self._switches.total_off_by if form == "wrong" else 0))

    def _mixed(self, body: bytes) -> bytes:
        return self._mix(body) if self._switches.mix_ids else body


def _number(call: Call, name: str, default: int, least: int) -> int:
    asked = call.query.get(name, str(default))
    if not asked.isdecimal() or int(asked) < least:
        raise Refusal(text(400, f"{name} must be a whole number from {least}"))
    return int(asked)


def _is_assignment(record: bytes) -> bool:
    try:
        return bool(msgspec.json.decode(record).get("type") == "assignment")
    except (msgspec.DecodeError, AttributeError):
        return False
