package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.proto.GraphProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Branches and loops. Loops are unrolled; what decides how often they run must be public. */
final class ControlFlow {
    /** A loop without an end of its own must not fill the memory. */
    private static final int MAX_ITERATIONS = 100_000;

    static final List<Operator> TABLE = List.of(
            core("If").versions(7, 11, 13).note("a secret condition computes both branches and selects").translates(ControlFlow::branch),
            core("Loop").versions(7, 11, 13).publicInputs(0, 1).note("unrolled; trip count and conditions are public").translates(ControlFlow::loop),
            core("Scan").versions(8, 9, 11).note("unrolled over the public length").translates(ControlFlow::scan));

    private ControlFlow() {
    }

    private static void branch(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId condition = node.input(0);
        if (ops.shape(condition).size() != 1) {
            throw node.invalid("the condition has shape " + ops.shape(condition) + "; expected one element");
        }
        GraphProto then = node.body("then_branch");
        GraphProto otherwise = node.body("else_branch");
        var open = ops.publicTensor(condition);
        if (open.isPresent()) {
            bind(node, node.translator().translateBody(open.get().getLong(0) != 0 ? then : otherwise, List.of()), 0);
            return;
        }
        List<Held> yes = node.translator().translateBody(then, List.of());
        List<Held> no = node.translator().translateBody(otherwise, List.of());
        ValueId scalar = ops.reshape(condition);
        for (int i = 0; i < node.outputCount(); i++) {
            node.output(i, selected(node, scalar, yes.get(i), no.get(i)));
        }
    }

    private static Held selected(NodeContext node, ValueId condition, Held yes, Held no) {
        GraphOps ops = node.ops();
        if (yes instanceof Held.Ready(ValueId a) && no instanceof Held.Ready(ValueId b)) {
            if (!ops.shape(a).equals(ops.shape(b)) || ops.type(a) != ops.type(b)) {
                throw new RefusedNode("the condition is secret and the branches give " + ops.type(a) + ops.shape(a) + " and " + ops.type(b)
                        + ops.shape(b) + "; expected equal types and shapes");
            }
            return new Held.Ready(ops.where(condition, a, b));
        }
        if (yes instanceof Held.Poisoned || no instanceof Held.Poisoned) {
            return new Held.Poisoned();
        }
        throw new RefusedNode("the condition is secret and the branches give sequences; expected tensors");
    }

    private static void bind(NodeContext node, List<Held> results, int first) {
        for (int i = 0; i < node.outputCount() && first + i < results.size(); i++) {
            node.output(i, results.get(first + i));
        }
    }

    private static void loop(NodeContext node) {
        GraphOps ops = node.ops();
        GraphProto body = node.body("body");
        long limit = node.has(0) ? node.open(0).getLong(0) : Long.MAX_VALUE;
        boolean running = !node.has(1) || node.open(1).getLong(0) != 0;
        int carriedCount = Math.max(0, node.inputCount() - 2);
        List<Held> carried = new ArrayList<>(IntStream.range(2, node.inputCount()).mapToObj(node::held).toList());
        List<List<ValueId>> scanned = new ArrayList<>();
        IntStream.range(carriedCount, body.getOutputCount() - 1).forEach(i -> scanned.add(new ArrayList<>()));
        for (long iteration = 0; running && iteration < limit; iteration++) {
            if (iteration >= MAX_ITERATIONS) {
                throw new RefusedNode("it runs more than " + MAX_ITERATIONS + " times");
            }
            var arguments = new ArrayList<Held>();
            arguments.add(new Held.Ready(ops.open(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, iteration))));
            arguments.add(new Held.Ready(ops.open(Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, 1))));
            arguments.addAll(carried);
            List<Held> results = node.translator().translateBody(body, arguments);
            if (results.contains(new Held.Poisoned())) {
                poison(node);
                return;
            }
            running = condition(node, results.getFirst());
            carried = results.subList(1, 1 + carriedCount);
            for (int i = 0; i < scanned.size(); i++) {
                scanned.get(i).add(ready(results.get(1 + carriedCount + i)));
            }
        }
        bind(node, carried, 0);
        for (int i = 0; i < scanned.size(); i++) {
            node.output(carriedCount + i, stacked(node, scanned.get(i), 0, false));
        }
    }

    private static boolean condition(NodeContext node, Held held) {
        return node.ops().publicTensor(ready(held)).orElseThrow(() -> new RefusedNode("whether it goes on depends on a secret value; expected a"
                + " condition made of public ones (a fixed number of steps with a selection inside does the same)")).getLong(0) != 0;
    }

    private static ValueId ready(Held held) {
        if (held instanceof Held.Ready(ValueId id)) {
            return id;
        }
        throw new RefusedNode("a body output is a sequence; expected a tensor");
    }

    /** Something inside has no translation: it is listed already, and so the outputs are not listed again. */
    private static void poison(NodeContext node) {
        for (int i = 0; i < node.outputCount(); i++) {
            node.output(i, new Held.Poisoned());
        }
    }

    private static ValueId stacked(NodeContext node, List<ValueId> steps, int axis, boolean backwards) {
        GraphOps ops = node.ops();
        if (steps.isEmpty()) {
            throw new RefusedNode("it runs no iteration and has a scan output, whose shape is then unknown");
        }
        List<ValueId> parts = (backwards ? steps.reversed() : steps).stream()
                .map(step -> ops.unsqueeze(step, axis < 0 ? axis + ops.rank(step) + 1 : axis)).toList();
        return ops.concat(axis < 0 ? axis + ops.rank(parts.getFirst()) : axis, parts);
    }

    /** The first form: lengths before the states, and a batch axis in front of everything, each entry of which is scanned by itself. */
    private static void scanBatch(NodeContext node) {
        GraphOps ops = node.ops();
        GraphProto body = node.body("body");
        int scans = node.requiredInteger("num_scan_inputs");
        int states = node.inputCount() - 1 - scans;
        int outputs = body.getOutputCount() - states;
        if (scans < 1 || states < 0 || outputs < 0) {
            throw node.invalid("num_scan_inputs=" + scans + "; expected 1 to " + (node.inputCount() - 1));
        }
        int[] directions = node.integers("directions", new int[scans]);
        int batch = node.shape(1).dim(0);
        int length = node.shape(1 + states).dim(1);
        if (node.has(0) && IntStream.of(node.openInts(0)).anyMatch(given -> given != length)) {
            throw new RefusedNode("sequence_lens are shorter than the axis of " + length + "; expected whole sequences");
        }
        List<List<ValueId>> results = new ArrayList<>();
        IntStream.range(0, states + outputs).forEach(i -> results.add(new ArrayList<>()));
        for (int entry = 0; entry < batch; entry++) {
            int row = entry;
            List<ValueId> rows = IntStream.range(1, node.inputCount()).mapToObj(i -> ops.at(node.input(i), 0, row)).toList();
            Optional<Scanned> scanned = scanned(node, body, rows.subList(0, states).stream().<Held>map(Held.Ready::new).toList(), length,
                    step -> IntStream.range(0, scans).mapToObj(i -> ops.at(rows.get(states + i), 0, directions[i] == 1 ? length - 1 - step : step)).toList());
            if (scanned.isEmpty()) {
                return;
            }
            for (int i = 0; i < states; i++) {
                results.get(i).add(ready(scanned.get().states().get(i)));
            }
            for (int i = 0; i < outputs; i++) {
                results.get(states + i).add(stacked(node, scanned.get().outputs().get(i), 0, false));
            }
        }
        for (int i = 0; i < results.size(); i++) {
            node.output(i, stacked(node, results.get(i), 0, false));
        }
    }

    /** The states after the last step, and by output what each step gave. */
    private record Scanned(List<Held> states, List<List<ValueId>> outputs) {
    }

    /** Runs a body once for each step; empty where something inside has no translation. */
    private static Optional<Scanned> scanned(NodeContext node, GraphProto body, List<Held> initial, int length, IntFunction<List<ValueId>> inputs) {
        List<Held> state = initial;
        int states = initial.size();
        List<List<ValueId>> outputs = new ArrayList<>();
        IntStream.range(states, body.getOutputCount()).forEach(i -> outputs.add(new ArrayList<>()));
        for (int step = 0; step < length; step++) {
            var arguments = new ArrayList<>(state);
            inputs.apply(step).forEach(input -> arguments.add(new Held.Ready(input)));
            List<Held> made = node.translator().translateBody(body, arguments);
            if (made.contains(new Held.Poisoned())) {
                poison(node);
                return Optional.empty();
            }
            state = made.subList(0, states);
            for (int i = 0; i < outputs.size(); i++) {
                outputs.get(i).add(ready(made.get(states + i)));
            }
        }
        return Optional.of(new Scanned(state, outputs));
    }

    private static void scan(NodeContext node) {
        if (node.opset() < 9) {
            scanBatch(node);
            return;
        }
        GraphOps ops = node.ops();
        GraphProto body = node.body("body");
        int scans = node.requiredInteger("num_scan_inputs");
        int states = node.inputCount() - scans;
        int outputs = body.getOutputCount() - states;
        if (scans < 1 || states < 0 || outputs < 0) {
            throw node.invalid("num_scan_inputs=" + scans + "; expected 1 to " + node.inputCount());
        }
        int[] inputAxes = node.integers("scan_input_axes", new int[scans]);
        int[] inputDirections = node.integers("scan_input_directions", new int[scans]);
        int[] outputAxes = node.integers("scan_output_axes", new int[outputs]);
        int[] outputDirections = node.integers("scan_output_directions", new int[outputs]);
        int length = ops.dim(node.input(states), node.axis(inputAxes[0], node.shape(states).rank()));
        scanned(node, body, IntStream.range(0, states).mapToObj(node::held).toList(), length, step -> IntStream.range(0, scans).mapToObj(i -> {
            ValueId x = node.input(states + i);
            return ops.at(x, node.axis(inputAxes[i], ops.rank(x)), inputDirections[i] == 1 ? length - 1 - step : step);
        }).toList()).ifPresent(scanned -> {
            bind(node, scanned.states(), 0);
            for (int i = 0; i < outputs; i++) {
                node.output(states + i, stacked(node, scanned.outputs().get(i), outputAxes[i], outputDirections[i] == 1));
            }
        });
    }
}
