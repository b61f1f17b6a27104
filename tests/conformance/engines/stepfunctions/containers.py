"""One attempt of a job as a container of Docker's, or as a process of this machine.

Either gets the command and the variables of the manifest, and beside them only what a job's role
and the service itself give on AWS: where the services are, and credentials for them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from typing import IO

_GRACE_SECONDS = 30
_NO_CONTAINER = 125  # Docker's own exit code where the image is missing, say
# By this label what a killed engine left is found.
LABEL = "flowc.engines=" + os.environ.get("FLOWC_ENGINES_STATE", "")


def role(aws: str, s3: str) -> dict[str, str]:
    """What stands for the job's role: addresses, a region, credentials."""
    return {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ENDPOINT_URL_S3": s3,
        "AWS_DEFAULT_REGION": os.environ["AWS_DEFAULT_REGION"],
        "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
    }


class Container:
    """A running attempt; `docker` is its name where Docker runs it."""

    def __init__(self, process: subprocess.Popen[bytes], printed: IO[bytes], docker: str | None) -> None:
        self.process, self.printed, self.docker = process, printed, docker
        self.read, self.rest = 0, b""  # how far `lines` is, and its begun line

    def poll(self) -> int | None:
        """The exit code, once there is one."""
        return self.process.poll()

    def stop(self) -> None:
        """End it as the service does: it is asked to, and after a while it is killed."""
        if self.docker:
            words = ["docker", "stop", "--time", str(_GRACE_SECONDS), self.docker]
            subprocess.run(words, check=False, capture_output=True)
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
            try:
                self.process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code as a container's, once it has ended."""
        code = self.process.wait()
        return code if code >= 0 else 128 - code

    def lines(self, *, to_end: bool = False) -> list[str]:
        """What was printed since the last call, line by line; `to_end`: also a line without an end."""
        # Reading at a place leaves alone the one at which the container writes.
        new = self.rest + os.pread(self.printed.fileno(), 1 << 24, self.read)
        self.read += len(new) - len(self.rest)
        *lines, self.rest = new.split(b"\n")
        whole = [*lines, self.rest] if to_end else lines
        return [line.decode(errors="replace") for line in whole]

    def clean_up(self, code: int) -> tuple[str, bool, bool]:
        """What was printed, whether memory ran out, and whether no container came to be; leaves nothing."""
        out_of_memory = False
        if self.docker:
            asked = ["docker", "inspect", "-f", "{{.State.OOMKilled}}", self.docker]
            out_of_memory = subprocess.run(asked, check=False, capture_output=True).stdout.strip() == b"true"
            subprocess.run(["docker", "rm", "-f", self.docker], check=False, capture_output=True)
        else:
            # What the attempt started ends with it, as in a container.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.printed.seek(0)
        text = self.printed.read().decode(errors="replace")
        self.printed.close()
        return text[-20000:], out_of_memory, bool(self.docker) and code == _NO_CONTAINER


def start(
    kind: str, name: str, image: str, command: list[str], variables: dict[str, str], memory: str | None
) -> Container:
    """Start an attempt; `memory` in MiB is a container's limit."""
    printed = tempfile.TemporaryFile()  # noqa: SIM115 - `Container.end` closes it
    if kind == "docker":
        # Values travel by the client's environment, so that every text arrives as it is.
        named = [word for variable in variables for word in ("--env", variable)]
        limit = ["--memory", f"{memory}m", "--memory-swap", f"{memory}m"] if memory else []
        own = ["--name", name, "--label", LABEL, "--network", "host"]
        words = ["docker", "run", *own, *limit, *named, image, *command]
        surroundings = {"PATH": os.environ["PATH"], **variables}
    else:
        words = command
        surroundings = {"PATH": os.environ["PATH"], **variables}
    process = subprocess.Popen(
        words,
        env=surroundings,
        cwd="/tmp",
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    return Container(process, printed, name if kind == "docker" else None)
