#!/bin/sh
# Measures every figure of docs/benchmarks.md and prints it as Markdown; about ten minutes on two quiet cores.
#
#   test/bench.sh                         table, growth, kernels, primitives, models, networks
#   test/bench.sh table growth            only these parts: the table of bars, and how a batch's cost grows
#   RESNET50=DIR test/bench.sh table      with ResNet-50 that models/export/resnet50.py wrote to DIR
#
# REPEAT (7) runs of each, after four seconds of runs that do not count. Every answer is checked against ONNX Runtime in the same run:
# a row whose answer was wrong says so, and the script then ends with status 1.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 4
repeat=${REPEAT:-7}
output=$(mktemp) || exit 4
trap 'rm -f "$output"' EXIT
wrong=0

# The value of a key at the first level of the JSON document, or within the object $2.
value() {
    if [ $# -eq 1 ]; then
        sed -n "s/^  \"$1\": \(.*[^,]\),*\$/\1/p" "$output"
    else
        sed -n "/^  \"$2\": {/,/^  }/s/^    \"$1\": \(.*[^,]\),*\$/\1/p" "$output"
    fi
}

# bench LABEL UNITS ARGUMENT...: one row; UNITS are elements of the result, for nanoseconds and bytes an element ('-' for none).
bench() {
    label=$1
    units=$2
    shift 2
    "$root/sardonyx" bench "$@" --repeat "$repeat" --json --no-progress >"$output"
    status=$?
    note=''
    if [ "$status" -ne 0 ]; then
        wrong=1
        note=" (status $status)"
    fi
    if [ -z "$(value secondsMedian)" ]; then
        printf '| %s%s | no answer |\n' "$label" "$note"
        return
    fi
    printf '%s %s %s %s %s %s %s %s %s\n' "$(value secondsMin)" "$(value secondsMedian)" "$(value secondsMax)" "$(value rounds)" \
        "$(value plaintextSecondsMedian)" "$(value allocatedBytes)" "$(value peakMemoryBytes)" "$units" \
        "$(value bytesPerParty | tr -d '[] ' | tr ',' '\n' | sort -n | tail -n 1)" |
        awk -v label="$label$note" '{
            each = $8 == "-" ? "" : sprintf("%.0f ns, %.1f B", $2 * 1e9 / $8, $9 / $8)
            printf "| %s | %.4f | %.4f | %.4f | %.2f | %d | %s | %.0f× | %.1f | %.0f |\n",
                label, $1, $2, $3, $9 / 1e6, $4, each, $2 / ($5 > 0 ? $5 : 1e-9), $6 / 1e6, $7 / 1e6
        }'
}

# bar LABEL SECONDS MB ROUNDS ARGUMENT...: one row of the table of bars ('-' for a figure without a bar); says which bar is missed.
bar() {
    label=$1
    bars="$2 $3 $4"
    shift 4
    if ! "$root/sardonyx" bench "$@" --repeat "$repeat" --json --no-progress >"$output"; then
        wrong=1
        label="$label (status not 0)"
    fi
    if [ -z "$(value secondsMedian)" ]; then
        printf '| %s | no answer |\n' "$label"
        return
    fi
    printf '%s %s %s %s %s %s %s %s %s\n' "$bars" "$(value secondsMin)" "$(value secondsMedian)" "$(value secondsMax)" "$(value rounds)" \
        "$(value plaintextSecondsMedian)" "$(value maxAbsError reference)" "$(value peakMemoryBytes)" \
        "$(value bytesPerParty | tr -d '[] ' | tr ',' '\n' | sort -n | tail -n 1)" |
        awk -v label="$label" '{
            missed = ""
            if ($1 != "-" && $5 > $1) missed = missed " seconds"
            if ($2 != "-" && $11 / 1e6 > $2) missed = missed " MB"
            if ($3 != "-" && $7 > $3) missed = missed " rounds"
            printf "| %s | %.4f / %.4f / %.4f | %.2f | %d | %.0f | %.1e | %.0f | %s / %s / %s | %s |\n", label, $4, $5, $6, $11 / 1e6, $7,
                $5 / ($8 > 0 ? $8 : 1e-9), $9, $10 / 1e6, $1, $2, $3, $1 $2 $3 == "---" ? "" : missed == "" ? "yes" : "no:" missed
        }'
}

# The bars that the project set itself: seconds, MB of the busiest party, rounds.
table() {
    printf '\n## Bars\n\n'
    printf '| Work | Seconds min / median / max | MB, busiest party | Rounds | ÷ ONNX Runtime | Max error | MB process | Bar: s / MB / rounds | Met |\n'
    printf '|---|---|--:|--:|--:|--:|--:|---|---|\n'
    lenet=$root/models/lenet/lenet.onnx
    bar 'matmul 512×512×512, truncated' 0.10 4.8 2 --primitive matmul --shape 512x512x512 --disable-pass truncation-sinking
    bar 'matmul 512×512×512, revealed at its own scale' 0.10 4.8 2 --primitive matmul --shape 512x512x512
    bar 'ReLU × 1,000,000 at 64 bits' 0.18 36 9 --primitive relu --shape 1000000 --bits 64
    bar 'ReLU × 1,000,000 at 24 bits' 0.10 22 8 --primitive relu --shape 1000000 --bits 24
    bar '`lenet` batch 1' 0.010 0.5 60 "$lenet"
    bar '`lenet` batch 128' 0.45 58 60 "$lenet" --batch 128
    bar '`lenet5` batch 128' 0.18 25 45 "$root/models/lenet5/lenet5.onnx" --batch 128
    bar '`mlp` batch 128' 0.03 1.5 25 "$root/models/mlp/mlp.onnx" --batch 128
    bar 'softmax 128×10' 0.012 0.35 60 --primitive softmax --shape 128x10
    for name in sigmoid tanh gelu exp; do
        bar "$name × 100,000" 0.07 15 30 --primitive $name --shape 100000
    done
    bar '`lenet` batch 1, `--network wan`' 0.9 1 36 "$lenet" --network wan
    bar '`lenet` batch 1, three processes over loopback TLS' - - - "$lenet" --transport tls
    bar '`lenet` batch 128, three processes over loopback TLS' 0.70 - - "$lenet" --batch 128 --transport tls
    bar '`lenet` batch 1, `dealer2`' - - - "$lenet" --protocol dealer2
    bar '`lenet` batch 128, `dealer2`' - - - "$lenet" --batch 128 --protocol dealer2
    if [ -n "${RESNET50:-}" ]; then
        bar 'ResNet-50, 1×3×224×224, calibrated (process: at most 4000 MB)' 8 400 500 "$RESNET50/resnet50.onnx" --calibrate "$RESNET50/samples.npz"
    fi
}

# lenet at batches of 128 and 512 by turns, so that a machine that grows slower or faster does so for both.
growth() {
    printf '\n## A larger batch (`lenet`, three turns)\n\n| Batch | ms an image, min | ms an image, median of medians | MB process | MB live a party |\n|---|--:|--:|--:|--:|\n'
    turns=$(mktemp) || exit 4
    for _ in 1 2 3; do
        for batch in 128 256 512; do
            "$root/sardonyx" bench "$root/models/lenet/lenet.onnx" --batch $batch --repeat "$repeat" --json --no-progress >"$output" || wrong=1
            printf '%s %s %s %s %s\n' $batch "$(value secondsMin)" "$(value secondsMedian)" "$(value peakMemoryBytes)" "$(value peakLiveBytes)" >>"$turns"
        done
    done
    sort -n -k1,1 -k3,3 "$turns" | awk '
        function row() { printf "| %d | %.3f | %.3f | %.0f | %.1f |\n", batch, 1000 * least / batch, 1000 * median / batch, process / 1e6, live / 1e6 }
        $1 != batch { if (batch) row(); batch = $1; n = 0; least = $2; process = 0 }
        { n++; if ($2 < least) least = $2; if (n == 2) median = $3; if ($4 > process) process = $4; live = $5
          min[batch] = 1000 * least / batch; mid[batch] = 1000 * median / batch }
        END { row(); printf "\nAn image at batch 512 ÷ an image at batch 128: %.2f by minima, %.2f by medians (bar 1.1).\n", min[512] / min[128], mid[512] / mid[128] }'
    rm -f "$turns"
}

header() {
    printf '\n## %s\n\n' "$1"
    printf '| Work | min s | median s | max s | MB, busiest party | Rounds | An element or image | ÷ ONNX Runtime | MB allocated | MB process |\n'
    printf '|---|---|---|---|---|---|---|---|---|---|\n'
}

machine() {
    "$root/sardonyx" bench --primitive addition --shape 16 --repeat 1 --warmup 0 --json --no-progress >"$output"
    printf 'Measured on %s: %s, %s cores, %s, %s; kernels %s; commit %s; %s runs a row.\n' "$(date -u +%Y-%m-%d)" "$(value processor environment | tr -d '"')" \
        "$(value cores environment)" "$(value system environment | tr -d '"')" "$(value java environment | tr -d '"')" "$(value kernel | tr -d '"')" \
        "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" "$repeat"
}

# The launcher finds the JDK; a main class among its options for Java takes the place of the command.
kernel_speeds() {
    SARDONYX_NO_CACHE=1 SARDONYX_JAVA_OPTIONS="$1 -cp $root/secure-ops/target/classes:$root/secure-ops/target/test-classes:$root/graph/target/classes dev.sardonyx.secureops.ring.KernelBenchmark" \
        "$root/sardonyx" 'multiplier' 'gemm 512' 'conv LeNet conv2 batch 43' 'conv ResNet 3x3 56' 'keystream bulk' 2>/dev/null
}

kernels() {
    (cd "$root" && mvn -q -B -pl secure-ops -am test-compile) >&2 || {
        wrong=1
        return
    }
    printf '\n## Kernels (one core, processor time)\n\n| Kernel | best | median | scalar twin, median | times the twin |\n|---|---|---|---|---|\n'
    kernel_speeds -Dsardonyx.kernels=scalar >"$output"
    kernel_speeds -Dsardonyx.kernels= | awk -v twins="$output" '
        # A line is: name, "best", figure, "median", figure, unit.
        function name(line) { return match(line, / +best +/) ? substr(line, 1, RSTART - 1) : "" }
        function figures(line) { match(line, / +best +/); split(substr(line, RSTART), field, " ") }
        BEGIN {
            while ((getline line < twins) > 0) if (name(line) != "") { figures(line); twin[name(line)] = field[4] }
        }
        name($0) != "" {
            figures($0)
            scalar = name($0) in twin ? twin[name($0)] : ""
            printf "| %s | %s | %s %s | %s | %s |\n", name($0), field[2], field[4], field[5], scalar, (scalar + 0 != 0 ? sprintf("%.1f", field[4] / scalar) : "")
        }'
}

primitives() {
    header 'Primitives'
    bench 'matmul 512×512×512, truncated' 262144 --primitive matmul --shape 512x512x512 --disable-pass truncation-sinking
    bench 'product × 100,000' 100000 --primitive product --shape 100000
    bench 'ReLU × 1,000,000 at 64 bits' 1000000 --primitive relu --shape 1000000 --bits 64
    bench 'ReLU × 1,000,000 at 24 bits' 1000000 --primitive relu --shape 1000000 --bits 24
    bench 'softmax 128×10' 1280 --primitive softmax --shape 128x10
    for name in sigmoid tanh gelu exp division sqrt; do
        bench "$name × 100,000" 100000 --primitive $name --shape 100000
    done
}

models() {
    header 'Models, embedded'
    for name in lenet lenet5 mlp; do
        for batch in 1 32 128; do
            bench "$name, batch $batch" "$batch" "$root/models/$name/$name.onnx" --batch $batch
        done
    done
    bench 'lenet, batch 512' 512 "$root/models/lenet/lenet.onnx" --batch 512
}

networks() {
    header 'Models on shaped links (LAN 0.2 ms and 10 Gbit/s; WAN 40 ms and 100 Mbit/s, both round trip)'
    for network in lan wan; do
        for name in lenet mlp; do
            bench "$name, batch 1, $network" 1 "$root/models/$name/$name.onnx" --network $network
        done
    done
    bench 'lenet, batch 128, lan' 128 "$root/models/lenet/lenet.onnx" --batch 128 --network lan
}

if [ $# -eq 0 ]; then
    set -- table growth kernels primitives models networks
fi
machine
for part in "$@"; do
    case $part in
        table | growth | kernels | primitives | models | networks) $part ;;
        *)
            printf "test/bench.sh: part '%s'; expected table, growth, kernels, primitives, models or networks\n" "$part" >&2
            exit 2
            ;;
    esac
done
exit "$wrong"
