#!/usr/bin/env bash
# run.sh argo|stepfunctions|all [PYTEST OPTIONS]: bring engines up, run their suites and those across worlds, take
# them down again.
#
#   PYTHON        what runs the tests [python3]
#   FLOWC_JOBS    docker or process: what a Batch job is [docker where an engine runs or can be started]
#   FLOWC_STATES  moto or localstack: what runs state machines [moto]
#
# Exits 75, with the reason, where an engine cannot be had.
. "$(dirname "${BASH_SOURCE[0]}")/engines/common.sh"
what=${1:-all}
shift || true
port=5055
python=$(command -v "${PYTHON:-python3}") || stop "$PYTHON is missing: make setup"
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")
tests=$(dirname "$here")
suites=()

down() {
  for script in stepfunctions cluster s3 docker; do bash "$here/$script.sh" down || true; done
}

docker_is_to_be_had() { docker info >/dev/null 2>&1 || { command -v dockerd && [ "$(id -u)" = 0 ]; } >/dev/null; }

runs in-use && stop "the suites already run here: see $state"
mkdir -p "$state"
echo "$$ $(started $$)" >"$state/in-use.pid"
trap 'down; rm -f "$state/in-use.pid"' EXIT
trap 'exit 130' INT TERM
down

export FLOWC_ENGINES_STATE=$state
s3=127.0.0.1:7070
case $what in argo | all)
  bash "$here/build.sh" argo
  bash "$here/docker.sh" up
  bash "$here/docker.sh" images pause argoexec task numpy
  bash "$here/cluster.sh" up
  export FLOWC_TEST_KUBECONFIG=$cluster/admin.conf FLOWC_TEST_NAMESPACE=$namespace FLOWC_TEST_IMAGE=$image
  PATH=$kubernetes:$PATH
  s3=$address:7070
  suites+=("$tests/test_argo.py" "$tests/test_argo_disturbed.py" "$tests/test_deploying_argo.py")
  suites+=("$tests/test_sent.py" "$tests/test_sent_cluster.py")
  ;;
esac
case $what in stepfunctions | all)
  states=${FLOWC_STATES:-moto}
  bash "$here/build.sh" stepfunctions
  [ "$states" = moto ] || bash "$here/build.sh" "$states"
  if [ "${FLOWC_JOBS:-}" != process ] && docker_is_to_be_had; then
    bash "$here/docker.sh" up
    bash "$here/docker.sh" images task numpy
    export FLOWC_TEST_JOBS=docker
  else
    say "there is no Docker engine: Batch jobs are processes"
    export FLOWC_TEST_JOBS=process
  fi
  suites+=("$tests/test_stepfunctions.py" "$tests/test_stepfunctions_disturbed.py")
  suites+=("$tests/test_deploying_stepfunctions.py" "$tests/test_sent_batch.py")
  ;;
esac
suites+=("$tests/test_across.py")

bash "$here/s3.sh" up "$s3"
export FLOWC_TEST_S3_ENDPOINT=http://$s3 FLOWC_TEST_DATASTORE=s3://$bucket/runs
case $what in stepfunctions | all)
  bash "$here/stepfunctions.sh" up "$port" "http://$s3" "$FLOWC_TEST_JOBS" "$states"
  export FLOWC_TEST_STEPFUNCTIONS=http://127.0.0.1:$port FLOWC_TEST_JOB_LOG=$state/jobs.log FLOWC_TEST_IMAGE=$image
  ;;
esac

cd "$tests/../.."
"$python" -m pytest -q "${suites[@]}" "$@"
