package dev.sardonyx.graph.passes;

import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Op.Binary.Function;
import dev.sardonyx.graph.ScalarFunction.Elementary;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;

/**
 * Brings constants together across a value that is reckoned at run time: {@code p1·(p0·s)} becomes {@code (p1·p0)·s}, one product on
 * shares less; sums and differences likewise.
 */
final class VisibilityReorder {
    static final GraphPass PASS = new DraftPass("visibility-reorder",
            "constants that meet a secret value one after the other are combined first", VisibilityReorder::apply);

    private VisibilityReorder() {
    }

    /** {@code ±value ± constant}, or {@code value · constant}. */
    private record Term(ValueId value, boolean valueNegated, ValueId constant, boolean constantNegated) {
    }

    private static void apply(Draft draft, Node node) {
        if (!(node.op() instanceof Op.Binary(var function))) {
            return;
        }
        Optional<Term> outer = term(draft, node);
        Optional<Node> within = outer.filter(term -> draft.isSolelyRead(term.value())).flatMap(term -> draft.producer(term.value()));
        Optional<Term> inner = within.filter(other -> other.op() instanceof Op.Binary(var before) && isProduct(before) == isProduct(function))
                .flatMap(other -> term(draft, other));
        if (inner.isEmpty()) {
            productOfProducts(draft, node);
            return;
        }
        draft.replace(node.output(),
                isProduct(function) ? product(draft, node, outer.get(), inner.get()) : sum(draft, node, outer.get(), inner.get()));
    }

    private static boolean isProduct(Function function) {
        return function == Function.MUL;
    }

    private static Optional<Term> term(Draft draft, Node node) {
        if (!(node.op() instanceof Op.Binary(var function))) {
            return Optional.empty();
        }
        ValueId left = node.inputs().get(0);
        ValueId right = node.inputs().get(1);
        boolean fits = draft.isConstant(left) != draft.isConstant(right) && switch (function) {
            case ADD, SUB, MUL -> true;
            case DIV, MIN, MAX, POW, MODULO, REMAINDER -> false;
        };
        if (!fits) {
            return Optional.empty();
        }
        boolean subtracts = function == Function.SUB;
        return Optional.of(draft.isConstant(left) ? new Term(right, subtracts, left, false) : new Term(left, false, right, subtracts));
    }

    private static ValueId product(Draft draft, Node node, Term outer, Term inner) {
        ValueId constant = draft.compute(node.origin(), new Op.Binary(Function.MUL), inner.constant(), outer.constant());
        return draft.add(node.origin(), new Op.Binary(Function.MUL), inner.value(), constant);
    }

    private static ValueId sum(Draft draft, Node node, Term outer, Term inner) {
        boolean innerNegated = inner.constantNegated() != outer.valueNegated();
        ValueId constant = sumOfConstants(draft, node, List.of(inner.constant(), outer.constant()), innerNegated, outer.constantNegated());
        boolean valueNegated = inner.valueNegated() != outer.valueNegated();
        return valueNegated ? draft.add(node.origin(), new Op.Binary(Function.SUB), constant, inner.value())
                : draft.add(node.origin(), new Op.Binary(Function.ADD), inner.value(), constant);
    }

    private static ValueId sumOfConstants(Draft draft, Node node, List<ValueId> constants, boolean firstNegated, boolean secondNegated) {
        ValueId first = constants.get(0);
        ValueId second = constants.get(1);
        if (!firstNegated) {
            return draft.compute(node.origin(), new Op.Binary(secondNegated ? Function.SUB : Function.ADD), first, second);
        }
        if (!secondNegated) {
            return draft.compute(node.origin(), new Op.Binary(Function.SUB), second, first);
        }
        ValueId sum = draft.compute(node.origin(), new Op.Binary(Function.ADD), first, second);
        return draft.compute(node.origin(), new Op.Unary(Elementary.NEGATE), sum);
    }

    /** (p0·s)·(p1·t) = (p0·p1)·(s·t). */
    private static void productOfProducts(Draft draft, Node node) {
        boolean multiplies = node.op().equals(new Op.Binary(Function.MUL)) && node.inputs().stream().allMatch(draft::isSolelyRead);
        List<Term> factors = multiplies
                ? node.inputs().stream().flatMap(id -> draft.producer(id).filter(inner -> inner.op().equals(node.op())).stream())
                        .flatMap(inner -> term(draft, inner).stream()).toList()
                : List.of();
        if (factors.size() != 2) {
            return;
        }
        ValueId constant = draft.compute(node.origin(), node.op(), factors.get(0).constant(), factors.get(1).constant());
        ValueId rest = draft.add(node.origin(), node.op(), factors.get(0).value(), factors.get(1).value());
        draft.replace(node.output(), draft.add(node.origin(), node.op(), rest, constant));
    }
}
