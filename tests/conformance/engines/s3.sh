#!/usr/bin/env bash
# s3.sh up ADDRESS|down: an S3 server over a folder, with the bucket of the suites.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
up)
  mkdir -p "$state/s3/$bucket"
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    begin s3 "$versitygw/versitygw" --port "$2" posix "$state/s3"
  patiently 20 curl --silent --output /dev/null "http://$2/"
  ;;
down)
  finish s3
  rm -rf "$state/s3"
  ;;
*) stop "s3.sh up ADDRESS|down" ;;
esac
