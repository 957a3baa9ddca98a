"""One parser under atheris, guided by coverage: `python -m fuzz.guided <target> <corpus> <finds> --runs N --seed S`.

A process of its own, for libFuzzer ends its process. Linux on x86-64 only: elsewhere there is no atheris.
"""

from __future__ import annotations

import sys
from pathlib import Path

INSTRUMENTED = ("passback",)


def main() -> None:
    """Fuzz until the runs are done; every find is kept as a file, and the search goes on."""
    name, corpus, finds, *options = sys.argv[1:]
    import atheris  # type: ignore[import-untyped, unused-ignore]

    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from fuzz.parsers import targets
        from fuzz.target import find_name

        target = targets()[name]
        try:
            target.try_input(b"")  # what it imports late is instrumented too
        except Exception as error:
            print(f"{name}: the empty input: {error!r}", flush=True)
    seen: set[tuple[str, int]] = set()

    def one(data: bytes) -> None:
        try:
            target.try_input(data)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            place = _place(error)
            if place not in seen:
                seen.add(place)
                (Path(finds) / find_name(name, data)).write_bytes(data)
                print(f"FIND {name}: {place[0]} at line {place[1]}: {str(error)[:300]!r}", flush=True)

    atheris.Setup([sys.argv[0], corpus, "-rss_limit_mb=4096", "-timeout=60", "-max_len=20000", *options], one)
    atheris.Fuzz()


def _place(error: BaseException) -> tuple[str, int]:
    """What was raised, and the last line of ours that it came through: the same place is the same find."""
    trace, line, file = error.__traceback__, 0, ""
    while trace is not None:
        if "passback" in trace.tb_frame.f_code.co_filename or "fuzz" in trace.tb_frame.f_code.co_filename:
            line, file = trace.tb_lineno, Path(trace.tb_frame.f_code.co_filename).name
        trace = trace.tb_next
    return f"{type(error).__name__} in {file}", line


if __name__ == "__main__":
    main()
