package dev.sardonyx.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Tolerance STRICT = new Tolerance(0.01, 0.1);

    @Test
    void toleranceIsAbsolutePlusRelativeToTheReference() {
        assertTrue(STRICT.holds(10, 11.01));
        assertFalse(STRICT.holds(10, 11.02));
        assertTrue(STRICT.holds(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY));
        assertFalse(STRICT.holds(Double.POSITIVE_INFINITY, 5));
        assertFalse(STRICT.holds(0, Double.NaN));
        assertEquals(new Tolerance(1e-2, 1e-4), Tolerance.parse("1e-2,1e-4"));
        assertThrows(IllegalArgumentException.class, () -> Tolerance.parse("much"));
        assertThrows(IllegalArgumentException.class, () -> Tolerance.parse("-1,0"));
    }

    @Test
    void errorsAreCountedSummedAndBounded() {
        Comparison comparison = Comparison.of("y", Tensor.ofFloats(Shape.of(4), 1, 2, 3, 0), Tensor.ofFloats(Shape.of(4), 1, 2.5f, 3, -0.25f), STRICT);
        assertEquals(0.5, comparison.maxAbsError());
        assertEquals(0.1875, comparison.meanAbsError());
        assertEquals(2, comparison.outside());
        assertFalse(comparison.within());
    }

    @Test
    void integersMustBeEqual() {
        Tensor expected = Tensor.vector(1_000_000, 2);
        assertTrue(Comparison.of("y", expected, Tensor.vector(1_000_000, 2), STRICT).within());
        assertFalse(Comparison.of("y", expected, Tensor.vector(1_000_001, 2), STRICT).within());
    }

    @Test
    void missingOutputsAndOtherShapesAreMismatches() {
        Tensor tensor = Tensor.ofFloats(Shape.of(2), 1, 2);
        assertEquals(Optional.of("output 'y' is missing"), Comparison.of(Map.of("y", tensor), Map.of(), STRICT).mismatch());
        assertFalse(Comparison.of("y", tensor, Tensor.ofFloats(Shape.of(1, 2), 1, 2), STRICT).within());
        assertFalse(Comparison.of("y", tensor, Tensor.ofLongs(ElementType.INT64, Shape.of(2), 1, 2), STRICT).within());
    }

    @Test
    void accuracyAgreementAndTiesAreTallied() {
        var tally = new AccuracyTally(Tolerance.DEFAULT);
        var reference = Map.of("y", Tensor.ofFloats(Shape.of(3, 2), 1, 0, 0.5f, 0.5001f, 3, 4));
        var secure = Map.of("y", Tensor.ofFloats(Shape.of(3, 2), 1, 0, 0.5001f, 0.5f, 4, 3));
        tally.add(10, 3, Optional.of(List.of(0L, 0L, 1L)), new AccuracyTally.Runs(reference, reference, secure));
        assertEquals(OptionalDouble.of(1.0 / 3), tally.agreement());
        assertEquals(OptionalDouble.of(2.0 / 3), tally.referenceAccuracy());
        assertEquals(OptionalDouble.of(2.0 / 3), tally.secureAccuracy());
        assertEquals(List.of(11, 12), tally.disagreements().stream().map(AccuracyTally.Disagreement::sample).toList());
        assertEquals(List.of(true, false), tally.disagreements().stream().map(AccuracyTally.Disagreement::tie).toList());
        assertEquals(1, tally.secureError().maxAbsError(), 1e-6);
    }

    @Test
    void classesComeFromScoresBeforeIndices() {
        var both = Map.of("label", Tensor.vector(5), "scores", Tensor.ofFloats(Shape.of(1, 3), 0, 2, 1));
        assertEquals(1, Classes.in(both, 1).orElseThrow().of(both, 0));
        var label = Map.of("label", Tensor.vector(5));
        assertEquals(5, Classes.in(label, 1).orElseThrow().of(label, 0));
        var probability = Map.of("p", Tensor.ofFloats(Shape.of(2, 1), 0.9f, 0.2f));
        assertEquals(1, Classes.in(probability, 2).orElseThrow().of(probability, 0));
        assertEquals(0, Classes.in(probability, 2).orElseThrow().of(probability, 1));
    }
}
