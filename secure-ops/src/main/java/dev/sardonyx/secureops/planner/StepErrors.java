package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.Value;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.planner.StepLog.DraftStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How errors pass through the steps of a plan: every truncation and every rounding of a constant adds its own, products and sums carry
 * on what they are given. What depends on a comparison of numbers that are not exact may be either of two values here; operators that are
 * continuous all the same have their own rules, see {@link NodeErrors}.
 */
final class StepErrors {
    private final Graph graph;
    private final Map<Integer, ErrorBound> errors = new HashMap<>();
    private final Map<Integer, Tensor> constants = new HashMap<>();
    private final Map<Integer, Interval> usual = new HashMap<>();

    StepErrors(Graph graph) {
        this.graph = graph;
    }

    ErrorBound of(Draft draft) {
        return Objects.requireNonNull(errors.get(draft.id()), () -> "no error of value " + draft.id());
    }

    /** Puts a bound that somebody can prove in the place of the one that the steps give. */
    void state(Draft draft, ErrorBound error) {
        errors.put(draft.id(), error);
    }

    /** Takes it that a value usually lies in a range; likely bounds count on it. */
    void usually(Draft draft, Interval range) {
        usual.put(draft.id(), draft.range().intersect(range));
    }

    /** Where a value usually lies: its planned range, if nothing better is known. */
    Interval usual(Draft draft) {
        return usual.getOrDefault(draft.id(), draft.range());
    }

    static double unit(Draft draft) {
        return Math.scalb(1.0, -draft.fractionBits());
    }

    /** Reckons the errors of a step's outputs from those of its inputs. */
    void pass(DraftStep step) {
        List<Draft> in = step.inputs();
        Draft first = step.outputs().getFirst();
        ErrorBound error = switch (step.instruction()) {
            case Instruction.Input(String name) -> input(name, first);
            case Instruction.Weight(var id) -> weight(first, Objects.requireNonNull(graph.constants().get(id)).tensor());
            case Instruction.Literal _ -> first.fractionBits() == 0 || first.isBits() ? ErrorBound.EXACT : ErrorBound.EXACT.rounded(unit(first));
            case Instruction.Free _ -> ErrorBound.EXACT;
            case Instruction.Add _, Instruction.Subtract _ -> of(in.get(0)).plus(of(in.get(1)));
            case Instruction.Negate _, Instruction.Not _ -> of(in.getFirst());
            case Instruction.ShiftLeft(int bits) -> rescaled(first, in.getFirst(), bits, 0);
            case Instruction.Truncate(int bits) -> rescaled(first, in.getFirst(), 0, bits).truncated(unit(first));
            case Instruction.Move _ -> moved(first, in);
            case Instruction.Sum(var axes) -> RowNorms.bounded(1, axes.stream().mapToInt(in.getFirst().shape()::dim).reduce(1, Math::multiplyExact))
                    .apply(of(in.getFirst()));
            case Instruction.SumWindow(var window) -> RowNorms.bounded(1, window.kernel().stream().reduce(1, Math::multiplyExact)).apply(of(in.getFirst()));
            case Instruction.CumulativeSum sum -> RowNorms.bounded(1, Math.max(1, in.getFirst().shape().dim(sum.axis()))).apply(of(in.getFirst()));
            case Instruction.Multiply _ -> products(in);
            case Instruction.MatMul _ -> matmul(in.get(0), in.get(1));
            case Instruction.Convolve _ -> convolution(in.get(0), in.get(1));
            case Instruction.Compare compare -> of(in.getFirst()).isExact() && compare.lowBit() == 0 ? ErrorBound.EXACT : ErrorBound.systematic(1);
            case Instruction.And _, Instruction.Xor _ -> of(in.get(0)).max(of(in.get(1)));
            case Instruction.Select _ -> of(in.get(0)).isExact() ? of(in.get(1))
                    : of(in.get(1)).plus(jump(in.get(1).range().magnitude(), usual(in.get(1)).magnitude()));
            case Instruction.Combine _ -> ErrorBound.EXACT;
        };
        for (Draft output : step.outputs()) {
            state(output, step.instruction() instanceof Instruction.Combine ? combined(in, output) : error);
        }
    }

    private static ErrorBound jump(double most, double usual) {
        return ErrorBound.of(most, usual, 0);
    }

    private ErrorBound input(String name, Draft draft) {
        boolean whole = draft.isBits() || graph.inputs().stream().map(graph::value).filter(value -> value.name().equals(name)).map(Value::type)
                .noneMatch(ElementType::isFloating);
        return whole ? ErrorBound.EXACT : ErrorBound.EXACT.rounded(unit(draft));
    }

    private ErrorBound weight(Draft draft, Tensor tensor) {
        constants.put(draft.id(), tensor);
        if (!tensor.type().isFloating()) {
            return ErrorBound.EXACT;
        }
        double greatest = 0;
        double squares = 0;
        for (int i = 0; i < tensor.size(); i++) {
            double raw = Math.scalb(tensor.getDouble(i), draft.fractionBits());
            double off = Math.abs(raw - Math.rint(raw));
            greatest = Math.max(greatest, off);
            squares += off * off;
        }
        return new ErrorBound(greatest, 0, tensor.size() == 0 ? 0 : Math.sqrt(squares / tensor.size())).times(unit(draft));
    }

    /** The same raw number, shifted, read at another scale. */
    private ErrorBound rescaled(Draft output, Draft input, int left, int right) {
        if (constants.containsKey(input.id()) && output.fractionBits() == input.fractionBits() + left - right) {
            constants.put(output.id(), constants.get(input.id()));
        }
        double factor = Math.scalb(1.0, left - right + input.fractionBits() - output.fractionBits());
        inherit(output, input, factor);
        return of(input).times(factor);
    }

    private void inherit(Draft output, Draft input, double factor) {
        Interval range = usual.get(input.id());
        if (range != null && !usual.containsKey(output.id())) {
            usual.put(output.id(), output.range().intersect(range.times(factor)));
        }
    }

    private ErrorBound moved(Draft output, List<Draft> in) {
        ErrorBound error = ErrorBound.EXACT;
        if (in.size() == 1) {
            inherit(output, in.getFirst(), Math.scalb(1.0, in.getFirst().fractionBits() - output.fractionBits()));
        }
        for (Draft input : in) {
            error = error.max(of(input).times(Math.scalb(1.0, input.fractionBits() - output.fractionBits())));
        }
        return error;
    }

    /** Of Σ a·b: |a·b − a'·b'| ≤ |a|·e_b + |b|·e_a + e_a·e_b. */
    private ErrorBound products(List<Draft> in) {
        ErrorBound sum = ErrorBound.EXACT;
        for (int i = 0; i < in.size(); i += 2) {
            Draft a = in.get(i);
            Draft b = in.get(i + 1);
            sum = sum.plus(magnified(of(b), a)).plus(magnified(of(a), b)).plus(both(a, b, 1));
        }
        return sum;
    }

    private ErrorBound magnified(ErrorBound error, Draft factor) {
        return likely(error.times(factor.range().magnitude()), error.times(usual(factor).magnitude()));
    }

    /** What one bound proves and another makes likely. */
    static ErrorBound likely(ErrorBound proven, ErrorBound likely) {
        return ErrorBound.of(proven.proven(), likely.shift(), likely.spread());
    }

    private ErrorBound both(Draft a, Draft b, int depth) {
        if (of(a).isExact() || of(b).isExact()) {
            return ErrorBound.EXACT;
        }
        return ErrorBound.of(depth * of(a).proven() * of(b).proven(), RowNorms.independent(depth) * of(a).likely() * of(b).likely(), 0);
    }

    private ErrorBound matmul(Draft a, Draft b) {
        int depth = Math.max(1, a.shape().dim(-1));
        return carried(a, b, rows(b, depth, b.shape().dim(-1)), depth).plusIndependent(carried(b, a, rows(a, depth, 1), depth)).plus(both(a, b, depth));
    }

    private Optional<RowNorms> rows(Draft draft, int depth, int stride) {
        return Optional.ofNullable(constants.get(draft.id())).filter(tensor -> tensor.shape().rank() >= 2)
                .map(tensor -> RowNorms.of(tensor, new WeightRows(tensor.size() / depth, depth, stride)));
    }

    private ErrorBound convolution(Draft x, Draft w) {
        int depth = Math.max(1, w.shape().size(1, w.shape().rank()));
        Tensor tensor = constants.get(w.id());
        Optional<RowNorms> filters = Optional.ofNullable(tensor).map(numbers -> RowNorms.of(numbers, WeightRows.filters(w.shape())));
        return carried(x, w, filters, depth).plusIndependent(carried(w, x, Optional.empty(), depth)).plus(both(x, w, depth));
    }

    /** The error that a sum of products by a factor carries on, whose rows are known or bounded. */
    private ErrorBound carried(Draft x, Draft factor, Optional<RowNorms> rows, int depth) {
        return rows.map(known -> known.apply(of(x))).orElseGet(() -> likely(RowNorms.bounded(factor.range().magnitude(), depth).apply(of(x)),
                RowNorms.bounded(usual(factor).magnitude(), depth).apply(of(x))));
    }

    /** Public numbers chosen by bits: exact but for rounding, or any of them. */
    private ErrorBound combined(List<Draft> bits, Draft output) {
        ErrorBound rounding = output.fractionBits() == 0 ? ErrorBound.EXACT : ErrorBound.EXACT.rounded(unit(output));
        boolean exact = bits.stream().allMatch(bit -> of(bit).isExact());
        return exact ? rounding : rounding.plus(ErrorBound.systematic(output.range().high() - output.range().low()));
    }
}
