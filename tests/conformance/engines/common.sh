# What the scripts of this folder share: versions, places, and how a server is started and ended.
#
#   FLOWC_ENGINES        the cache: one folder for each engine and version [~/.cache/flowc-engines]
#   FLOWC_ENGINES_STATE  what running engines keep: process ids, logs, data [/var/tmp/flowc-engines]
#   FLOWC_ARGO           the release of Argo Workflows [4.0.7]
#
# Invariant: `finish` ends only what `begin` started, which it knows by process id and start time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FLOWC_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/flowc-engines}
state=${FLOWC_ENGINES_STATE:-/var/tmp/flowc-engines}

etcd_version=3.6.4
kubernetes_version=1.34.2
argo_version=${FLOWC_ARGO:-4.0.7}
versitygw_version=1.8.0

etcd=$cache/etcd-$etcd_version
kubernetes=$cache/kubernetes-$kubernetes_version
argo=$cache/argo-$argo_version
versitygw=$cache/versitygw-$versitygw_version
pinned() { sha256sum "$here/stepfunctions/$1" | cut -c1-12; }
stepfunctions=$cache/stepfunctions-$(pinned requirements.txt)
localstack=$cache/localstack-$(pinned requirements-localstack.txt)

address=10.97.0.1 # the cluster's, on a bridge of this machine
cluster=$state/cluster
namespace=flows
bucket=flows-test
image=flowc.local/task:2
numpy_image=flowc.local/numpy:1
export AWS_ACCESS_KEY_ID=flowcuser AWS_SECRET_ACCESS_KEY=flowcsecret AWS_DEFAULT_REGION=us-east-1

say() { echo "engines: $*" >&2; }

stop() {
  say "$*"
  exit 75
}

# need TOOL PACKAGE…: stop unless a command is there, and say how to get it.
need() {
  command -v "$1" >/dev/null || stop "$1 is missing: ${*:2}"
}

# begin NAME COMMAND…: start a server in a session of its own.
begin() {
  local name=$1
  shift
  mkdir -p "$state"
  setsid nohup "$@" >"$state/$name.log" 2>&1 </dev/null &
  echo "$! $(started $!)" >"$state/$name.pid"
}

# started PID: when a process began, in ticks since the machine did; nothing if there is no such process.
started() {
  [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

# runs NAME: whether a server that `begin` started still runs.
runs() {
  local pid ticks
  [ -f "$state/$1.pid" ] && read -r pid ticks <"$state/$1.pid" && [ "$(started "$pid")" = "$ticks" ]
}

# finish NAME [SIGNAL]: end a server and wait for it.
finish() {
  local pid ticks
  if runs "$1"; then
    read -r pid ticks <"$state/$1.pid"
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    for _ in $(seq 80); do
      runs "$1" || break
      sleep 0.25
    done
    runs "$1" && kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$state/$1.pid"
}

# patiently SECONDS COMMAND…: try until it works.
patiently() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || stop "timed out: $*"
    sleep 0.5
  done
}
