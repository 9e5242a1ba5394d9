package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.List;

/** Optional values inside a model: whether one is there is known at import. */
final class Optionals {
    static final List<Operator> TABLE = List.of(
            core("Optional").versions(15).translates(node -> node.output(0, node.has(0) ? node.held(0) : new Held.Absent())),
            core("OptionalHasElement").versions(15, 18).gives(node -> node.ops()
                    .open(Tensor.ofLongs(ElementType.BOOL, Shape.SCALAR, node.has(0) ? 1 : 0))),
            core("OptionalGetElement").versions(15, 18).translates(node -> node.output(0, node.held(0))));

    private Optionals() {
    }
}
