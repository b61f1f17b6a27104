"""AWS Batch and CloudWatch Logs in a few lines, over HTTP as boto3 speaks it: a job is a process here.

`serve(moves)` says what becomes of jobs, by the words of their names: `lost` (its host is terminated), `image`
(it cannot be pulled), `oom`, `ended` (by somebody), `stuck` (it stays RUNNABLE), `blocked` (likewise, and Batch
says why). Or of calls, by their path: `busy` (throttled), `denied`, `expired`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Object = dict[str, Any]

_REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ERRORS = {
    "busy": (429, "TooManyRequestsException", "Too Many Requests"),
    "denied": (403, "AccessDeniedException", "User ann is not authorized"),
    "expired": (403, "ExpiredTokenException", "The security token included in the request is expired"),
}
ENDS: dict[str, Object] = {
    "lost": {"statusReason": "Host EC2 (instance i-1) terminated.", "container": {"logStreamName": "s"}},
    "image": {"statusReason": "Task failed to start", "container": {"reason": "CannotPullContainerError: not found"}},
    "ended": {"isTerminated": True, "statusReason": "tidied up", "container": {"exitCode": 137, "logStreamName": "s"}},
    "oom": {
        "statusReason": "Essential container in task exited",
        "container": {"exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
    },
}  # fmt: skip
QUEUE = {
    "jobQueueName": "team", "jobQueueArn": "arn:q", "state": "ENABLED", "status": "VALID", "priority": 1,
    "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "small"}],
}  # fmt: skip
MACHINES = {
    "computeEnvironmentName": "small", "computeEnvironmentArn": "arn:c", "state": "ENABLED", "status": "VALID",
    "computeResources": {"type": "EC2", "maxvCpus": 8, "subnets": []},
}  # fmt: skip


class Queue:
    """What a test sees: the calls in order, and the jobs and definitions by id."""

    def __init__(self, moves: dict[str, list[str]], folder: Path) -> None:
        self.moves = {where: list(those) for where, those in moves.items()}
        self.calls: list[str] = []
        self.jobs: dict[str, Object] = {}
        self.definitions: dict[str, Object] = {}
        self.logs: dict[str, list[str]] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._folder = folder

    def answer(self, call: str, asked: Object) -> Object:
        """What the call gives."""
        match call:
            case "describejobqueues":
                return {"jobQueues": [QUEUE] if asked["jobQueues"] == ["team"] else []}
            case "describecomputeenvironments":
                return {"computeEnvironments": [MACHINES]}
            case "describejobdefinitions":
                found = self.definitions.get(asked["jobDefinitionName"])
                return {"jobDefinitions": [found] if found else []}
            case "registerjobdefinition":
                made = {**asked, "jobDefinitionArn": f"arn:{asked['jobDefinitionName']}:1", "revision": 1}
                self.definitions[asked["jobDefinitionName"]] = made
                return made
            case "submitjob":
                return self._submit(asked)
            case "describejobs":
                return {"jobs": [self.jobs[job_id] for job_id in asked["jobs"] if job_id in self.jobs]}
            case "terminatejob":
                self._terminate(asked["jobId"])
                return {}
        lines = self.logs.get(asked["logStreamName"], [])
        at = int(asked.get("nextToken", "f/0")[2:])
        events = [{"message": line, "timestamp": 1, "ingestionTime": 1} for line in lines[at:]]
        return {"events": events, "nextForwardToken": f"f/{at + len(events)}", "nextBackwardToken": "b/0"}

    def shut_down(self) -> None:
        """End all."""
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    def _submit(self, asked: Object) -> Object:
        job_id = f"job-{len(self.jobs)}"
        name = asked["jobDefinition"].split(":")[1]
        container = self.definitions[name]["containerProperties"]
        job = {
            "jobId": job_id,
            "jobName": asked["jobName"],
            "status": "RUNNABLE",
            "container": container,
            "asked": asked,
        }
        self.jobs[job_id] = job | {"jobQueue": "team", "startedAt": 1, "jobDefinition": name, "attempts": []}
        move = self._move(asked["jobName"].rpartition("-")[2])
        if move in ENDS:
            end = ENDS[move]
            self.jobs[job_id] |= {**end, "status": "FAILED", "container": {**container, **end["container"]}}
        elif move == "blocked":
            self.jobs[job_id]["statusReason"] = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - too large"
        elif move != "stuck":
            threading.Thread(target=self._run, args=(job_id, asked), daemon=True).start()
        return {"jobId": job_id, "jobName": asked["jobName"]}

    def _run(self, job_id: str, asked: Object) -> None:
        job = self.jobs[job_id]
        container = {**job["container"], "logStreamName": f"stream/{job_id}"}
        variables = [*container["environment"], *asked["containerOverrides"]["environment"]]
        own = {v["name"]: v["value"] for v in variables} | {
            "AWS_BATCH_JOB_ID": job_id,
            "AWS_BATCH_JOB_ATTEMPT": "1",
        }
        command = [sys.executable if word == "python3" else word for word in container["command"]]
        lines = self.logs.setdefault(container["logStreamName"], [])
        process = subprocess.Popen(
            command, cwd=self._folder, env={**os.environ, "PYTHONPATH": _REPOSITORY, **own}, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._processes[job_id] = process
        job |= {"status": "RUNNING", "container": container, "attempts": [{"container": {}}]}
        with process:
            lines.extend(line.rstrip("\n") for line in process.stdout or ())
        job["container"]["exitCode"] = (
            max(process.returncode, 128 - process.returncode) % 256 if process.returncode else 0
        )
        job |= {
            "status": "FAILED" if process.returncode else "SUCCEEDED",
            "statusReason": "Essential container in task exited",
        }

    def _terminate(self, job_id: str) -> None:
        process = self._processes.get(job_id)
        if process is None:
            self.jobs[job_id] |= {"status": "FAILED", "statusReason": "terminated by its user"}
        elif process.poll() is None:
            process.send_signal(signal.SIGTERM)

    def _move(self, where: str) -> str:
        those = self.moves.get(where) or []
        return those.pop(0) if those else ""

    def refused(self, call: str) -> tuple[int, str, str] | None:
        """The error that the next such call is answered with."""
        return ERRORS.get(self._move(call))


@contextmanager
def serve(folder: Path, **moves: list[str]) -> Iterator[tuple[Queue, dict[str, str]]]:
    """The service, and the variables by which boto3 finds it."""
    queue = Queue(moves, folder)
    handler = type("Handler", (_Handler,), {"queue": queue})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield queue, {"AWS_ENDPOINT_URL_BATCH": address, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": address}
    finally:
        queue.shut_down()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    queue: Queue
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        call = self.path.rpartition("/")[2] or "getlogevents"
        self.queue.calls.append(call)
        refused = self.queue.refused(call)
        if refused is not None:
            status, code, message = refused
            self._send(status, {"message": message, "__type": code}, code)
        else:
            self._send(200, self.queue.answer(call, asked), "")

    def _send(self, status: int, content: Object, code: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(body)
        time.sleep(0)
