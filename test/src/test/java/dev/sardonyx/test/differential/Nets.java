package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;

import dev.sardonyx.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/** Draws small random nets of rows of features: dense layers, activations, sums of branches, norms. */
final class Nets {
    private static final int LEAST_OPSET = 17;

    private Nets() {
    }

    private record Branch(String name, int features) {
    }

    /** A net whose inputs and weights reach about {@code scale} and 1. */
    static Net draw(long seed, double scale) {
        var draw = new Draw(seed, LEAST_OPSET);
        int rows = draw.upTo(1, 3);
        var branches = new ArrayList<Branch>();
        int features = draw.upTo(2, 5);
        branches.add(new Branch(draw.real(Shape.of(rows, features), -scale, scale), features));
        int layers = draw.upTo(2, 6);
        for (int i = 0; i < layers; i++) {
            Branch x = branches.get(draw.upTo(Math.max(0, branches.size() - 2), branches.size() - 1));
            branches.add(layer(draw, x, branches));
        }
        return draw.net();
    }

    private static Branch layer(Draw draw, Branch x, List<Branch> branches) {
        return switch (draw.upTo(0, 7)) {
            case 0, 1 -> {
                int out = draw.upTo(1, 5);
                double reach = 1 / Math.sqrt(x.features());
                yield new Branch(draw.node("Gemm", List.of(), x.name(), draw.either(Shape.of(x.features(), out), -reach, reach),
                        draw.either(Shape.of(out), -reach, reach)), out);
            }
            case 2 -> new Branch(draw.node("Relu", List.of(), x.name()), x.features());
            case 3 -> new Branch(draw.node(draw.one("Sigmoid", "Tanh", "Softsign", "Erf"), List.of(), x.name()), x.features());
            case 4 -> new Branch(draw.node("Softmax", List.of(attribute("axis", -1)), x.name()), x.features());
            case 5 -> {
                Branch other = branches.stream().filter(branch -> branch.features() == x.features()).findFirst().orElse(x);
                yield new Branch(draw.node(draw.one("Add", "Sub", "Max", "Min"), List.of(), x.name(), other.name()), x.features());
            }
            case 6 -> new Branch(draw.node("Mul", List.of(), x.name(), draw.either(Shape.of(x.features()), -1, 1)), x.features());
            case 7 -> new Branch(draw.node("Concat", List.of(attribute("axis", 1)), x.name(), branches.getFirst().name()),
                    x.features() + branches.getFirst().features());
            default -> throw new IllegalStateException("eight kinds of layers");
        };
    }
}
