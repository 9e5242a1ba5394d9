package dev.sardonyx.importer;

import static dev.sardonyx.importer.Protos.graph;
import static dev.sardonyx.importer.Protos.input;
import static dev.sardonyx.importer.Protos.model;
import static dev.sardonyx.importer.Protos.output;
import static dev.sardonyx.importer.Protos.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.sardonyx.graph.Evaluator;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.proto.AttributeProto;
import dev.sardonyx.importer.proto.AttributeProto.AttributeType;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tree ensembles as products and comparisons, against walking random trees from root to leaf. */
class TreeEnsemblesTest {
    private static final long SEED = 4_711;
    private static final int FEATURES = 3;
    private static final List<String> MODES = List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ");

    private record Row(int tree, int number, int feature, String mode, float threshold, int yes, int no, float weight) {
    }

    /** Random trees, the rows of each in the order of their numbers. */
    private static List<List<Row>> forest(Random random, int trees) {
        var forest = new ArrayList<List<Row>>();
        for (int tree = 0; tree < trees; tree++) {
            var rows = new ArrayList<Row>();
            grow(random, tree, rows, 3);
            forest.add(rows);
        }
        return forest;
    }

    private static int grow(Random random, int tree, List<Row> rows, int depth) {
        int number = rows.size();
        float quarter = random.nextInt(-8, 9) / 4f;
        if (depth == 0 || random.nextInt(4) == 0) {
            rows.add(new Row(tree, number, 0, "LEAF", 0, 0, 0, quarter));
            return number;
        }
        rows.add(new Row(tree, number, 0, "", 0, 0, 0, 0));
        int yes = grow(random, tree, rows, depth - 1);
        int no = grow(random, tree, rows, depth - 1);
        rows.set(number, new Row(tree, number, random.nextInt(FEATURES), MODES.get(random.nextInt(MODES.size())), quarter, yes, no, 0));
        return number;
    }

    private static float walk(List<Row> tree, float[] x) {
        Row row = tree.getFirst();
        while (!row.mode.equals("LEAF")) {
            float value = x[row.feature];
            boolean holds = switch (row.mode) {
                case "BRANCH_LEQ" -> value <= row.threshold;
                case "BRANCH_LT" -> value < row.threshold;
                case "BRANCH_GTE" -> value >= row.threshold;
                case "BRANCH_GT" -> value > row.threshold;
                case "BRANCH_EQ" -> value == row.threshold;
                default -> value != row.threshold;
            };
            row = tree.get(holds ? row.yes : row.no);
        }
        return row.weight;
    }

    private static OnnxModel regressor(List<List<Row>> forest, String function) {
        List<Row> rows = forest.stream().flatMap(List::stream).toList();
        List<Row> leaves = rows.stream().filter(row -> row.mode.equals("LEAF")).toList();
        var node = NodeProto.newBuilder().setName("trees").setOpType("TreeEnsembleRegressor").setDomain("ai.onnx.ml").addInput("x").addOutput("y")
                .addAttribute(Protos.attribute("n_targets", 1L))
                .addAttribute(AttributeProto.newBuilder().setName("aggregate_function").setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(function)))
                .addAttribute(longs("nodes_treeids", rows.stream().mapToInt(Row::tree)))
                .addAttribute(longs("nodes_nodeids", rows.stream().mapToInt(Row::number)))
                .addAttribute(longs("nodes_featureids", rows.stream().mapToInt(Row::feature)))
                .addAttribute(longs("nodes_truenodeids", rows.stream().mapToInt(Row::yes)))
                .addAttribute(longs("nodes_falsenodeids", rows.stream().mapToInt(Row::no)))
                .addAttribute(longs("target_treeids", leaves.stream().mapToInt(Row::tree)))
                .addAttribute(longs("target_nodeids", leaves.stream().mapToInt(Row::number)))
                .addAttribute(longs("target_ids", leaves.stream().mapToInt(row -> 0)));
        var modes = AttributeProto.newBuilder().setName("nodes_modes").setType(AttributeType.STRINGS);
        rows.forEach(row -> modes.addStrings(ByteString.copyFromUtf8(row.mode)));
        var thresholds = AttributeProto.newBuilder().setName("nodes_values").setType(AttributeType.FLOATS);
        rows.forEach(row -> thresholds.addFloats(row.threshold));
        var weights = AttributeProto.newBuilder().setName("target_weights").setType(AttributeType.FLOATS);
        leaves.forEach(row -> weights.addFloats(row.weight));
        return read(model(15, graph(node.addAttribute(modes).addAttribute(thresholds).addAttribute(weights))
                .addInput(input("x", "n", Integer.toString(FEATURES))).addOutput(output("y")))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(3)));
    }

    private static AttributeProto.Builder longs(String name, IntStream values) {
        return Protos.attribute(name, values.asLongStream().toArray());
    }

    @Test
    void everyAggregateOfRandomTreesEqualsWalkingThem() {
        var random = new Random(SEED);
        for (int trial = 0; trial < 60; trial++) {
            String function = List.of("SUM", "AVERAGE", "MIN", "MAX").get(trial % 4);
            List<List<Row>> forest = forest(random, 1 + random.nextInt(5));
            int samples = 20;
            float[] x = new float[samples * FEATURES];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(-8, 9) / 4f;
            }
            float[] expected = new float[samples];
            for (int i = 0; i < samples; i++) {
                float[] row = Arrays.copyOfRange(x, i * FEATURES, (i + 1) * FEATURES);
                var answers = forest.stream().mapToDouble(tree -> walk(tree, row));
                expected[i] = (float) switch (function) {
                    case "SUM" -> answers.sum();
                    case "AVERAGE" -> answers.average().orElseThrow();
                    case "MIN" -> answers.min().orElseThrow();
                    default -> answers.max().orElseThrow();
                };
            }
            Graph graph = regressor(forest, function).graph(Map.of("x", Shape.of(samples, FEATURES)));
            float[] actual = Evaluator.outputs(graph, Map.of("x", Tensor.ofFloats(Shape.of(samples, FEATURES), x))).get("y").toFloats();
            assertArrayEquals(expected, actual, 1e-5f, "seed " + SEED + ", trial " + trial + ", " + function);
        }
    }

    @Test
    void twoEnsemblesOfEqualSizesGiveTheSamePublicGraph() {
        // Thresholds, features, directions and leaves differ; what every party sees does not.
        var random = new Random(SEED);
        List<Row> first = new ArrayList<>();
        grow(random, 0, first, 3);
        List<Row> second = first.stream().map(row -> new Row(row.tree, row.number, (row.feature + 1) % FEATURES, row.mode, row.threshold + 1, row.no,
                row.yes, row.weight - 1)).toList();
        Graph a = regressor(List.of(first), "SUM").graph(Map.of("x", Shape.of(2, FEATURES)));
        Graph b = regressor(List.of(second), "SUM").graph(Map.of("x", Shape.of(2, FEATURES)));
        assertEquals(a.nodes(), b.nodes());
        assertEquals(a.values(), b.values());
        assertTrue(a.constants().keySet().stream().allMatch(id -> a.constants().get(id).isSecret()
                || a.constants().get(id).tensor().sameAs(b.constants().get(id).tensor())));
    }
}
