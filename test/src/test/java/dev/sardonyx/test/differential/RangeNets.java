package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/** Draws small random nets whose inputs and whose learned tensors each have a size of their own, from 1e-4 to 1e4. */
final class RangeNets {
    private static final int LEAST_OPSET = 17;
    /** Decades to either side of 1. */
    private static final double DECADES = 4;

    private final Draw draw;
    private final List<Branch> branches = new ArrayList<>();

    private record Branch(String name, int features) {
    }

    private RangeNets(long seed) {
        draw = new Draw(seed, LEAST_OPSET);
    }

    static Net draw(long seed) {
        var nets = new RangeNets(seed);
        Draw draw = nets.draw;
        int features = draw.upTo(2, 6);
        double size = nets.size(DECADES);
        nets.branches.add(new Branch(draw.real(Shape.of(draw.upTo(1, 3), features), draw.coin() ? 0 : -size, size), features));
        int layers = draw.upTo(2, 7);
        for (int i = 0; i < layers; i++) {
            List<Branch> all = nets.branches;
            nets.branches.add(nets.layer(all.get(draw.upTo(Math.max(0, all.size() - 2), all.size() - 1))));
        }
        return draw.net();
    }

    /** A size of any order of magnitude, seldom all of them in one tensor's way: half of the draws are near 1. */
    private double size(double decades) {
        double reach = draw.coin() ? decades : 1;
        return Math.pow(10, reach * (2 * draw.random.nextDouble() - 1));
    }

    private Branch layer(Branch x) {
        return switch (draw.upTo(0, 11)) {
            case 0, 1, 2 -> dense(x);
            case 3 -> of(x, "Relu");
            case 4 -> of(x, draw.one("Sigmoid", "Tanh", "Softsign", "Erf", "Softplus", "Elu"));
            case 5 -> new Branch(draw.node(draw.one("Softmax", "LogSoftmax"), List.of(attribute("axis", -1)), x.name()), x.features());
            case 6 -> {
                Branch other = branches.stream().filter(branch -> branch.features() == x.features()).findFirst().orElse(x);
                yield new Branch(draw.node(draw.one("Add", "Sub", "Max", "Min", "Mul"), List.of(), x.name(), other.name()), x.features());
            }
            case 7 -> {
                double size = size(DECADES);
                yield new Branch(draw.node(draw.one("Mul", "Add"), List.of(), x.name(), draw.constant(draw.reals(Shape.of(x.features()), -size, size))), x.features());
            }
            case 8 -> new Branch(draw.node("Concat", List.of(attribute("axis", 1)), x.name(), branches.getFirst().name()),
                    x.features() + branches.getFirst().features());
            case 9 -> of(x, draw.one("Abs", "Neg", "Sin", "Cos", "Atan", "LeakyRelu", "HardSigmoid"));
            case 10 -> {
                double size = size(DECADES);
                String divisor = draw.constant(draw.reals(Shape.of(x.features()), size / 2, size));
                yield new Branch(draw.node("Div", List.of(), x.name(), divisor), x.features());
            }
            case 11 -> of(new Branch(draw.node("Abs", List.of(), x.name()), x.features()), "Sqrt");
            default -> throw new IllegalStateException("twelve kinds of layers");
        };
    }

    private Branch of(Branch x, String op) {
        return new Branch(draw.node(op, List.of(), x.name()), x.features());
    }

    private Branch dense(Branch x) {
        int out = draw.upTo(1, 6);
        double reach = size(DECADES);
        double bias = size(DECADES);
        return new Branch(draw.node("Gemm", List.of(), x.name(), draw.constant(draw.reals(Shape.of(x.features(), out), -reach, reach)),
                draw.constant(draw.reals(Shape.of(out), -bias, bias))), out);
    }
}
