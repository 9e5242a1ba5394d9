package dev.sardonyx.cli;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Translations that a careless translator could make: the operator with another attribute, its result of the same shape. */
final class WrongOps {
    private WrongOps() {
    }

    static List<Op> of(Op op, Shape shape) {
        return switch (op) {
            case Op.Relu _ -> List.of(new Op.LeakyRelu(0.3), new Op.Clip(0, 0.1));
            case Op.LeakyRelu(double slope) -> List.of(new Op.LeakyRelu(slope + 0.5));
            case Op.Clip(double low, double high) -> List.of(new Op.Clip(low, low + (Math.min(high, 1e3) - Math.max(low, -1e3)) / 8));
            case Op.Binary(var function) -> switch (function) {
                case ADD -> List.of(new Op.Binary(Op.Binary.Function.SUB));
                case SUB, MUL -> List.of(new Op.Binary(Op.Binary.Function.ADD));
                case MAX -> List.of(new Op.Binary(Op.Binary.Function.MIN));
                case MIN -> List.of(new Op.Binary(Op.Binary.Function.MAX));
                case DIV, POW, MODULO, REMAINDER -> List.of();
            };
            case Op.Unary(var function) -> function == Elementary.TANH ? List.of(new Op.Unary(Elementary.SIGMOID)) : List.of(new Op.Unary(Elementary.TANH));
            case Op.Softmax(int axis) -> otherAxes(axis, shape).stream().<Op>map(Op.Softmax::new).toList();
            case Op.LogSoftmax(int axis) -> otherAxes(axis, shape).stream().<Op>map(Op.LogSoftmax::new).toList();
            case Op.MaxPool(var window) -> List.of(new Op.AveragePool(window, true, window.padsEnd()));
            case Op.AveragePool pool -> List.of(new Op.MaxPool(pool.window()));
            case Op.Conv(var window, int groups) -> shifted(window).<List<Op>>map(other -> List.of(new Op.Conv(other, groups))).orElse(List.of());
            case Op.Reduce reduce -> List.of(new Op.Reduce(reduce.function() == Op.Reduce.Function.SUM ? Op.Reduce.Function.MAX : Op.Reduce.Function.SUM, reduce.axes()));
            case Op _ -> List.of();
        };
    }

    /** Padding that belongs behind put before: SAME_LOWER for SAME_UPPER, and the like. */
    private static Optional<Window> shifted(Window window) {
        List<Integer> begin = new ArrayList<>();
        List<Integer> end = new ArrayList<>();
        for (int i = 0; i < window.padsBegin().size(); i++) {
            int all = window.padsBegin().get(i) + window.padsEnd().get(i);
            begin.add(window.padsBegin().get(i) == all ? 0 : all);
            end.add(all - begin.get(i));
        }
        boolean changed = !begin.equals(window.padsBegin());
        return changed ? Optional.of(new Window(window.kernel(), window.strides(), window.dilations(), begin, end)) : Optional.empty();
    }

    private static List<Integer> otherAxes(int axis, Shape shape) {
        List<Integer> others = new ArrayList<>();
        for (int other = 0; other < shape.rank(); other++) {
            if (other != axis) {
                others.add(other);
            }
        }
        return others;
    }
}
