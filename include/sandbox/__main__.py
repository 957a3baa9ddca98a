"""`python -m sandbox serve` runs the sandbox district; `python -m sandbox dump` writes one into a file."""

import argparse
import asyncio
import gc
import json
import signal
from pathlib import Path

from sandbox.district import District, dump_district, load_district
from sandbox.generator import CLEAN, REALISTIC, generate
from sandbox.server import Sandbox
from sandbox.small import small_district


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run Otus, Schoology, PowerSchool and the control interface on 127.0.0.1")
    for name in ("otus", "schoology", "powerschool", "control"):
        serve.add_argument(f"--{name}-port", type=int, default=0, help="0 (default): any free port")
    serve.add_argument("--ready-file", type=Path, help="where to write addresses and connections once all is open")
    for name in ("otus", "schoology", "powerschool"):
        serve.add_argument(
            f"--{name}-switches",
            type=json.loads,
            default=None,
            metavar="JSON",
            help="lasting switches to start with, e.g. '{\"latency_ms\": 50}'",
        )
    dump = commands.add_parser("dump", help="write a district as JSON")
    dump.add_argument("path", type=Path)
    for command in (serve, dump):
        command.add_argument("--district", default="small", help="small (default), generated, or a dumped file")
        command.add_argument("--scores", type=int, default=10_000, help="generated: exactly so many scores")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--as-of", default="2026-10-15", help="generated: dates fit this day's quarter")
        command.add_argument("--clean", action="store_true", help="generated: every score passes")
    return parser


def chosen_district(options: argparse.Namespace) -> District:
    """Make or read the district that the command line names."""
    if options.district == "small":
        return small_district().district
    if options.district == "generated":
        mix = CLEAN if options.clean else REALISTIC
        return generate(options.seed, scores=options.scores, as_of=options.as_of, mix=mix)
    return load_district(Path(options.district))


async def serve(options: argparse.Namespace) -> None:
    """Run until TERM or INT, then close everything."""
    sandbox = Sandbox(
        chosen_district(options), options.powerschool_switches, options.otus_switches, options.schoology_switches
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # A large district never goes away: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    await sandbox.start(options.otus_port, options.powerschool_port, options.control_port, options.schoology_port)
    ready = {f"{name}_url": sandbox.url(name) for name in ("otus", "schoology", "powerschool", "control")}
    if options.ready_file:
        # The file holds the sandbox's own credentials: only its owner reads it, and it appears whole.
        part = options.ready_file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps({**ready, **sandbox.connections()}, indent=1))
        part.replace(options.ready_file)
    print(json.dumps(ready), flush=True)
    await stop.wait()
    await sandbox.stop()


def main() -> None:
    """Run the command line."""
    options = arguments().parse_args()
    if options.command == "dump":
        dump_district(chosen_district(options), options.path)
        return
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
