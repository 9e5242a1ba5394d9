package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ValueId;
import java.util.List;

/** Interpolation on regular grids, whose weights are public. */
final class Resizing {
    static final List<Operator> TABLE = List.of(
            core("Resize").versions(10, 11, 13, 18, 19).publicInputs(1, 2, 3).note("scales, sizes and region are public")
                    .gives(node -> new Resize(node).translate()),
            core("Upsample").versions(7, 9).publicInputs(1).gives(Resizing::upsample));

    private Resizing() {
    }

    private static ValueId upsample(NodeContext node) {
        if (node.opset() >= 10) {
            throw new RefusedNode("removed in opset 10; expected Resize");
        }
        return new Resize(node).translate();
    }
}
