#!/usr/bin/env bash
# build.sh argo|stepfunctions|localstack: build what a suite needs into the cache, from pinned versions, by the
# Go module proxy, PyPI and Debian's packages alone. What is there is not built again. On two cores the
# first time takes about 12 minutes for Argo, 4 for Step Functions and 1 for LocalStack.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
go_advice="install Go 1.26 or later (https://go.dev/dl)"
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=mod"

# made FOLDER: whether it is in the cache; otherwise an empty folder to fill, `$part`, which `keep` puts there.
made() {
  [ -d "$1" ] && return
  need go "$go_advice"
  say "building $(basename "$1")"
  part=$1.part
  rm -rf "$part"
  mkdir -p "$part"
  return 1
}
keep() { mv "$part" "$1"; }

build() { go build -trimpath -ldflags "-s -w $1" -o "$part/" "${@:2}"; }

build_etcd() (
  made "$etcd" && return
  cp -r "$here/go/etcd" "$scratch/" && cd "$scratch/etcd" && go mod tidy
  go build -trimpath -ldflags "-s -w" -o "$part/etcd" go.etcd.io/etcd/server/v3
  keep "$etcd"
)

# Kubernetes' modules are released together; its own go.mod replaces each by a folder of the repository.
build_kubernetes() (
  made "$kubernetes" && return
  minor=${kubernetes_version#1.}
  mkdir "$scratch/kubernetes" && cd "$scratch/kubernetes"
  {
    printf 'module flowc.test/kubernetes\n\ngo 1.26\n\nrequire k8s.io/kubernetes v%s\n' "$kubernetes_version"
    for module in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider \
      cluster-bootstrap code-generator component-base component-helpers controller-manager cri-api cri-client \
      csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator \
      kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils \
      pod-security-admission sample-apiserver sample-cli-plugin sample-controller; do
      echo "replace k8s.io/$module => k8s.io/$module v0.$minor"
    done
  } >go.mod
  programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl)
  printf 'tool k8s.io/kubernetes/cmd/%s\n' "${programs[@]}" >>go.mod
  go mod tidy
  package=k8s.io/component-base/version
  for program in "${programs[@]}"; do # one by one: together they take more memory than a small machine has
    build "-X $package.gitVersion=v$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=${minor%.*}" \
      "k8s.io/kubernetes/cmd/$program"
  done
  keep "$kubernetes"
)

build_argo() (
  made "$argo" && return
  module=github.com/argoproj/argo-workflows/v${argo_version%%.*}
  mkdir "$scratch/argo" && cd "$scratch/argo"
  {
    printf 'module flowc.test/argo\n\ngo 1.26\n\nrequire %s v%s\n' "$module" "$argo_version"
    printf 'tool %s/cmd/%s\n' "$module" argoexec "$module" workflow-controller
    # What Argo's own go.mod replaces counts only there; with it `go mod tidy` selects what Argo was built with.
    grep '^replace ' "$(cd / && go list -m -f '{{.GoMod}}' "$module@v$argo_version")" || true
  } >go.mod
  go mod tidy
  version="-X $module.version=v$argo_version"
  build "$version" $module/cmd/workflow-controller
  cp -r "$(go list -m -f '{{.Dir}}' $module)/manifests/base/crds/full" "$part/crds" && chmod -R u+w "$part/crds"
  # The module's archive lacks a file that is a symbolic link in the repository.
  GOFLAGS=-buildvcs=false go mod vendor
  folder=vendor/$module/workflow/executor/osspecific
  cp "$folder/signal_darwin.go" "$folder/signal_linux.go"
  GOFLAGS="-buildvcs=false -mod=vendor" build "$version" $module/cmd/argoexec
  keep "$argo"
)

build_versitygw() (
  made "$versitygw" && return
  GOBIN=$part go install -trimpath "github.com/versity/versitygw/cmd/versitygw@v$versitygw_version"
  keep "$versitygw"
)

# build_environment FOLDER REQUIREMENTS ADVICE PYTHON…: an environment of the first Python that runs, with what a
# file asks for.
build_environment() (
  [ -d "$1" ] && return
  say "installing $2 into $1"
  for python in "${@:4}" ''; do
    "$python" -c '' 2>/dev/null && break
  done
  [ -n "$python" ] || stop "$4 is missing: $3"
  rm -rf "$1.part"
  "$python" -m venv "$1.part" || stop "$python cannot make environments: $3"
  "$1.part/bin/python" -m pip install --quiet -r "$here/stepfunctions/$2"
  # Programs of an environment name its folder; only `python -m` and `python FILE` are used here.
  mv "$1.part" "$1"
)

mkdir -p "$cache"
case ${1:-} in
argo)
  # One after another, not `&&`, which would let a failed line of a function pass.
  build_versitygw
  build_etcd
  build_kubernetes
  build_argo
  ;;
stepfunctions)
  build_versitygw
  build_environment "$stepfunctions" requirements.txt "apt-get install python3-venv" python3.11 python3
  ;;
localstack)
  build_environment "$localstack" requirements-localstack.txt "install it (https://www.python.org/downloads)" python3.13
  ;;
*) stop "build.sh argo|stepfunctions|localstack" ;;
esac
