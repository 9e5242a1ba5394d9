package dev.sardonyx.importer;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Einstein sums: any equation over letters and one ellipsis. Operands are contracted from left to right, each pair as one batched
 * matrix product over (letters of both that stay) × (letters summed here).
 */
final class Einsum {
    /** Upper-case Greek stands for the ellipsis' axes, which have no letters of their own. */
    private static final char ELLIPSIS_BASE = '\u0391';

    private record Term(ValueId value, List<Character> axes) {
    }

    private final NodeContext node;
    private final GraphOps ops;
    private final Map<Character, Integer> extents = new LinkedHashMap<>();

    Einsum(NodeContext node) {
        this.node = node;
        this.ops = node.ops();
    }

    ValueId translate() {
        String equation = node.text("equation", "").replace(" ", "");
        int arrow = equation.indexOf("->");
        String[] left = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        if (left.length != node.inputCount()) {
            throw node.invalid("equation '" + equation + "' has " + left.length + " terms; expected one for each of " + node.inputCount()
                    + " inputs");
        }
        int ellipsisRank = IntStream.range(0, left.length).filter(i -> left[i].contains("..."))
                .map(i -> ops.rank(node.input(i)) - (left[i].length() - 3)).max().orElse(0);
        var terms = new ArrayList<Term>();
        for (int i = 0; i < left.length; i++) {
            terms.add(term(node.input(i), letters(left[i], Math.max(0, left[i].contains("...") ? ops.rank(node.input(i)) - left[i].length() + 3 : 0),
                    ellipsisRank)));
        }
        List<Character> output = arrow < 0 ? implicitOutput(left, ellipsisRank)
                : letters(equation.substring(arrow + 2), ellipsisRank, ellipsisRank);
        for (char letter : output) {
            if (!extents.containsKey(letter)) {
                throw node.invalid("equation '" + equation + "' has an output axis that no input has");
            }
        }
        Term result = terms.getFirst();
        for (int i = 1; i < terms.size(); i++) {
            Set<Character> later = new LinkedHashSet<>(output);
            terms.subList(i + 1, terms.size()).forEach(term -> later.addAll(term.axes));
            result = contract(result, terms.get(i), later);
        }
        return arrange(sumOut(result, new LinkedHashSet<>(output)), output);
    }

    /** The axes of a term; those of the ellipsis are aligned at the right. */
    private List<Character> letters(String term, int ownEllipsis, int ellipsisRank) {
        var letters = new ArrayList<Character>();
        for (int i = 0; i < term.length(); i++) {
            if (term.startsWith("...", i)) {
                IntStream.range(ellipsisRank - ownEllipsis, ellipsisRank).forEach(axis -> letters.add((char) (ELLIPSIS_BASE + axis)));
                i += 2;
            } else if (Character.isLetter(term.charAt(i))) {
                letters.add(term.charAt(i));
            } else {
                throw node.invalid("equation term '" + term + "'; expected letters and at most one ellipsis");
            }
        }
        return letters;
    }

    private List<Character> implicitOutput(String[] left, int ellipsisRank) {
        var output = letters(ellipsisRank > 0 ? "..." : "", ellipsisRank, ellipsisRank);
        String all = String.join("", left).replace(".", "");
        all.chars().sorted().distinct().filter(c -> all.indexOf(c) == all.lastIndexOf(c)).forEach(c -> output.add((char) c));
        return output;
    }

    /** Notes extents and takes diagonals where a letter stands twice. */
    private Term term(ValueId input, List<Character> letters) {
        if (letters.size() != ops.rank(input)) {
            throw node.invalid("an equation term has " + letters.size() + " axes; expected " + ops.rank(input) + " as " + ops.shape(input));
        }
        ValueId value = input;
        var axes = new ArrayList<>(letters);
        for (int axis = 0; axis < axes.size(); axis++) {
            int twin = axes.subList(0, axis).indexOf(axes.get(axis));
            if (twin >= 0) {
                value = diagonal(value, twin, axis);
                axes.remove(axis--);
            }
        }
        for (int axis = 0; axis < axes.size(); axis++) {
            int extent = ops.dim(value, axis);
            int known = extents.merge(axes.get(axis), extent, (a, b) -> a == 1 ? b : a);
            if (extent != known && extent != 1) {
                throw node.invalid("axis '" + axes.get(axis) + "' has extents " + known + " and " + extent);
            }
        }
        return new Term(value, axes);
    }

    private ValueId diagonal(ValueId x, int first, int second) {
        int extent = ops.dim(x, first);
        var shape = ops.shape(x);
        int inner = shape.size(second + 1, shape.rank());
        int[] strides = shape.strides();
        var dims = new ArrayList<>(shape.dims());
        dims.remove(second);
        var target = new Shape(dims);
        int[] targetStrides = target.strides();
        if (ops.dim(x, second) != extent) {
            throw node.invalid("a repeated axis has extents " + extent + " and " + ops.dim(x, second));
        }
        return ops.pick(x, target, flat -> {
            int at = flat / targetStrides[first] % extent;
            return flat / inner * (inner * extent) + flat % inner + at * strides[second];
        });
    }

    private Term contract(Term a, Term b, Set<Character> later) {
        Set<Character> shared = new LinkedHashSet<>(a.axes);
        shared.retainAll(b.axes);
        Set<Character> keepA = new LinkedHashSet<>(later);
        keepA.addAll(shared);
        Term left = sumOut(a, keepA);
        Term right = sumOut(b, keepA);
        List<Character> batch = left.axes.stream().filter(c -> right.axes.contains(c) && later.contains(c)).toList();
        List<Character> summed = left.axes.stream().filter(c -> right.axes.contains(c) && !later.contains(c)).toList();
        List<Character> rows = left.axes.stream().filter(c -> !right.axes.contains(c)).toList();
        List<Character> columns = right.axes.stream().filter(c -> !left.axes.contains(c)).toList();
        ValueId product = ops.matMul(matrix(left, batch, rows, summed), matrix(right, batch, summed, columns));
        var axes = new ArrayList<>(batch);
        axes.addAll(rows);
        axes.addAll(columns);
        return new Term(ops.reshape(product, axes.stream().mapToInt(extents::get).toArray()), axes);
    }

    /** As [batch, rows, columns], each a product of extents. */
    private ValueId matrix(Term term, List<Character> batch, List<Character> rows, List<Character> columns) {
        var order = new ArrayList<>(batch);
        order.addAll(rows);
        order.addAll(columns);
        ValueId arranged = arrange(term, order);
        ValueId full = ops.expand(arranged, Shape.of(order.stream().mapToInt(extents::get).toArray()));
        return ops.reshape(full, product(batch), product(rows), product(columns));
    }

    private int product(List<Character> letters) {
        return letters.stream().mapToInt(extents::get).reduce(1, Math::multiplyExact);
    }

    private Term sumOut(Term term, Set<Character> keep) {
        int[] gone = IntStream.range(0, term.axes.size()).filter(axis -> !keep.contains(term.axes.get(axis))).toArray();
        if (gone.length == 0) {
            return term;
        }
        List<Character> axes = term.axes.stream().filter(keep::contains).collect(Collectors.toList());
        ValueId sum = ops.sum(term.value, gone);
        int[] dims = IntStream.range(0, term.axes.size()).filter(axis -> keep.contains(term.axes.get(axis))).map(axis -> ops.dim(sum, axis)).toArray();
        return new Term(ops.reshape(sum, dims), axes);
    }

    private ValueId arrange(Term term, List<Character> order) {
        return ops.transpose(term.value, order.stream().mapToInt(term.axes::indexOf).toArray());
    }
}
