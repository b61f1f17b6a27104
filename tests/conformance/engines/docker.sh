#!/usr/bin/env bash
# docker.sh up|down|images NAME…: a Docker engine, started here unless one runs, and the images of the
# suites, made from Debian's packages and PyPI without a registry. `down` ends only an engine started here.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

up() {
  docker info >/dev/null 2>&1 && return
  need docker "apt-get install docker.io"
  need dockerd "apt-get install docker.io"
  [ "$(id -u)" = 0 ] || stop "no Docker engine runs, and only root can start one"
  begin dockerd dockerd
  patiently 60 docker info
}

has() { docker image inspect "flowc.local/$1" >/dev/null 2>&1; }

# from NAME: build an image from a folder; its Dockerfile is on standard input.
from() {
  cat >"$scratch/Dockerfile"
  DOCKER_BUILDKIT=0 docker build --quiet --tag "flowc.local/$1" "$scratch" >/dev/null
}

base() {
  has base:1 && return
  need debootstrap "apt-get install debootstrap"
  say "making the image base"
  debootstrap --variant=minbase --include=python3-minimal,python3,ca-certificates bookworm "$scratch/root" >/dev/null
  rm -rf "$scratch"/root/var/cache/apt/archives/*.deb "$scratch"/root/var/lib/apt/lists/*
  tar -C "$scratch/root" -c . | docker import --change 'CMD ["/bin/sh"]' - flowc.local/base:1 >/dev/null
  rm -rf "$scratch/root"
}

task() {
  has task:2 && return
  base
  say "making the image task"
  python3 -m pip install --quiet --target "$scratch/site" boto3==1.44.5
  from task:2 <<'D'
FROM flowc.local/base:1
COPY site /usr/local/lib/python3.11/dist-packages
RUN ln -sf /usr/bin/python3 /usr/bin/python && python3 -m compileall -q /usr/local/lib/python3.11/dist-packages
D
  rm -rf "$scratch/site"
}

numpy() {
  has numpy:1 && return
  task
  say "making the image numpy"
  python3 -m pip install --quiet --target "$scratch/site" --python-version 3.11 --only-binary :all: numpy==2.3.4
  printf 'FROM flowc.local/task:2\nCOPY site /usr/local/lib/python3.11/dist-packages\n' | from numpy:1
  rm -rf "$scratch/site"
}

pause() {
  has pause:1 && return
  (cd "$here/go/pause" && GO111MODULE=off CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$scratch/pause" main.go)
  printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n' | from pause:1
}

argoexec() {
  has "argoexec:v$argo_version" && return
  base
  say "making the image argoexec"
  cp "$argo/argoexec" "$scratch/"
  printf 'FROM flowc.local/base:1\nCOPY argoexec /bin/argoexec\nENTRYPOINT ["argoexec"]\n' | from "argoexec:v$argo_version"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case ${1:-} in
up) up ;;
down) finish dockerd ;;
images) for name in "${@:2}"; do "$name"; done ;;
*) stop "docker.sh up|down|images NAME…" ;;
esac
