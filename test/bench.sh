#!/bin/sh
# Measures every figure of docs/benchmarks.md and prints it as Markdown; about five minutes on two quiet cores.
#
#   test/bench.sh                         kernels, primitives, models, networks
#   test/bench.sh kernels primitives      only these parts; also: models, networks
#   RESNET50=DIR test/bench.sh deep       ResNet-50 that models/export/resnet50.py wrote to DIR
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
    bench 'matmul 512×512×512' 262144 --primitive matmul --shape 512x512x512
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

deep() {
    folder=${RESNET50:?the folder that models/export/resnet50.py wrote}
    header 'Deep nets'
    bench 'ResNet-50, 1×3×224×224' 1 "$folder/resnet50.onnx" --calibrate "$folder/samples.npz"
}

if [ $# -eq 0 ]; then
    set -- kernels primitives models networks
    if [ -n "${RESNET50:-}" ]; then set -- "$@" deep; fi
fi
machine
for part in "$@"; do
    case $part in
        kernels | primitives | models | networks | deep) $part ;;
        *)
            printf "test/bench.sh: part '%s'; expected kernels, primitives, models, networks or deep\n" "$part" >&2
            exit 2
            ;;
    esac
done
exit "$wrong"
