"""The settings as plain data, kept with the run that they were in force for."""

from __future__ import annotations

import dataclasses
from typing import Any

from passback.settings.district import Settings


def to_json(settings: Settings) -> dict[str, Any]:
    """The settings in the shape of district.toml, defaults filled in, of JSON's types only.

    Equal settings give equal snapshots, wherever their file lies.
    """
    plain = dataclasses.asdict(settings)
    del plain["file"]
    sections, items = sorted(plain.pop("opted_out_sections")), sorted(plain.pop("opted_out_items"))
    plain["effective_date"] = settings.effective_date.isoformat()
    plain["grading_periods"] = list(settings.grading_periods)
    plain["schools"] = {number: {"categories": plain["schools"][number]} for number in sorted(settings.schools)}
    plain["exceptions"] = {str(code): settings.exceptions[code] for code in sorted(settings.exceptions)}
    plain["opt_outs"] = [
        *({"section_dcid": section} for section in sections),
        *({"source": source, "source_item_id": item} for source, item in items),
    ]
    return plain
