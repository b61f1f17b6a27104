#!/usr/bin/env bash
# s3.sh up ADDRESS|down: an S3 server over a folder, with the bucket of the suites.
# s3.sh away ADDRESS SECONDS: end it and start it again, with what it holds, after a while.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

up() {
  mkdir -p "$state/s3/$bucket"
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    begin s3 "$versitygw/versitygw" --port "$1" posix "$state/s3"
  patiently 20 curl --silent --output /dev/null "http://$1/"
}

case ${1:-} in
up) up "$2" ;;
away)
  finish s3
  trap 'up "$2"' EXIT
  sleep "$3"
  ;;
down)
  finish s3
  rm -rf "$state/s3"
  ;;
*) stop "s3.sh up ADDRESS|away ADDRESS SECONDS|down" ;;
esac
