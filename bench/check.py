"""Whether both did the same work: the same codes for every item and score, the same number of scores sent."""

from __future__ import annotations

import psycopg

from bench.product import ProductNight
from bench.straw import StrawNight
from bench.world import World

PRODUCT_CODES = """
select 'item', coalesce(c.code, ''), count(*)
from passback.run_item as i left join passback.code as c on 1::bigint << c.bit = i.codes & -i.codes
where i.run_key = %(run_key)s group by 2
union all
select 'score', coalesce(c.code, ''), count(*)
from passback.run_score as s left join passback.code as c on 1::bigint << c.bit = s.codes & -s.codes
where s.run_key = %(run_key)s group by 2
"""
STRAW_CODES = """
select 'item', coalesce(c.code, ''), count(*)
from straw.item as i left join straw.code as c on c.bit = i.codes & -i.codes
group by 2
union all
select 'score', coalesce(c.code, ''), count(*)
from straw.score as s left join straw.code as c on c.bit = s.codes & -s.codes
group by 2
"""
# Codes that only the product knows: the straw man looks at no ledger here and asks no item for its scores.
BEYOND = {"NO_SCORES_YET", "LEFT_IN_SIS"}


def differences(world: World, product: ProductNight, straw: StrawNight) -> list[str]:
    """What the two nights did differently, a line each; empty where they are comparable."""
    with psycopg.connect(world.uri) as connection:
        ours = _by_code(connection.execute(PRODUCT_CODES, {"run_key": product.run_key}).fetchall())
    with psycopg.connect(world.straw_uri) as connection:
        theirs = _by_code(connection.execute(STRAW_CODES).fetchall())
    found = [
        f"{product.name}: {level}s with {code or 'no code'}: {ours.get((level, code), 0):,}, "
        f"the straw man's {theirs.get((level, code), 0):,}"
        for level, code in sorted(ours.keys() | theirs.keys())
        if ours.get((level, code), 0) != theirs.get((level, code), 0)
    ]
    if product.sent != straw.sent:
        found.append(f"{product.name}: {product.sent:,} scores sent, the straw man's {straw.sent:,}")
    for name, night in (("product", product), ("straw man", straw)):
        if night.confirmed < night.sent or night.mismatched:
            found.append(f"{product.name}, {name}: {night.mismatched:,} scores not confirmed")
    return found


def _by_code(rows: list[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    """Counts by level and primary code; an item or score with a code that only one side knows counts as without."""
    counted: dict[tuple[str, str], int] = {}
    for level, code, number in rows:
        key = (level, "" if code in BEYOND else code)
        counted[key] = counted.get(key, 0) + number
    return counted
