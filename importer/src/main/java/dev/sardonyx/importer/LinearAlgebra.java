package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Optional;

/** Matrix products. */
final class LinearAlgebra {
    static final List<Operator> TABLE = List.of(
            core("MatMul").gives(node -> node.ops().matMul(node.input(0), node.input(1))),
            core("Gemm").versions(6, 11).gives(LinearAlgebra::gemm),
            core("Einsum").versions(12).gives(node -> new Einsum(node).translate()),
            core("Det").versions(11).note("matrices up to 3×3").gives(LinearAlgebra::determinant));

    private LinearAlgebra() {
    }

    static ValueId gemm(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId a = node.flag("transA", false) ? ops.transposeMatrix(node.input(0)) : node.input(0);
        ValueId b = node.flag("transB", false) ? ops.transposeMatrix(node.input(1)) : node.input(1);
        ValueId product = ops.mul(ops.add(new Op.MatMul(), a, b), node.real("alpha", 1));
        Optional<ValueId> c = node.optional(2);
        if (c.isEmpty()) {
            return product;
        }
        Shape target = ops.shape(product);
        if (!Shape.broadcast(ops.shape(c.get()), target).equals(target)) {
            throw node.invalid("C has shape " + ops.shape(c.get()) + "; expected one that broadcasts to " + target);
        }
        return ops.add(product, ops.mul(c.get(), node.real("beta", 1)));
    }

    /** By cofactors, which beats elimination (a division per column) up to 3×3. */
    private static ValueId determinant(NodeContext node) {
        GraphOps ops = node.ops();
        ValueId x = node.input(0);
        int n = ops.dim(x, -1);
        if (ops.rank(x) < 2 || ops.dim(x, -2) != n) {
            throw node.invalid("shape " + ops.shape(x) + "; expected square matrices");
        }
        if (n == 0 || n > 3) {
            throw new RefusedNode("matrices of " + n + "×" + n + "; expected at most 3×3");
        }
        return minor(ops, x, 0, (1 << n) - 1);
    }

    private static ValueId minor(GraphOps ops, ValueId x, int row, int columns) {
        Optional<ValueId> sum = Optional.empty();
        boolean negative = false;
        for (int column = 0; 1 << column <= columns; column++) {
            if ((columns >> column & 1) == 0) {
                continue;
            }
            ValueId element = ops.at(ops.at(x, -2, row), -1, column);
            int rest = columns & ~(1 << column);
            ValueId term = rest == 0 ? element : ops.mul(element, minor(ops, x, row + 1, rest));
            boolean subtract = negative;
            sum = Optional.of(sum.map(present -> subtract ? ops.sub(present, term) : ops.add(present, term)).orElse(term));
            negative = !negative;
        }
        return sum.orElseThrow();
    }
}
