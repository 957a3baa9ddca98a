"""A promise that was broken."""

from __future__ import annotations


class Find(AssertionError):
    """`promise` is what does not hold, `detail` where it was seen; the same promise is the same find."""

    def __init__(self, promise: str, detail: str = "") -> None:
        super().__init__(f"{promise}: {detail[:2000]}" if detail else promise)
        self.promise = promise


def expect(holds: bool, promise: str, detail: str = "") -> None:
    """Raises Find unless the promise holds."""
    if not holds:
        raise Find(promise, detail)
