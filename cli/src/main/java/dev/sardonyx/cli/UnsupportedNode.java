package dev.sardonyx.cli;

import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.planner.PlanException;
import java.util.List;

/** A node that no secure run can do, as JSON lists it. */
record UnsupportedNode(String node, String op, long opset, String reason) {

    static List<UnsupportedNode> of(ImportException e, OnnxModel model) {
        if (e.unsupported().isEmpty()) {
            return List.of(new UnsupportedNode("", "", model.opsets().getOrDefault("", 0L), String.valueOf(e.getMessage())));
        }
        return e.unsupported().stream().map(node -> new UnsupportedNode(node.node(), node.op(), node.opset(), node.reason())).toList();
    }

    static List<UnsupportedNode> of(PlanException e, OnnxModel model) {
        return e.problems().stream().map(problem -> new UnsupportedNode(problem.node(), problem.op(), opset(problem.op(), model), problem.reason())).toList();
    }

    private static long opset(String op, OnnxModel model) {
        int dot = op.lastIndexOf('.');
        return model.opsets().getOrDefault(dot < 0 ? "" : op.substring(0, dot), 0L);
    }

    void write(Json json) {
        json.object(() -> {
            json.name("node").value(node);
            json.name("op").value(op);
            json.name("opset").value(opset);
            json.name("reason").value(reason);
        });
    }

    /** The document of a model that cannot be planned. */
    static String json(List<UnsupportedNode> nodes) {
        var json = new Json();
        json.object(() -> {
            json.name("nodes").array(() -> {
            });
            json.name("unsupported").array(() -> nodes.forEach(node -> node.write(json)));
        });
        return json.toString();
    }
}
