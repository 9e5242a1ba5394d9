#!/bin/sh
# A cluster on addresses of its own: a network namespace for each of three parties and one for the owners, joined by a bridge.
# Deploys, predicts, asks the gateway, cuts one party's link and mends it. Opt-in: needs root, 'ip netns' and a built sardonyx.
#   sudo test/netns.sh [path of the sardonyx command]
# Everything it makes is named sxns-…, and is taken away at the end.
set -eu

say() { printf 'netns: %s\n' "$1" >&2; }

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
command=${1:-$root/sardonyx}
if [ "$(id -u)" -ne 0 ] || ! command -v ip >/dev/null 2>&1 || ! ip netns add sxns-probe 2>/dev/null; then
    say "network namespaces cannot be made here: this needs root and iproute2"
    exit 77
fi
ip netns delete sxns-probe
SARDONYX_NO_BUILD=1
export SARDONYX_NO_BUILD
work=$(mktemp -d)
pids=''

finish() {
    status=$?
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    for place in 0 1 2 owner hub; do ip netns delete "sxns-$place" 2>/dev/null || true; done
    if [ $status -ne 0 ]; then
        say "failed; the logs:"
        tail -n 15 "$work"/*.log >&2 || true
    fi
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

# place NAME ADDRESS: a namespace with one interface on the bridge
place() {
    ip netns add "sxns-$1"
    ip -n "sxns-$1" link set lo up
    ip link add "sxv-$1" netns "sxns-hub" type veth peer name eth0 netns "sxns-$1"
    ip -n sxns-hub link set "sxv-$1" master bridge up
    ip -n "sxns-$1" address add "$2/24" dev eth0
    ip -n "sxns-$1" link set eth0 up
}

inside() {
    where=$1
    shift
    ip netns exec "sxns-$where" "$@"
}

ip netns add sxns-hub
ip -n sxns-hub link set lo up
ip -n sxns-hub link add bridge type bridge
ip -n sxns-hub link set bridge up
for party in 0 1 2; do place $party 10.77.0.1$party; done
place owner 10.77.0.20

"$command" cluster init "$work/demo" --address 10.77.0.10:7400 --address 10.77.0.11:7400 --address 10.77.0.12:7400 >/dev/null
for party in 0 1 2; do
    printf 'metrics: 127.0.0.1:9464\n' >>"$work/demo/party-$party.yaml"
    inside $party "$command" party --config "$work/demo/party-$party.yaml" >"$work/party-$party.log" 2>&1 &
    pids="$pids $!"
done

# until_true WHAT COMMAND…: tries a command for a minute
until_true() {
    what=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -ge 60 ]; then
            say "not within a minute: $what"
            exit 1
        fi
        sleep 1
    done
    say "$what"
}

ready() { inside "$1" curl -sf http://127.0.0.1:9464/health/ready; }
away() { ! ready "$1"; }
all_ready() { ready 0 && ready 1 && ready 2; }

until_true "three parties are linked" all_ready
inside owner "$command" deploy "$root/models/mlp/mlp.onnx" --to "$work/demo/cluster.yaml" >"$work/deploy.log" 2>&1
say "mlp is deployed"
predict() {
    inside owner "$command" predict mlp --input "$root/models/mlp/samples.npz" --limit 4 --to "$work/demo/cluster.yaml" --check "$root/models/mlp/mlp.onnx"
}
predict >"$work/predict.log" 2>&1
say "predictions are ONNX Runtime's: $(tail -n 1 "$work/predict.log")"
inside owner "$command" gateway --to "$work/demo/cluster.yaml" --model mlp >"$work/gateway.log" 2>&1 &
pids="$pids $!"
until_true "the gateway is ready" inside owner curl -sf http://127.0.0.1:8000/v2/health/ready
zeros=$(head -c 784 /dev/zero | tr '\0' 0 | sed 's/0/0,/g; s/,$//')
printf '{"inputs":[{"name":"image","shape":[1,1,28,28],"datatype":"FP32","data":[%s]}]}' "$zeros" >"$work/body.json"
infer() { inside owner curl -sf --data-binary "@$work/body.json" http://127.0.0.1:8000/v2/models/mlp/infer; }
infer | grep -q '"shape":\[1,10\]'
say "the gateway answers"

# A cable pulled: nothing is reset, frames just vanish.
ip -n sxns-hub link set sxv-2 down
until_true "party 0 knows that party 2 is away" away 0
if predict >"$work/cut.log" 2>&1; then
    say "a prediction without party 2 cannot be"
    exit 1
fi
say "a prediction is told: $(tail -n 1 "$work/cut.log")"
ip -n sxns-hub link set sxv-2 up
until_true "all parties are linked again" all_ready
until_true "predictions are right again" predict
until_true "the gateway answers again" infer
if ! inside owner curl -sm 2 http://10.77.0.10:9464/metrics >/dev/null 2>&1; then
    say "metrics are not to be had from outside"
else
    say "metrics can be had from outside though they are bound to loopback"
    exit 1
fi
say "done"
