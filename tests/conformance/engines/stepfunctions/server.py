"""Step Functions, Batch, IAM and Secrets Manager on one machine: moto, with what it lacks put right.

    python server.py --port 5055 --s3 http://127.0.0.1:7071 --jobs docker|process --log FILE

State machines really run, each Batch job is a container of its own (`docker`) or a process with the
job's command and environment (`process`), and S3 is the server named. What is put right stands in
`language` (states and expressions), `maps` (distributed maps) and `jobs` (Batch), one function for
each defect, so that a newer moto can be tried without one of them; `callers` and `permissions` have credentials,
policies and roles hold, `cloudformation` replaces moto's. With `--states` another engine, such as that of
`states.py`, runs the state machines, and all else is as before.

This program runs in the environment of `requirements.txt`, apart from flowc's.
"""

from __future__ import annotations

import argparse
import os

import callers
import cloudformation
import elsewhere
import jobs
import language
import maps
import permissions
from interpreter import MOTO
from moto.core.config import default_user_config
from moto.server import main as serve


def main() -> None:
    """Put moto right, then serve until a signal ends the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--s3", required=True, help="the S3 server's address")
    parser.add_argument("--jobs", choices=("docker", "process"), required=True)
    parser.add_argument("--states", help="the address of another engine, which runs the state machines")
    parser.add_argument("--log", required=True, help="one JSON line for each attempt of a job")
    options = parser.parse_args()
    os.environ["MOTO_PORT"] = str(options.port)  # where its Step Functions finds its Batch
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

    default_user_config["stepfunctions"]["execute_state_machine"] = True
    default_user_config["iam"]["load_aws_managed_policies"] = True  # the roles of Fargate's jobs have one

    aws = f"http://127.0.0.1:{options.port}"
    language.mend(MOTO, options.s3)
    maps.mend(MOTO)
    jobs.mend(jobs.Place(kind=options.jobs, log=options.log, aws=aws, s3=options.s3))
    if options.states:
        elsewhere.mend(options.states)
    callers.mend()
    permissions.mend(MOTO, permissions.in_moto)
    cloudformation.mend(aws, options.s3)

    serve(["-H", "127.0.0.1", "-p", str(options.port)])


if __name__ == "__main__":
    main()
