package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One recurrent layer. The inputs' part of all gates and steps is one matrix product; each step adds the state's part. Shapes within:
 * X [time, batch, input], state [batch, hidden], gates side by side in the last axis.
 */
final class RecurrentLayer {
    enum Cell {
        RNN(1, List.of("Tanh")), GRU(3, List.of("Sigmoid", "Tanh")), LSTM(4, List.of("Sigmoid", "Tanh", "Tanh"));

        private final int gates;
        private final List<String> activations;

        Cell(int gates, List<String> activations) {
            this.gates = gates;
            this.activations = activations;
        }
    }

    private record State(ValueId hidden, Optional<ValueId> cell) {
    }

    private record Result(List<ValueId> outputs, State last) {
    }

    private final NodeContext node;
    private final GraphOps ops;
    private final Cell cell;
    private final boolean batchFirst;
    private final ValueId x;
    private final int time;
    private final int batch;
    private final int hidden;
    private final Optional<int[]> lengths;
    private final List<RecurrentActivation> activations;
    private final List<Boolean> reversed;

    RecurrentLayer(NodeContext node, Cell cell) {
        this.node = node;
        this.ops = node.ops();
        this.cell = cell;
        this.batchFirst = node.flag("layout", false);
        this.x = batchFirst ? ops.transpose(node.input(0), 1, 0, 2) : node.input(0);
        this.time = ops.dim(x, 0);
        this.batch = ops.dim(x, 1);
        this.hidden = node.integer("hidden_size", node.shape(2).dim(2));
        this.reversed = switch (node.text("direction", "forward", List.of("forward", "reverse", "bidirectional"))) {
            case "forward" -> List.of(false);
            case "reverse" -> List.of(true);
            default -> List.of(false, true);
        };
        this.activations = RecurrentActivation.of(node, cell.activations, reversed.size());
        int steps = time;
        this.lengths = node.has(4) ? Optional.of(node.openInts(4)).filter(all -> IntStream.of(all).anyMatch(length -> length != steps))
                : Optional.empty();
        if (!node.shape(2).equals(Shape.of(reversed.size(), cell.gates * hidden, hidden))) {
            throw node.invalid("R has shape " + node.shape(2) + "; expected " + Shape.of(reversed.size(), cell.gates * hidden, hidden));
        }
    }

    void translate() {
        var perDirection = new ArrayList<Result>();
        for (int direction = 0; direction < reversed.size(); direction++) {
            perDirection.add(run(direction));
        }
        // Y: [time, directions, batch, hidden]
        var steps = new ArrayList<ValueId>();
        for (int t = 0; t < time; t++) {
            int step = t;
            steps.add(ops.unsqueeze(stack(perDirection.stream().map(result -> result.outputs.get(step)).toList()), 0));
        }
        ValueId y = ops.concat(0, steps);
        node.output(0, batchFirst ? ops.transpose(y, 2, 0, 1, 3) : y);
        node.output(1, last(perDirection.stream().map(result -> result.last.hidden).toList()));
        if (cell == Cell.LSTM) {
            node.output(2, last(perDirection.stream().map(result -> result.last.cell.orElseThrow()).toList()));
        }
    }

    private ValueId stack(List<ValueId> parts) {
        return ops.concat(0, parts.stream().map(part -> ops.unsqueeze(part, 0)).toList());
    }

    private ValueId last(List<ValueId> states) {
        ValueId stacked = stack(states);
        return batchFirst ? ops.transpose(stacked, 1, 0, 2) : stacked;
    }

    private Result run(int direction) {
        boolean backwards = reversed.get(direction);
        ValueId in = backwards ? backwards(x) : x;
        ValueId weights = ops.transposeMatrix(ops.at(node.input(1), 0, direction));
        ValueId recurrent = ops.transposeMatrix(ops.at(node.input(2), 0, direction));
        Optional<ValueId> bias = node.optional(3).map(b -> ops.at(b, 0, direction));
        ValueId projected = ops.matMul(in, weights);
        State state = new State(initial(5, direction), cell == Cell.LSTM ? Optional.of(initial(6, direction)) : Optional.empty());
        Step step = switch (cell) {
            case RNN -> rnn(direction, recurrent, bias);
            case GRU -> gru(direction, recurrent, bias);
            case LSTM -> lstm(direction, recurrent, bias);
        };
        ValueId biased = ops.add(projected, step.inputBias);
        var outputs = new ArrayList<ValueId>();
        for (int t = 0; t < time; t++) {
            State next = step.body.next(ops.at(biased, 0, t), state);
            Optional<ValueId> active = active(t);
            if (active.isPresent()) {
                State old = state;
                ValueId mask = active.get();
                outputs.add(ops.where(mask, next.hidden, ops.like(next.hidden, 0)));
                state = new State(ops.where(mask, next.hidden, old.hidden),
                        next.cell.map(c -> ops.where(mask, c, old.cell.orElseThrow())));
            } else {
                outputs.add(next.hidden);
                state = next;
            }
        }
        return new Result(backwards ? backwards(outputs) : outputs, state);
    }

    /** Which sequences of the batch still run at a step; empty if all do. */
    private Optional<ValueId> active(int t) {
        return lengths.filter(all -> IntStream.of(all).anyMatch(length -> length <= t)).map(all -> ops.constant(ElementType.BOOL,
                Shape.of(batch, 1), IntStream.of(all).mapToDouble(length -> t < length ? 1 : 0).toArray()));
    }

    /** Each sequence reversed within its own length. */
    private ValueId backwards(ValueId sequences) {
        if (lengths.isEmpty()) {
            return ops.reverse(sequences, 0);
        }
        Shape shape = ops.shape(sequences);
        int width = shape.dim(2);
        return ops.pick(sequences, shape, flat -> {
            int t = flat / (batch * width);
            int length = lengths.get()[flat / width % batch];
            return t < length ? flat + (length - 1 - 2 * t) * batch * width : flat;
        });
    }

    private List<ValueId> backwards(List<ValueId> outputs) {
        if (lengths.isEmpty()) {
            return outputs.reversed();
        }
        ValueId back = backwards(stack(outputs));
        return IntStream.range(0, time).mapToObj(t -> ops.at(back, 0, t)).toList();
    }

    private ValueId initial(int position, int direction) {
        if (!node.has(position)) {
            return ops.filled(ops.type(x), Shape.of(batch, hidden), 0);
        }
        return ops.at(node.input(position), batchFirst ? 1 : 0, direction);
    }

    private interface Body {
        State next(ValueId projected, State state);
    }

    private record Step(Optional<ValueId> inputBias, Body body) {
    }

    private ValueId gate(ValueId gates, int index, int count) {
        return ops.slice(gates, ops.rank(gates) - 1, index * hidden, count * hidden);
    }

    /** Gate inputs are bounded where the layer says so. */
    private ValueId clipped(ValueId x) {
        double clip = node.real("clip", 0);
        return clip > 0 ? ops.clip(x, -clip, clip) : x;
    }

    private RecurrentActivation activation(int direction, int index) {
        return activations.get(direction * cell.activations.size() + index);
    }

    private ValueId applied(int direction, int index, ValueId x) {
        return activation(direction, index).apply(ops, clipped(x));
    }

    private Optional<ValueId> bothBiases(Optional<ValueId> bias) {
        return bias.map(b -> ops.add(gate(b, 0, cell.gates), gate(b, cell.gates, cell.gates)));
    }

    private Step rnn(int direction, ValueId recurrent, Optional<ValueId> bias) {
        return new Step(bothBiases(bias), (projected, state) -> new State(
                applied(direction, 0, ops.add(projected, ops.matMul(state.hidden, recurrent))), Optional.empty()));
    }

    /** Gates in the order update z, reset r, hidden h. */
    private Step gru(int direction, ValueId recurrent, Optional<ValueId> bias) {
        boolean linearBeforeReset = node.flag("linear_before_reset", false);
        ValueId recurrentGates = ops.slice(recurrent, 1, 0, 2 * hidden);
        ValueId recurrentHidden = ops.slice(recurrent, 1, 2 * hidden, hidden);
        Optional<ValueId> hiddenBias = bias.map(b -> gate(b, 5, 1));
        // The recurrent bias of the hidden gate stays apart only where it is reset too.
        Optional<ValueId> inputBias = bias.map(b -> linearBeforeReset
                ? ops.concat(0, ops.add(gate(b, 0, 2), gate(b, 3, 2)), gate(b, 2, 1)) : ops.add(gate(b, 0, 3), gate(b, 3, 3)));
        return new Step(inputBias, (projected, state) -> {
            ValueId old = state.hidden;
            ValueId zr = applied(direction, 0, ops.add(gate(projected, 0, 2), ops.matMul(old, recurrentGates)));
            ValueId z = gate(zr, 0, 1);
            ValueId r = gate(zr, 1, 1);
            ValueId inner;
            if (linearBeforeReset) {
                ValueId linear = ops.matMul(old, recurrentHidden);
                inner = ops.mul(r, ops.add(linear, hiddenBias));
            } else {
                inner = ops.matMul(ops.mul(r, old), recurrentHidden);
            }
            ValueId candidate = applied(direction, 1, ops.add(gate(projected, 2, 1), inner));
            return new State(ops.add(candidate, ops.mul(z, ops.sub(old, candidate))), Optional.empty());
        });
    }

    /** Gates in the order input i, output o, forget f, cell c; peepholes in the order i, o, f. */
    private Step lstm(int direction, ValueId recurrent, Optional<ValueId> bias) {
        boolean coupled = node.flag("input_forget", false);
        Optional<ValueId> peepholes = node.optional(7).map(p -> ops.at(p, 0, direction));
        return new Step(bothBiases(bias), (projected, state) -> {
            ValueId old = state.cell.orElseThrow();
            ValueId gates = ops.add(projected, ops.matMul(state.hidden, recurrent));
            ValueId candidate = applied(direction, 1, gate(gates, 3, 1));
            ValueId input;
            ValueId forget;
            Optional<ValueId> output = Optional.empty();
            if (peepholes.isEmpty()) {
                // One activation over three gates side by side.
                ValueId three = applied(direction, 0, gate(gates, 0, 3));
                input = gate(three, 0, 1);
                output = Optional.of(gate(three, 1, 1));
                forget = gate(three, 2, 1);
            } else {
                ValueId p = peepholes.get();
                input = applied(direction, 0, ops.add(gate(gates, 0, 1), ops.mul(gate(p, 0, 1), old)));
                forget = applied(direction, 0, ops.add(gate(gates, 2, 1), ops.mul(gate(p, 2, 1), old)));
            }
            ValueId next = coupled ? ops.add(old, ops.mul(input, ops.sub(candidate, old)))
                    : ops.add(ops.mul(forget, old), ops.mul(input, candidate));
            ValueId open = output.isPresent() ? output.get()
                    : applied(direction, 0, ops.add(gate(gates, 1, 1), ops.mul(gate(peepholes.orElseThrow(), 1, 1), next)));
            // The cell's own activation reads no gate, so the bound on gate inputs does not apply to it.
            return new State(ops.mul(open, activation(direction, 2).apply(ops, next)), Optional.of(next));
        });
    }
}
