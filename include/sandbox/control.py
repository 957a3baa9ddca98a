"""The Python client of the control interface: what tests and the demo hold in their hands."""

from collections.abc import Mapping
from typing import Any

import requests

from sandbox.faults import WRITES


class SystemControl:
    """The control of one system; every action of the README's tables is `do(action, …)`."""

    def __init__(self, url: str, system: str) -> None:
        """Talk to a control interface about one system."""
        self._base = f"{url}/control/{system}"
        self._session = requests.Session()
        self._session.trust_env = False

    def do(self, action: str, /, **arguments: Any) -> Any:
        """Do an action and give its result; `ValueError` with the reason where the sandbox refuses it."""
        answer = self._session.post(f"{self._base}/{action}", json=arguments, timeout=60).json()
        if not answer["ok"]:
            raise ValueError(f"{action}: {answer['error']}")
        return answer["result"]

    def get(self, what: str, **query: str) -> Any:
        """Read `state`, `log`, `counts`, `switches`, `pending` or `roster`."""
        response = self._session.get(f"{self._base}/{what}", params=query, timeout=60)
        response.raise_for_status()
        return response.json()

    def switches(self, **changes: Any) -> None:
        """Set lasting switches."""
        self.do("switches", **changes)

    def fault(self, effect: str, **match: Any) -> None:
        """Let something go wrong on the next request that matches (`times=None`: on every one)."""
        self.do("fault", effect=effect, **match)

    def hook(self, kind: str, action: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Let an edit happen after (`when="before"`: before) the `n`-th request of a kind, before its answer."""
        self.do("hook", kind=kind, action=action, arguments=dict(arguments or {}), **more)

    def clear(self) -> None:
        """Take all faults and hooks away; lasting switches stay."""
        self.do("clear")

    def log(self, method: str | None = None, path_prefix: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Read the request log, oldest first: number, at, method, path, query, kind, body, status, fault."""
        query = {"path_prefix": path_prefix, "kind": kind, **({"method": method} if method else {})}
        return list(self.get("log", **query))

    def counts(self) -> dict[str, int]:
        """Count the logged requests by kind."""
        return dict(self.get("counts"))

    def clear_log(self) -> None:
        """Forget the request log."""
        self._session.delete(f"{self._base}/log", timeout=60).raise_for_status()

    def state(self) -> dict[str, Any]:
        """Read what the system holds: PowerSchool's gradebook in a stable order, Otus's collections by size."""
        return dict(self.get("state"))


class PowerSchoolControl(SystemControl):
    """PowerSchool's control, with what tests ask for most."""

    def writes(self) -> list[dict[str, Any]]:
        """Read the log's writes: creates, updates, deletes and score calls."""
        return [entry for entry in self.log() if entry["kind"] in WRITES]

    def assignments(self, marker_id: str | None = None) -> list[dict[str, Any]]:
        """List the held assignments, each with its section; with a source item id, those that carry its marker."""
        held = [
            {"section_dcid": int(section), **row} for section, rows in self.state()["sections"].items() for row in rows
        ]
        if marker_id is None:
            return held
        return [row for row in held if row["marker"].split(" ", 2)[2:] == [marker_id]]

    def edit_score(self, assignment: int | str, student_number: str, points: float | None = None, **more: Any) -> int:
        """Type a score as a teacher does."""
        return int(self.do("edit_score", assignment=assignment, student_number=student_number, points=points, **more))

    def edit_assignment(self, assignment: int | str, **changes: Any) -> int:
        """Change an assignment as a teacher does: name, due_date, total_points, description, category."""
        return int(self.do("edit_assignment", assignment=assignment, **changes))

    def delete_assignment(self, assignment: int | str) -> int:
        """Delete an assignment as a teacher does."""
        return int(self.do("delete_assignment", assignment=assignment))

    def student_leaves(self, section_dcid: int, student_number: str) -> int:
        """Drop a student from a section."""
        return int(self.do("student_leaves", section_dcid=section_dcid, student_number=student_number))


class OtusControl(SystemControl):
    """Otus's control, with what tests ask for most."""

    def edit(self, collection: str, id: str, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Otus's word
        """Change fields of one record; gives the record as it is now."""
        return dict(self.do("edit", collection=collection, id=id, **changes))

    def upsert(self, collection: str, record: Any) -> None:
        """Put a whole record in."""
        self.do("upsert", collection=collection, record=record)

    def delete(self, collection: str, id: str) -> None:  # noqa: A002 - Otus's word
        """Mark one record as deleted."""
        self.do("delete", collection=collection, id=id)

    def export_files(self, folder: str, **options: Any) -> str:
        """Write the files transport into a folder; gives the manifest's path."""
        return str(self.do("export_files", folder=folder, **options))


Id = str | int


class SchoologyControl(SystemControl):
    """Schoology's control, with what tests ask for most; a section is named by its id or its own school code."""

    def edit_item(self, section: Id, id: Id, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Schoology's word
        """Change fields of a grade item; gives the record as it is now."""
        return dict(self.do("edit_item", section=section, id=id, **changes))

    def publish(self, section: Id, id: Id, published: bool = True) -> None:  # noqa: A002 - Schoology's word
        """Publish a grade item, or take it back."""
        self.do("publish", section=section, id=id, published=published)

    def delete_item(self, section: Id, id: Id, keep_grades: bool = False) -> None:  # noqa: A002 - Schoology's word
        """Delete a grade item, with its grades unless they are kept."""
        self.do("delete_item", section=section, id=id, keep_grades=keep_grades)

    def grade(
        self,
        section: Id,
        item_id: Id,
        enrollment_id: Id,
        grade: float | str | None = None,
        exception: int = 0,
        **more: Any,
    ) -> dict[str, Any]:
        """Grade a student, anew or again, stamped with the server's now; gives the record as it is now."""
        named = {"section": section, "item_id": item_id, "enrollment_id": enrollment_id}
        return dict(self.do("grade", **named, grade=grade, exception=exception, **more))

    def empty_grade(self, section: Id, item_id: Id, enrollment_id: Id) -> None:
        """Empty a grade: null with its old timestamp, so that no delta shows it."""
        self.do("empty_grade", section=section, item_id=item_id, enrollment_id=enrollment_id)

    def vanish_grade(self, section: Id, item_id: Id, enrollment_id: Id) -> None:
        """Take a grade out without a trace."""
        self.do("vanish_grade", section=section, item_id=item_id, enrollment_id=enrollment_id)

    def read(self, section: Id, collection: str) -> list[Any]:
        """Read all records of `items`, `grades`, `categories`, `periods` or `enrollments` as they are held."""
        return list(self.do("read", section=section, collection=collection))

    def upsert(self, section: Id, collection: str, record: Any, place: int | None = None) -> None:
        """Put a whole record in, as it is."""
        self.do("upsert", section=section, collection=collection, record=record, place=place)

    def edit(self, section: Id, collection: str, id: Id, **changes: Any) -> dict[str, Any]:  # noqa: A002 - Schoology's
        """Change fields of one record; a grade's id is `<item id>:<enrolment id>`."""
        return dict(self.do("edit", section=section, collection=collection, id=id, **changes))

    def remove(self, section: Id, collection: str, id: Id) -> None:  # noqa: A002 - Schoology's word
        """Take one record out without a trace."""
        self.do("remove", section=section, collection=collection, id=id)

    def edit_section(self, section: Id, **changes: Any) -> dict[str, Any]:
        """Change a section; `section_school_code=""` takes its code away, `active=False` closes it."""
        return dict(self.do("edit_section", section=section, **changes))

    def set_clock(self, at: str | None = None) -> int:
        """Stop the server's clock at a time with a zone, or (none) let it run; gives it as UNIX seconds."""
        return int(self.do("set_clock", at=at))

    def advance(self, seconds: int) -> int:
        """Put the server's clock forward; gives it as UNIX seconds."""
        return int(self.do("advance", seconds=seconds))


class Control:
    """The control of the sandbox: `powerschool`, `otus`, `schoology`, and shortcuts to PowerSchool's log and state."""

    def __init__(self, url: str) -> None:
        """Talk to the control interface at a URL."""
        self.url = url
        self.powerschool = PowerSchoolControl(url, "powerschool")
        self.otus = OtusControl(url, "otus")
        self.schoology = SchoologyControl(url, "schoology")

    def log(self, method: str | None = None, path_prefix: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Read PowerSchool's request log."""
        return self.powerschool.log(method, path_prefix, kind)

    def writes(self) -> list[dict[str, Any]]:
        """Read the writes in PowerSchool's request log."""
        return self.powerschool.writes()

    def state(self) -> dict[str, Any]:
        """Read PowerSchool's gradebook."""
        return self.powerschool.state()

    def clear_logs(self) -> None:
        """Forget all request logs."""
        for system in (self.powerschool, self.otus, self.schoology):
            system.clear_log()
