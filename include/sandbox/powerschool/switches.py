"""The lasting settings of the sandbox's PowerSchool: how it behaves until somebody sets it otherwise."""

import msgspec


class Switches(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Every lasting switch with its default: an instant, honest server."""

    latency_ms: float = 0.0  # before a request is done
    min_interval_ms: float = 0.0  # between two requests of the plugin; one inside it is refused
    throttle_status: int = 403  # how it is refused: 403 with a text, 429 or 503 with Retry-After
    page_cap: int = 100  # schema_table_query_max_page_size of the metadata
    query_page_cap: int | None = None  # a plugin that forbids pagesize=0 and larger pages
    random_rate: float = 0.0  # share of requests that fail at random
    random_seed: int = 1
    random_kinds: tuple[str, ...] = ("429", "500", "502", "503", "504", "reset")
    random_commit_share: float = 0.5  # of these, 429 apart: done all the same
    maintenance: int | None = None  # HTML in place of everything, with this status (200 or 503)
    token_seconds: int = 2504956
    lasting_401: bool = False  # tokens are given out and never accepted
    refusal_params: bool = True  # whether a 409 for students carries `params`
    refusal_text: bool = True  # whether its text carries the student's DCID
    refusal_names: str = "all"  # all | one | none: how many refused students a 409 names
    normalise: bool = False  # fold blanks and replace characters in names and descriptions
    omitted_flags: str = "kept"  # kept | cleared: a score's flags that a write leaves out
    score_reply: str = "object"  # object | array | empty
    update_status: int = 200  # 200 or 201
    query_nulls: str = "missing"  # missing | empty: how a named query gives a null column
    booleans: str = "words"  # words | digits | missing: how assignmentscore gives true and false
    noise: bool = True  # a random `$breach_mitigation` key in object answers
    forbidden_query_fields: list[str] = []  # TABLE.FIELD names that the plugin lacks for its queries
    forbidden_score_fields: list[str] = []  # and for score writes
    log_bodies: bool = True
    today: str | None = None  # PowerSchool's day (YYYY-MM-DD) for who teaches; null is the real one

    def __post_init__(self) -> None:
        """Refuse values that would quietly mean something else."""
        allowed = {
            "throttle_status": (403, 429, 503),
            "maintenance": (None, 200, 503),
            "refusal_names": ("all", "one", "none"),
            "omitted_flags": ("kept", "cleared"),
            "score_reply": ("object", "array", "empty"),
            "update_status": (200, 201),
            "query_nulls": ("missing", "empty"),
            "booleans": ("words", "digits", "missing"),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name} must be one of {values}, not {getattr(self, name)!r}")
        known = {"429", "500", "502", "503", "504", "reset"}
        if not set(self.random_kinds) <= known:
            raise ValueError(f"random_kinds are of {sorted(known)}")
