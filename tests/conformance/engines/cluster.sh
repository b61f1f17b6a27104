#!/usr/bin/env bash
# cluster.sh up|down: one Kubernetes node with Argo's controller on this machine's own addresses. Needs root
# and, beside what build.sh makes: containerd runc containernetworking-plugins iptables openssl iproute2.
# cluster.sh restart-controller: end Argo's controller as a crash does, and start it again.
# cluster.sh kill-container ID: end a container behind Kubernetes' back.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
pods=10.98.0.0/16
service=10.96.0.1 # the API server's, as pods see it
servers=(workflow-controller kubelet scheduler controller-manager apiserver etcd containerd)
export KUBECONFIG=$cluster/admin.conf
PATH=$kubernetes:$PATH

check() {
  [ "$(id -u)" = 0 ] || stop "a cluster needs root"
  need containerd "apt-get install containerd"
  need runc "apt-get install runc"
  need iptables "apt-get install iptables"
  need ip "apt-get install iproute2"
  need openssl "apt-get install openssl"
  [ -x /usr/lib/cni/bridge ] || stop "CNI's bridge is missing: apt-get install containernetworking-plugins"
}

certificates() {
  sign() { openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out "$1.crt" "${@:2}"; }
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=flowc-ca -keyout ca.key -out ca.crt
  openssl req -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout api.key -out api.csr
  echo "subjectAltName=IP:127.0.0.1,IP:$service,IP:$address,DNS:kubernetes.default.svc" >names
  sign api -extfile names
  # With a client certificate towards the kubelet `kubectl logs` works.
  openssl req -newkey rsa:2048 -nodes -subj /O=system:masters/CN=apiserver-kubelet -keyout client.key -out client.csr
  sign client
  openssl genrsa -out accounts.key 2048
}

settings() {
  echo 'admintoken,admin,1,"system:masters"' >tokens.csv
  cat >admin.conf <<K
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://$address:6443", certificate-authority: "$cluster/ca.crt"}}]
users: [{name: a, user: {token: admintoken}}]
contexts: [{name: x, context: {cluster: c, user: a, namespace: $namespace}}]
current-context: x
K
  cat >cni/10-bridge.conflist <<K
{"cniVersion": "0.4.0", "name": "flowc", "plugins": [
  {"type": "bridge", "bridge": "flowccni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pods"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "loopback"}]}
K
  cat >containerd.toml <<K
version = 2
root = "$cluster/containerd"
state = "$cluster/containerd-run"
[grpc]
  address = "$cluster/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "flowc.local/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$cluster/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
K
  cat >kubelet.yaml <<K
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $address
containerRuntimeEndpoint: unix://$cluster/containerd.sock
cgroupDriver: cgroupfs
failSwapOn: false
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $cluster/ca.crt}}
authorization: {mode: Webhook}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {imagefs.available: "1%", nodefs.available: "1%"}
maxPods: 500
serializeImagePulls: false
registerWithTaints: []
clusterDNS: [10.96.0.10]
resolvConf: /etc/resolv.conf
K
}

# There is no kube-proxy: the one service that pods need is the API server itself.
routes() {
  sysctl -qw net.ipv4.ip_forward=1
  for chain in PREROUTING OUTPUT; do
    rule=("$chain" -d "$service" -p tcp --dport 443 -j DNAT --to "$address:6443")
    iptables -t nat -C "${rule[@]}" 2>/dev/null || iptables -t nat -A "${rule[@]}"
  done
  for side in -s -d; do
    iptables -C FORWARD $side "$pods" -j ACCEPT 2>/dev/null || iptables -I FORWARD $side "$pods" -j ACCEPT
  done
}

no_routes() {
  for chain in PREROUTING OUTPUT; do
    iptables -t nat -D "$chain" -d "$service" -p tcp --dport 443 -j DNAT --to "$address:6443" 2>/dev/null || true
  done
  for side in -s -d; do iptables -D FORWARD $side "$pods" -j ACCEPT 2>/dev/null || true; done
  for bridge in flowc0 flowccni0; do ip link delete "$bridge" 2>/dev/null || true; done
}

control_plane() {
  begin etcd "$etcd/etcd" --data-dir "$cluster/etcd" --unsafe-no-fsync --listen-peer-urls http://127.0.0.1:2380 \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
  begin apiserver "$kubernetes/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address="$address" --advertise-address="$address" --secure-port=6443 \
    --tls-cert-file=api.crt --tls-private-key-file=api.key --client-ca-file=ca.crt --token-auth-file=tokens.csv \
    --authorization-mode=Node,RBAC --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file=accounts.key \
    --service-account-key-file=accounts.key --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate=client.crt --kubelet-client-key=client.key
  patiently 90 kubectl get --raw /readyz
  # With nobody to take their place they must not end where a busy machine keeps them from renewing a lease.
  begin controller-manager "$kubernetes/kube-controller-manager" --leader-elect=false --kubeconfig admin.conf --root-ca-file=ca.crt \
    --service-account-private-key-file=accounts.key --use-service-account-credentials=false --bind-address=127.0.0.1
  begin scheduler "$kubernetes/kube-scheduler" --leader-elect=false --kubeconfig admin.conf --bind-address=127.0.0.1
}

node() {
  begin containerd containerd --config containerd.toml
  patiently 30 test -S "$cluster/containerd.sock"
  images=("flowc.local/pause:1" "flowc.local/argoexec:v$argo_version" "$image" "$numpy_image")
  docker save --output images.tar "${images[@]}"
  ctr --address "$cluster/containerd.sock" --namespace k8s.io images import images.tar >/dev/null
  rm images.tar
  begin kubelet "$kubernetes/kubelet" --kubeconfig admin.conf --config kubelet.yaml --hostname-override=node1 \
    --node-ip="$address" --root-dir="$cluster/kubelet"
}

begin_controller() {
  # Without a short requeue time each step waits ten seconds for the next.
  LEADER_ELECTION_DISABLE=true DEFAULT_REQUEUE_TIME=1s begin workflow-controller "$argo/workflow-controller" \
    --kubeconfig admin.conf --namespace "$namespace" --namespaced --managed-namespace "$namespace" \
    --executor-image "flowc.local/argoexec:v$argo_version" --executor-image-pull-policy Never --qps 200 --burst 300
}

controller() {
  kubectl create namespace "$namespace" >/dev/null
  kubectl apply --server-side -k "$argo/crds" >/dev/null
  kubectl wait --for=condition=Established --timeout=60s crd --all >/dev/null
  # Its metrics port would outlive a killed controller.
  kubectl create configmap workflow-controller-configmap --from-literal=metricsConfig='{enabled: false}' \
    --from-literal=telemetryConfig='{enabled: false}' >/dev/null
  begin_controller
  kubectl create secret generic s3 --from-literal=AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" \
    --from-literal=AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" >/dev/null
  patiently 60 kubectl get node node1
  kubectl wait --for=condition=Ready node/node1 --timeout=60s >/dev/null
  runs workflow-controller || stop "the workflow controller ended: see $state/workflow-controller.log"
}

up() {
  check
  mkdir -p "$cluster"/cni && cd "$cluster"
  ip link show flowc0 >/dev/null 2>&1 || {
    ip link add flowc0 type bridge && ip addr add "$address/32" dev flowc0 && ip link set flowc0 up
  }
  [ -f ca.crt ] || certificates 2>/dev/null
  settings
  routes
  control_plane
  node
  controller
}

down() {
  [ -d "$cluster" ] || return 0
  timeout 20 kubectl delete pods --all --all-namespaces --grace-period=0 --force >/dev/null 2>&1 || true
  for name in "${servers[@]:0:6}"; do finish "$name" KILL; done
  # Containers end with their runtime: nothing of a pod outlives the cluster.
  ctr=(ctr --address "$cluster/containerd.sock" --namespace k8s.io)
  timeout 20 "${ctr[@]}" tasks ls -q 2>/dev/null | while read -r task; do
    timeout 10 "${ctr[@]}" tasks kill --signal SIGKILL "$task" || true
  done >/dev/null 2>&1
  sleep 1
  finish containerd
  awk -v below="$cluster" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf "$cluster"
  no_routes
}

restart_controller() {
  cd "$cluster"
  finish workflow-controller KILL
  begin_controller
}

case ${1:-} in
up) up ;;
down) down ;;
restart-controller) restart_controller ;;
kill-container) ctr --address "$cluster/containerd.sock" --namespace k8s.io tasks kill --signal SIGKILL "$2" ;;
*) stop "cluster.sh up|down|restart-controller|kill-container ID" ;;
esac
