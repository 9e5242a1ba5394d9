package dev.sardonyx.test.differential;

import static dev.sardonyx.test.differential.Draw.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.ModelPlanner;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.test.differential.Judge.Outcome;
import dev.sardonyx.test.differential.Judge.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Operators on all that they can meet, held to ONNX Runtime. */
class ExhaustiveTest {
    private static final int OPSET = 14;

    private static void agrees(Draw draw) {
        var judge = new Judge(new PlaintextProtocol(), Tolerance.DEFAULT);
        Net net = draw.net();
        assertEquals(new Verdict(Outcome.AGREES, ""), judge.judge(net), net::toString);
    }

    /** All rows of zeros and ones: whichever of the ones is asked for. */
    @Test
    void ofEqualsTheFirstOrTheLastIsFound() {
        for (int extent = 2; extent <= 9; extent++) {
            int count = extent;
            long[] bits = IntStream.range(0, count << count).mapToLong(i -> i / count >> i % count & 1).toArray();
            Tensor rows = Tensor.ofLongs(ElementType.INT32, Shape.of(1 << count, count), bits);
            for (String op : List.of("ArgMax", "ArgMin")) {
                for (int last = 0; last <= 1; last++) {
                    var draw = new Draw(extent, OPSET);
                    draw.node(op, List.of(attribute("axis", 1), attribute("select_last_index", last)), draw.input(rows));
                    agrees(draw);
                }
            }
        }
    }

    /** All pairs of bytes: arithmetic wraps in their type. */
    @Test
    void arithmeticOfBytesWraps() {
        for (ElementType type : List.of(ElementType.UINT8, ElementType.INT8)) {
            long[] all = IntStream.range(0, 256).mapToLong(type::wrap).toArray();
            for (String op : List.of("Add", "Sub", "Mul")) {
                var draw = new Draw(1, OPSET);
                draw.node(op, List.of(), draw.input(Tensor.ofLongs(type, Shape.of(256, 1), all)), draw.input(Tensor.ofLongs(type, Shape.of(256), all)));
                agrees(draw);
            }
        }
    }

    /** Nothing is the greatest of nothing, and nothing are the no greatest of something. */
    @Test
    void nothingIsAnswered() {
        var draw = new Draw(1, OPSET);
        draw.node("Hardmax", List.of(attribute("axis", 1)), draw.real(Shape.of(2, 0, 3), -1, 1));
        agrees(draw);
        draw = new Draw(1, OPSET);
        draw.nodes("TopK", 2, List.of(), draw.real(Shape.of(2, 3), -1, 1), draw.longs(0));
        agrees(draw);
    }

    /** Whole numbers up to the edge of what the ring can hold keep their last bit, and are refused beyond. */
    @Test
    void greatWholeNumbersAreExactOrRefused() {
        var judge = new Judge(new PlaintextProtocol(), Tolerance.DEFAULT);
        for (int bits = 20; bits <= 62; bits++) {
            long most = (1L << bits) - 3;
            for (String op : List.of("Add", "Sub", "Max", "Less", "Mul")) {
                var draw = new Draw(bits, OPSET);
                long partner = op.equals("Mul") ? 5 : most - 7;
                draw.node(op, List.of(), draw.input(Tensor.ofLongs(ElementType.INT64, Shape.of(4), most, -most, most - 1, 1)),
                        draw.input(Tensor.ofLongs(ElementType.INT64, Shape.of(4), partner, partner, -partner, 1)));
                Net net = draw.net();
                Verdict verdict = judge.judge(net);
                boolean expected = verdict.outcome() == Outcome.AGREES || bits > 56 && verdict.outcome() == Outcome.REFUSED;
                assertTrue(expected, () -> verdict + "\n" + net);
            }
        }
    }

    /** A sum between quantisers, as static quantisation writes it: both of its parts are held finely, and it has room for one more factor. */
    @Test
    void quantisedSumsFitTheRing() {
        for (int seed = 0; seed < 8; seed++) {
            var draw = new Draw(seed, OPSET);
            String left = requantised(draw, draw.real(Shape.of(8), -4, 4), 0.0249, 130);
            String right = requantised(draw, draw.real(Shape.of(8), 0, 2), 0.0096, 0);
            quantised(draw, draw.node("Add", List.of(), left, right), 0.0164, 0);
            agrees(draw);
            // Whatever the inputs are in their ranges: samples are not asked.
            Graph graph = OnnxModel.read(draw.net().bytes(), Path.of(".")).graph(Map.of());
            var ranges = Map.of("x0", new Interval(-4, 4), "x1", new Interval(0, 2));
            assertFalse(ModelPlanner.plan("sum", rows -> graph, 1, PlanOptions.of(new PlaintextProtocol(), ranges)).plans().lanes().isEmpty());
        }
    }

    private static String requantised(Draw draw, String x, double scale, int zero) {
        return draw.node("DequantizeLinear", List.of(), quantised(draw, x, scale, zero), draw.constant(Tensor.ofFloats(Shape.SCALAR, (float) scale)),
                draw.constant(Tensor.ofLongs(ElementType.UINT8, Shape.SCALAR, zero)));
    }

    private static String quantised(Draw draw, String x, double scale, int zero) {
        return draw.node("QuantizeLinear", List.of(), x, draw.constant(Tensor.ofFloats(Shape.SCALAR, (float) scale)),
                draw.constant(Tensor.ofLongs(ElementType.UINT8, Shape.SCALAR, zero)));
    }

    /** Quotients of any size before a rounding are right or refused. */
    @Test
    void roundedQuotientsOfAnySizeAreAnsweredOrRefused() {
        var judge = new Judge(new PlaintextProtocol(), Tolerance.DEFAULT);
        for (int large = 0; large <= 60; large += 6) {
            for (int small = -30; small <= 0; small += 6) {
                var draw = new Draw(large, OPSET);
                double most = Math.scalb(1.0, large);
                String quotient = draw.node("Div", List.of(), draw.real(Shape.of(4), -most, most), draw.real(Shape.of(4), Math.scalb(1.0, small), 2));
                draw.node("Round", List.of(), draw.node("Mul", List.of(), quotient, draw.real(Shape.of(4), 0, 1 / most)));
                Verdict verdict = judge.judge(draw.net());
                assertFalse(verdict.detail().startsWith("crash"), verdict::toString);
            }
        }
    }

    /** Forms of early operator sets, which random models seldom have. */
    @Test
    void earlyFormsAreRead() {
        for (int seed = 0; seed < 6; seed++) {
            Draw draw = Draw.at(seed, 8);
            Structures.scanOfBatches(draw);
            agrees(draw);
        }
        for (String op : List.of("LayerNormalization", "SimplifiedLayerNormalization")) {
            Draw draw = Draw.at(1, 11);
            draw.node(op, List.of(attribute("axis", -1)), draw.real(Shape.of(2, 3, 4), -3, 3), draw.either(Shape.of(4), 0.5, 2));
            agrees(draw);
        }
    }

    /** Every place that a sequence of three can be asked for, from either end. */
    @Test
    void sequencesCountPlacesFromBothEnds() {
        for (int place = -3; place <= 3; place++) {
            var draw = new Draw(1, OPSET);
            String sequence = draw.node("SequenceConstruct", List.of(), draw.real(Shape.of(2), -1, 1), draw.real(Shape.of(2), -1, 1),
                    draw.real(Shape.of(2), -1, 1));
            String longer = draw.node("SequenceInsert", List.of(), sequence, draw.real(Shape.of(2), 2, 3),
                    draw.constant(Tensor.ofLongs(ElementType.INT64, Shape.SCALAR, place)));
            draw.node("ConcatFromSequence", List.of(attribute("axis", 0)), longer);
            agrees(draw);
        }
    }
}
