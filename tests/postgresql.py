"""A PostgreSQL server of the tests' own: Debian's programs, a folder that goes again, a free port of this machine."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine, text

from techgpt_ui.store import open_database
from techgpt_ui.store.tables import METADATA
from tests.running_app import free_port

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
MISSING = "needs PostgreSQL's initdb and pg_ctl; on Debian: apt-get install --no-install-recommends postgresql"


def found(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, which Debian keeps off the PATH."""
    return shutil.which(name, path=os.pathsep.join([*map(str, PROGRAMS), os.environ.get("PATH", "")]))


class Cluster:
    """A running server; all is gone once it is stopped. Only a ``durable`` one writes to the disk before it answers."""

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._password = secrets.token_urlsafe(16)
        self._port = free_port()
        (self.folder / "password").write_text(self._password)
        # initdb refuses to run as root.
        self._as_other = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        )
        if self._as_other:
            account = pwd.getpwnam("postgres")
            for path in (self.folder, self.folder / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        self._run("initdb", "-U", "tests", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "scram-sha-256",
                  f"--pwfile={self.folder / 'password'}")  # fmt: skip
        own = "" if durable else "-c fsync=off -c shared_buffers=16MB"
        options = f"-h 127.0.0.1 -p {self._port} -k {self.folder} -c max_connections=80 {own}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        open_database(self.url("postgres")).close()

    def url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql+psycopg://tests:{self._password}@127.0.0.1:{self._port}/{name}"

    def emptied(self) -> str:
        """The URL of the database with our tables, which hold nothing."""
        engine = create_engine(self.url("postgres"))
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {', '.join(METADATA.tables)}"))
        engine.dispose()
        return self.url("postgres")

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [
            *self._as_other,
            found(program) or program,
            "-D",
            str(self.folder / "data"),
            *arguments,
        ]
        with (self.folder / f"{program}.out").open("ab") as out:
            subprocess.run(command, check=True, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
