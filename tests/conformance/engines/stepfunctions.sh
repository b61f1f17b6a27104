#!/usr/bin/env bash
# stepfunctions.sh up PORT S3-ADDRESS docker|process [moto|localstack]: the Step Functions engine of `stepfunctions/`,
#   whose state machines moto runs, or LocalStack at the next port.
# stepfunctions.sh down
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
up)
  states=() others=
  if [ "${5:-moto}" = localstack ]; then
    others=http://127.0.0.1:$(($2 + 1))
    states=(--states "$others")
  fi
  # Jobs that are processes find the engine's own Python, which has boto3, as an image's.
  PATH=$stepfunctions/bin:$PATH FLOWC_ENGINES_STATE=$state begin stepfunctions \
    "$stepfunctions/bin/python" "$here/stepfunctions/server.py" --port "$2" --s3 "$3" --jobs "$4" --log "$state/jobs.log" \
    "${states[@]}"
  patiently 60 curl --silent --output /dev/null "http://127.0.0.1:$2/"
  if [ -n "$others" ]; then
    begin localstack "$localstack/bin/python" "$here/stepfunctions/states.py" --port "${others##*:}" \
      --aws "http://127.0.0.1:$2" --s3 "$3" --folder "$state/localstack"
    patiently 120 curl --silent --output /dev/null "$others/_localstack/health"
  fi
  ;;
down)
  finish localstack
  finish stepfunctions
  rm -rf "$state/localstack"
  # Containers of jobs that were under way.
  docker ps --all --quiet --filter "label=flowc.engines=$state" 2>/dev/null | xargs -r docker rm --force >/dev/null 2>&1 || true
  ;;
*) stop "stepfunctions.sh up PORT S3-ADDRESS docker|process [moto|localstack]|down" ;;
esac
