"""Ids as numbers in one place and as texts in the other, as Schoology sends them: always the same for the same id."""

import re
from collections.abc import Callable
from zlib import crc32

ID_FIELDS = (
    "id",
    "uid",
    "enrollment_id",
    "assignment_id",
    "grade_item_id",
    "grading_period",
    "grading_category",
    "grading_scale",
    "section_id",
    "school_uid",
    "section_school_code",
    "total",
)

# Inside a JSON text every quote is escaped, so that this finds members only, in records and around them.
_MEMBER = re.compile(rb'"(' + "|".join(ID_FIELDS).encode() + rb')":("?)(0|[1-9][0-9]{0,17})("?)(?=[,}])')


def mixer(seed: int) -> Callable[[bytes], bytes]:
    """Give a function that rewrites the ids of a JSON body, half as numbers and half as texts, by field and value."""
    salts = {name.encode(): crc32(f"{seed}:{name}".encode()) for name in ID_FIELDS}

    def rewritten(found: re.Match[bytes]) -> bytes:
        field, opened, digits, closed = found.groups()
        if opened != closed:
            return found.group(0)
        as_text = crc32(digits, salts[field]) & 1
        return b'"%s":"%s"' % (field, digits) if as_text else b'"%s":%s' % (field, digits)

    return lambda body: _MEMBER.sub(rewritten, body)
