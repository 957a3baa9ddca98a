"""The forms of an assignment on the wire: as it is sent, and as the server lists it."""

from typing import Any

import msgspec

from sandbox.powerschool.gradebook import Assignment, AssignmentSection


class LinkBody(msgspec.Struct):
    """A category association as it is sent."""

    teachercategoryid: int
    isprimary: bool = False


class SectionBody(msgspec.Struct):
    """An assignment in one section as it is sent; what is left out of an update keeps its value."""

    sectionsdcid: int | None = None
    assignmentsectionid: int | None = None
    name: str | msgspec.UnsetType | None = msgspec.UNSET
    description: str | msgspec.UnsetType | None = msgspec.UNSET
    duedate: str | msgspec.UnsetType | None = msgspec.UNSET
    scoretype: str | msgspec.UnsetType = msgspec.UNSET
    scoreentrypoints: float | msgspec.UnsetType | None = msgspec.UNSET
    totalpointvalue: float | msgspec.UnsetType | None = msgspec.UNSET
    weight: float | msgspec.UnsetType = msgspec.UNSET
    extracreditpoints: float | msgspec.UnsetType = msgspec.UNSET
    iscountedinfinalgrade: bool | msgspec.UnsetType = msgspec.UNSET
    isscoringneeded: bool | msgspec.UnsetType = msgspec.UNSET
    isscorespublish: bool | msgspec.UnsetType = msgspec.UNSET
    publishoption: str | msgspec.UnsetType = msgspec.UNSET
    links: list[LinkBody] | msgspec.UnsetType = msgspec.field(
        default=msgspec.UNSET, name="_assignmentcategoryassociations"
    )


class AssignmentBody(msgspec.Struct):
    """The body of a create or an update."""

    sections: list[SectionBody] = msgspec.field(name="_assignmentsections")


WIRE_FIELDS = {
    "name": "name",
    "description": "description",
    "duedate": "due_date",
    "scoretype": "score_type",
    "scoreentrypoints": "entry_points",
    "totalpointvalue": "total_points",
    "weight": "weight",
    "extracreditpoints": "extra_credit_points",
    "iscountedinfinalgrade": "is_counted",
    "isscoringneeded": "is_scoring_needed",
    "isscorespublish": "is_score_published",
    "publishoption": "publish_option",
}
SCORING_FIELDS = ("score_type", "entry_points", "total_points", "weight", "extra_credit_points")
decode_assignment = msgspec.json.Decoder(AssignmentBody).decode


def as_wire(assignment: Assignment) -> dict[str, Any]:
    """Write an assignment as the server lists it."""
    key = assignment.assignment_id
    wire: dict[str, Any] = {"_name": "assignment", "_id": key, "assignmentid": key}
    if assignment.created_by:
        wire["createdbyplugin"] = assignment.created_by
    wire["_assignmentsections"] = [_section_as_wire(held) for held in assignment.sections]
    return wire


def _section_as_wire(held: AssignmentSection) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "_id": held.assignment_section_id,
        "assignmentsectionid": held.assignment_section_id,
        "sectionsdcid": held.section_dcid,
        "name": held.name,
        "duedate": held.due_date,
        "scoretype": held.score_type,
        "scoreentrypoints": held.entry_points,
        "weight": held.weight,
        "totalpointvalue": held.total_points,
        "extracreditpoints": held.extra_credit_points,
        "iscountedinfinalgrade": held.is_counted,
        "isscoringneeded": held.is_scoring_needed,
        "isscorespublish": held.is_score_published,
        "publishoption": held.publish_option,
        "islocked": held.is_locked,
        "_assignmentcategoryassociations": [
            {
                "assignmentcategoryassocid": link.link_id,
                "teachercategoryid": link.teacher_category_id,
                "isprimary": link.is_primary,
            }
            for link in held.links
        ],
    }
    if held.description is not None:
        wire["description"] = held.description
    return wire
