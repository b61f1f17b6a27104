#!/usr/bin/env bash
# stepfunctions.sh up PORT S3-ADDRESS docker|process|down: the Step Functions engine of `stepfunctions/`.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
up)
  # Jobs that are processes find the engine's own Python, which has boto3, as an image's.
  PATH=$stepfunctions/bin:$PATH FLOWC_ENGINES_STATE=$state begin stepfunctions \
    "$stepfunctions/bin/python" "$here/stepfunctions/server.py" --port "$2" --s3 "$3" --jobs "$4" --log "$state/jobs.log"
  patiently 60 curl --silent --output /dev/null "http://127.0.0.1:$2/"
  ;;
down)
  finish stepfunctions
  # Containers of jobs that were under way.
  docker ps --all --quiet --filter "label=flowc.engines=$state" 2>/dev/null | xargs -r docker rm --force >/dev/null 2>&1 || true
  ;;
*) stop "stepfunctions.sh up PORT S3-ADDRESS docker|process|down" ;;
esac
