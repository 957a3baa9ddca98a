"""What happens in Otus between two nights: teachers grade, rename and delete; every edit is stamped by the server."""

import random
from typing import Any

import msgspec

from sandbox.otus.content import Content, parse_time, stamp


class Edits:
    """Edits of Otus's content; each sets `updated_at` to the server's now, unless it is given."""

    def __init__(self, content: Content) -> None:
        """Edit one district's content."""
        self.content = content

    def upsert(self, collection: str, record: Any) -> None:
        """Put a whole record in, new or in place of the one with its id; anything else is kept as it is sent."""
        at = self.content.now()
        if isinstance(record, dict) and "updated_at" not in record:
            record = {**record, "updated_at": stamp(at)}
        key = record.get("id") if isinstance(record, dict) else None
        self.content.collections[collection].put(key if isinstance(key, str) else None, msgspec.json.encode(record), at)

    def edit(self, collection: str, id: str, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Otus's word
        """Change fields of one record; gives the record as it is now."""
        at = self.content.now()
        held = self.content.collections[collection]
        record = {**held.get(id), "updated_at": stamp(at), **changes}
        held.put(id, msgspec.json.encode(record), at)
        return record

    def delete(self, collection: str, id: str) -> None:  # noqa: A002 - Otus's word
        """Mark one record as deleted: it stays in the listings."""
        self.edit(collection, id, deleted=True)

    def purge(self, collection: str, id: str) -> None:  # noqa: A002 - Otus's word
        """Take one record out without a trace; only a full export tells."""
        self.content.collections[collection].remove(id)

    def remove_field(self, collection: str, id: str, field: str) -> None:  # noqa: A002 - Otus's word
        """Break one record: a required field is missing from now on."""
        at = self.content.now()
        record = {**self.content.collections[collection].get(id), "updated_at": stamp(at)}
        record.pop(field)
        self.content.collections[collection].put(id, msgspec.json.encode(record), at)

    def change_scores(self, share: float, seed: int = 1, by: float = -0.5) -> int:
        """Change the points of a share of all graded scores (never below 0); gives how many."""
        held = self.content.collections["scores"]
        graded = [
            place
            for place, record in enumerate(held.records)
            if b'"graded"' in record and b'"points":null' not in record
        ]
        chosen = sorted(random.Random(seed).sample(graded, round(len(graded) * share)))
        at, touched = self.content.now(), held.touched
        for place in chosen:
            record = msgspec.json.decode(held.records[place])
            record["points"] = record["points"] + by if record["points"] + by >= 0 else record["points"] + abs(by)
            record["updated_at"] = stamp(at)
            held.records[place] = msgspec.json.encode(record)
            touched[place] = at
        return len(chosen)

    def set_clock(self, at: str | None = None) -> str:
        """Fix the server's clock at a time, or (null) let it run; gives the server's time."""
        self.content.fixed_time = None if at is None else parse_time(at)
        return stamp(self.content.now())
