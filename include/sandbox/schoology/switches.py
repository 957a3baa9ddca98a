"""Schoology's lasting switches, each with its default: an instant server that throttles and mixes ids."""

import msgspec

CHOICES = {
    "multiget": ("documented", "other_shape", "html", "404"),
    "total": ("true", "missing", "null", "wrong"),
    "links": ("absolute", "relative"),
}


class Switches(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How the server behaves until it is told otherwise."""

    latency_ms: float = 0.0
    default_limit: int = 20
    page_cap: int = 200
    requests_per_5_seconds: int = 15  # a multiget is one request; 0 never throttles
    retry_after: bool = True  # whether a 429 says how long to wait
    plaintext: bool = False  # whether PLAINTEXT signatures are accepted
    multiget: str | int = "documented"  # documented | other_shape | html | 404
    mix_ids: bool = True
    mix_seed: int = 1
    total: str = "true"  # true | missing | null | wrong
    total_off_by: int = 1
    links: str = "absolute"  # absolute | relative
    redirects: bool = False  # every GET is sent on once, by 303
    maintenance: int | None = None
    lasting_401: bool = False
    personal_keys: bool = False  # the key is a person's: other people's data is 401
    section_status: dict[str, int] = {}  # section id or school code → the status that all its calls get
    shift_pages: int = 0  # pages after the first begin so many records later (negative: earlier)
    repeat_page: bool = False  # every page but the first holds the page before it
    repeat_next: bool = False  # every links.next leads back to its own page
    torn_pages: int = 0  # so many records are missing from the end of every page
    log_bodies: bool = True

    def __post_init__(self) -> None:
        """Refuse values that would quietly mean something else."""
        for name, allowed in CHOICES.items():
            if str(getattr(self, name)) not in allowed:
                raise ValueError(f"{name} must be {', '.join(allowed)}")
        if self.page_cap < 1 or self.default_limit < 1:
            raise ValueError("page_cap and default_limit must be 1 or more")
