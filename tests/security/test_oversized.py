"""Bodies and addresses that cannot be meant: of any size and shape, never a 500 and never read whole."""

import pytest
from tests.security.attacking import everything, raw, target
from tests.security.routes import READS, WRITES, Known, Route, named
from tests.web.conftest import Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(600)]

BODIES = [
    b"", b"null", b"[]", b"0", b'"x"', b"{", b"{}}", b"\xff\xfe", b"[" * 20_000, b'{"a":' * 10_000,
    b'{"section_dcid": NaN, "opted_out": true}', b'{"section_dcid": 1e400, "opted_out": true}',
    b'{"section_dcid": ' + b"9" * 6_000 + b', "opted_out": true}', b'{"section_dcid": -1, "opted_out": true}',
    b'{"section_dcid": "1; drop table passback.run", "opted_out": true}', b'{"section_dcid": true, "opted_out": "x"}',
    b'{"section_dcid": 1, "section_dcid": {}, "opted_out": true}', b'{"__proto__": {}, "opted_out": true}',
    b'{"source": "otus", "source_item_id": "\\ud800", "opted_out": true}',
    b'{"source": "otus", "source_item_id": "\\u0000", "opted_out": true}',
    b'{"source": "otus", "source_item_id": "x\' or 1=1--", "opted_out": true}',
    b'{"source": "otus", "source_item_id": "<atk>", "opted_out": true}',
    b'{"source": ["otus"], "source_item_id": {"$ne": 1}, "opted_out": true}',
    b'{"source": "otus", "source_item_id": "' + b"a" * 30_000 + b'", "opted_out": true}',
]  # fmt: skip


@pytest.mark.parametrize("route", WRITES, ids=named)
def test_a_body_that_cannot_be_meant_is_refused(admin: Visitor, shown: Known, route: Route) -> None:
    before = everything(shown.uri)
    for body in BODIES:
        status, said = raw(
            admin,
            f"/passback{route.path}",
            "POST",
            body,
            Content_Type="application/json",
            Content_Length=str(len(body)),
        )
        assert 400 <= status < 500, (body[:60], status, said[:200])
        assert b"<atk>" not in said
    assert everything(shown.uri) == before


@pytest.mark.parametrize("visitor", ["admin", "anonymous"])
@pytest.mark.parametrize("route", WRITES, ids=named)
def test_a_body_of_ten_megabytes_is_not_read(
    request: pytest.FixtureRequest, shown: Known, route: Route, visitor: str
) -> None:
    somebody: Visitor = request.getfixturevalue(visitor)
    body = b'{"source": "otus", "source_item_id": "' + b"a" * 10_000_000 + b'", "opted_out": true}'
    common = {"Content_Type": "application/json"}
    status, _ = raw(somebody, f"/passback{route.path}", "POST", body, Content_Length=str(len(body)), **common)
    assert status in (0, 413)
    chunked = (
        b"".join(b"10000\r\n" + body[at : at + 65536] + b"\r\n" for at in range(0, 9_961_472, 65536)) + b"0\r\n\r\n"
    )
    status, _ = raw(somebody, f"/passback{route.path}", "POST", chunked, Transfer_Encoding="chunked", **common)
    assert status in (0, 413)
    liar = raw(somebody, f"/passback{route.path}", "POST", b"{}", Content_Length="-1", **common)
    assert liar[0] in (0, 400, 413)


@pytest.mark.parametrize("route", READS, ids=named)
def test_an_address_of_any_length_is_refused_or_answered(admin: Visitor, shown: Known, route: Route) -> None:
    plain = target(route, shown)
    for name in list(route.in_query)[:2] or ["q"]:
        for query in (f"{name}={'a' * 1_000_000}", "&".join([f"{name}=1"] * 100_000), "&".join(["x=1"] * 8_000),
                      f"{name}={'%00' * 10_000}", f"{name}={'%C3%A9' * 9_000}"):  # fmt: skip
            status, body = raw(admin, f"{plain}&{query}")
            assert status < 500, (name, query[:30], status, body[:200])
    assert raw(admin, plain)[0] == 200
