package dev.sardonyx.test.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.dealer2.Dealer2;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Real exports on inputs that nobody planned with: anywhere in the declared ranges, corners included, an answer is right or refused, and
 * refused only where the plan relies on ranges that samples showed. {@code -Dsardonyx.models=all} runs all exports under both secure
 * protocols; by default all run in plaintext, whose values count modulo the same rings, and a sample under the protocols.
 */
class RealRangesTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().endsWith("test") ? Path.of("").toAbsolutePath().getParent() : Path.of("").toAbsolutePath();
    private static final boolean ALL = "all".equals(System.getProperty("sardonyx.models"));
    private static final Tolerance MODELS = new Tolerance(1e-2, 1e-2);
    /** Scores nearer than this may change places. */
    private static final double TIE = 2e-2;
    private static final Set<String> SAMPLE = Set.of("bert-legacy", "gpt2-legacy", "resnet18-dynamo", "keras-branches-legacy");
    /** Models whose ranges follow from attention and normalisation, which interval arithmetic alone could not bound. */
    private static final Set<String> PROVEN = Set.of("bert-legacy", "bert-dynamo", "gpt2-legacy", "gpt2-dynamo", "vit-legacy", "vit-dynamo",
            "transformer-encoder-legacy", "transformer-encoder-dynamo");
    private static final long SEED = 41;

    @Test
    void plaintextIsRightOrRefusesAnywhereInTheDeclaredRanges() {
        assertRightOrRefused(new PlaintextProtocol(), 5, true);
    }

    @Test
    void threePartiesAreRightOrRefuseAnywhereInTheDeclaredRanges() {
        assertRightOrRefused(new Replicated3(), ALL ? 5 : 3, ALL);
    }

    @Test
    void twoPartiesAndADealerAreRightOrRefuseAnywhereInTheDeclaredRanges() {
        assertRightOrRefused(new Dealer2(), ALL ? 5 : 3, ALL);
    }

    private static void assertRightOrRefused(Protocol protocol, int draws, boolean all) {
        var troubles = new ArrayList<String>();
        int refused = 0;
        try (var suite = new Suite(protocol, MODELS)) {
            for (TestFolders.Case one : TestFolders.find(List.of(ROOT.resolve("test").resolve("models")))) {
                String name = one.folder().getFileName().toString();
                if (!all && !SAMPLE.contains(name)) {
                    continue;
                }
                OnnxModel model = OnnxModel.read(one.model());
                Suite.Prepared prepared = suite.prepare(model, one.dataSets().getFirst());
                assertFalse(prepared.relies() && PROVEN.contains(name), name + " was planned by proven ranges before");
                try (var runtime = OnnxRuntimeReference.open(one.model(), 1)) {
                    var random = new Random(SEED);
                    for (int draw = 0; draw < draws; draw++) {
                        Map<String, Tensor> inputs = draw == 0 ? prepared.secret() : drawn(prepared, draw, random);
                        try {
                            trouble(reference(runtime, prepared, inputs), prepared.run(inputs))
                                    .forEach(trouble -> troubles.add(name + ", a draw of seed " + SEED + ": " + trouble));
                        } catch (RunException e) {
                            boolean expected = e.kind() == RunException.Kind.OUT_OF_RANGE && prepared.relies() && !inputs.equals(prepared.secret());
                            assertTrue(expected, () -> name + ": " + e.getMessage());
                            refused++;
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), troubles);
        assertTrue(refused > 0, "no draw left a range that samples showed: seed " + SEED + " shows nothing");
    }

    private static Map<String, Tensor> reference(OnnxRuntimeReference runtime, Suite.Prepared prepared, Map<String, Tensor> inputs) {
        Map<String, Tensor> given = new LinkedHashMap<>(prepared.open());
        given.putAll(inputs);
        given.keySet().retainAll(runtime.inputs());
        return runtime.run(given);
    }

    private static List<String> trouble(Map<String, Tensor> expected, Map<String, Tensor> answer) {
        var troubles = new ArrayList<String>();
        Comparison comparison = Comparison.of(expected, answer, MODELS);
        if (!comparison.within()) {
            troubles.add(comparison.mismatch().orElse("errs by " + comparison.maxAbsError()));
        }
        expected.forEach((name, tensor) -> {
            int columns = tensor.shape().rank() == 0 ? 1 : tensor.shape().dim(-1);
            for (int row = 0; tensor.type().isFloating() && row < tensor.size() / Math.max(1, columns); row++) {
                int first = row * columns;
                double best = tensor.getDouble(greatest(tensor, first, columns));
                double chosen = tensor.getDouble(greatest(answer.get(name), first, columns));
                if (best - chosen > TIE * Math.max(1, Math.abs(best))) {
                    troubles.add("another arg-max of '" + name + "', row " + row);
                }
            }
        });
        return troubles;
    }

    private static int greatest(Tensor tensor, int first, int count) {
        int best = first;
        for (int i = first + 1; i < first + count; i++) {
            best = tensor.getDouble(i) > tensor.getDouble(best) ? i : best;
        }
        return best;
    }

    /** Uniform over the declared ranges, at their corners, or all at their upper ends; whole numbers within what the case itself holds. */
    private static Map<String, Tensor> drawn(Suite.Prepared prepared, int draw, Random random) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        prepared.secret().forEach((name, own) -> inputs.put(name,
                own.type().isFloating() ? reals(own, prepared.ranges().get(name), draw, random) : wholes(own, name.contains("mask"), random)));
        return inputs;
    }

    private static Tensor reals(Tensor own, Interval range, int draw, Random random) {
        double[] values = new double[own.size()];
        for (int i = 0; i < values.length; i++) {
            double place = switch (draw % 3) {
                case 0 -> 1;
                case 1 -> random.nextDouble();
                default -> random.nextBoolean() ? 1 : 0;
            };
            values[i] = Math.clamp((float) (range.low() + place * (range.high() - range.low())), range.low(), range.high());
        }
        return Tensor.ofDoubles(own.type(), own.shape(), values);
    }

    /** A mask is a row of ones, at least one, and then zeros: what no word may look at has no answer. */
    private static Tensor wholes(Tensor own, boolean mask, Random random) {
        if (own.type() == ElementType.BOOL) {
            return own;
        }
        Shape shape = own.shape();
        int columns = shape.rank() == 0 ? 1 : shape.dim(-1);
        long low = Arrays.stream(own.toLongs()).min().orElse(0);
        long high = Arrays.stream(own.toLongs()).max().orElse(0);
        long[] values = new long[own.size()];
        int kept = 0;
        for (int i = 0; i < values.length; i++) {
            kept = i % columns == 0 ? 1 + random.nextInt(columns) : kept;
            values[i] = mask ? i % columns < kept ? 1 : 0 : low + random.nextLong(high - low + 1);
        }
        return Tensor.ofLongs(own.type(), shape, values);
    }
}
