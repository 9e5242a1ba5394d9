package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.Optional;

/** The logarithm of a sum of exponentials, taken around the maximum: {@code max + log(Σ exp(x − max))} stays within any ring. */
final class LogSumExp {
    static final GraphPass PASS = new DraftPass("log-sum-exp",
            "the logarithm of a sum of exponentials is taken around the maximum, where none overflows", LogSumExp::apply);

    private LogSumExp() {
    }

    private static void apply(Draft draft, Node node) {
        if (!node.op().equals(new Op.Unary(Elementary.LOG))) {
            return;
        }
        Optional<Node> last = producer(draft, node.inputs().getFirst());
        boolean reshaped = last.isPresent() && last.get().op() instanceof Op.Reshape;
        Optional<Node> sum = reshaped ? producer(draft, last.get().inputs().getFirst()) : last;
        if (sum.isEmpty() || !(sum.get().op() instanceof Op.Reduce(var function, var axes)) || function != Op.Reduce.Function.SUM) {
            return;
        }
        Optional<Node> exponential = producer(draft, sum.get().inputs().getFirst());
        if (exponential.isEmpty() || !exponential.get().op().equals(new Op.Unary(Elementary.EXP))) {
            return;
        }
        ValueId x = exponential.get().inputs().getFirst();
        if (draft.shape(x).size() == 0 || isCentred(draft, x)) {
            return;
        }
        Node.Origin origin = node.origin();
        ValueId highest = draft.add(origin, new Op.Reduce(Op.Reduce.Function.MAX, axes), x);
        ValueId distance = draft.add(origin, new Op.Binary(Function.SUB), x, highest);
        ValueId total = draft.add(origin, sum.get().op(), draft.add(origin, new Op.Unary(Elementary.EXP), distance));
        ValueId result = draft.add(origin, new Op.Binary(Function.ADD), draft.add(origin, node.op(), total), highest);
        ValueId shaped = reshaped ? draft.add(origin, last.get().op(), result) : result;
        draft.replace(node.output(), cast(draft, origin, shaped, node.output()));
    }

    /** Whether a maximum was taken off already: doing so again would cost one for nothing. */
    private static boolean isCentred(Draft draft, ValueId x) {
        return draft.producer(x).filter(node -> node.op().equals(new Op.Binary(Function.SUB)))
                .flatMap(node -> draft.producer(node.inputs().get(1)))
                .filter(node -> node.op() instanceof Op.Reduce(var function, var _) && function == Op.Reduce.Function.MAX).isPresent();
    }

    private static ValueId cast(Draft draft, Node.Origin origin, ValueId value, ValueId like) {
        var type = draft.value(like).type();
        return draft.value(value).type() == type ? value : draft.add(origin, new Op.Cast(type), value);
    }

    /** What makes a value that nothing else reads, past casts between floating types. */
    private static Optional<Node> producer(Draft draft, ValueId value) {
        Optional<Node> producer = draft.producer(value).filter(node -> draft.isSolelyRead(node.output()));
        boolean cast = producer.filter(node -> node.op() instanceof Op.Cast(var to) && to.isFloating()
                && draft.value(node.inputs().getFirst()).type().isFloating()).isPresent();
        return cast ? producer(draft, producer.get().inputs().getFirst()) : producer;
    }
}
