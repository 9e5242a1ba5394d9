package dev.sardonyx.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What does not fit is refused in words; what fits is held against the evaluator's results by its tests. */
class ShapeInferenceTest {
    private static TypedShape floats(int... dims) {
        return new TypedShape(ElementType.FLOAT32, Shape.of(dims));
    }

    private static TypedShape longs(int... dims) {
        return new TypedShape(ElementType.INT64, Shape.of(dims));
    }

    private static TypedShape bools(int... dims) {
        return new TypedShape(ElementType.BOOL, Shape.of(dims));
    }

    private static Arguments refused(String message, Op op, TypedShape... inputs) {
        return Arguments.of(message, op, List.of(inputs));
    }

    private static Window window(int kernel, int pad) {
        return new Window(List.of(kernel), List.of(1), List.of(1), List.of(pad), List.of(pad));
    }

    static Stream<Arguments> misfits() {
        return Stream.of(refused("Binary: 1 inputs; expected 2", new Op.Binary(Op.Binary.Function.ADD), floats(2)),
                refused("Binary: inputs of types FLOAT32 and INT64; expected one type", new Op.Binary(Op.Binary.Function.ADD), floats(2), longs(2)),
                refused("shapes [2] and [3] do not broadcast", new Op.Binary(Op.Binary.Function.ADD), floats(2), floats(3)),
                refused("Binary: input 0 is of type BOOL; expected a floating or integer type", new Op.Binary(Op.Binary.Function.ADD), bools(2), bools(2)),
                refused("Compare: input 0 is of type BOOL; expected a floating or integer type", new Op.Compare(Op.Compare.Relation.LESS), bools(2), bools(2)),
                refused("Logic: input 0 is of type INT64; expected BOOL", new Op.Logic(Op.Logic.Function.AND), longs(2), longs(2)),
                refused("Where: input 0 is of type INT64; expected BOOL", new Op.Where(), longs(2), longs(2), longs(2)),
                refused("Unary: input 0 is of type INT64; expected a floating type", new Op.Unary(ScalarFunction.Elementary.EXP), longs(2)),
                refused("Cast: casts FLOAT32 to STRING; expected numbers or booleans", new Op.Cast(ElementType.STRING), floats(2)),
                refused("MatMul: multiplies [3] by [3×2]; expected ranks of 2 or more", new Op.MatMul(), floats(3), floats(3, 2)),
                refused("MatMul: multiplies [2×3] by [4×2]; expected the last extent of the first to be the last but one of the second",
                        new Op.MatMul(), floats(2, 3), floats(4, 2)),
                refused("Conv: x [1×4×5] and weights [3×2×2] with 3 groups; expected channels to be groups times the weights' second extent"
                        + " and groups to divide their first", new Op.Conv(window(2, 0), 3), floats(1, 4, 5), floats(3, 2, 2)),
                refused("Conv: weights [3×4×3] do not end with the kernel [2]", new Op.Conv(window(2, 0), 1), floats(1, 4, 5), floats(3, 4, 3)),
                refused("MaxPool: a window reaching over 4 does not fit the padded extent 3 of spatial axis 0 of x [1×1×1]",
                        new Op.MaxPool(window(4, 1)), floats(1, 1, 1)),
                refused("MaxPool: x [1×1] under a window of rank 1; expected rank 3", new Op.MaxPool(window(1, 0)), floats(1, 1)),
                refused("AveragePool: counts padding on 0 axes; expected 1", new Op.AveragePool(window(1, 0), true, List.of()), floats(1, 1, 1)),
                refused("Reduce: axis 2 of [3×4]; expected 0 to 1", new Op.Reduce(Op.Reduce.Function.SUM, List.of(2)), floats(3, 4)),
                refused("Reduce: axes [1, 1] name an axis twice", new Op.Reduce(Op.Reduce.Function.SUM, List.of(1, 1)), floats(3, 4)),
                refused("ArgMax: has no elements along axis 0 of [0]", new Op.ArgMax(0, false), floats(0)),
                refused("TopK: k=4; expected 0 to the extent 3 of axis 0", new Op.TopK(0, 4, true), floats(3)),
                refused("Softmax: axis 0 of []; expected 0 to -1", new Op.Softmax(0), floats()),
                refused("Reshape: gives [2×3] the shape [5]; expected as many elements", new Op.Reshape(Shape.of(5)), floats(2, 3)),
                refused("Transpose: permutes [2×3] by [0, 0]; expected each axis once", new Op.Transpose(List.of(0, 0)), floats(2, 3)),
                refused("Slice: takes elements 1 to -1 along axis 0 of [3]", new Op.Slice(List.of(1), List.of(-1), List.of(3)), floats(3)),
                refused("Slice: 2 steps for [3]; expected 1", new Op.Slice(List.of(1), List.of(1, 1), List.of(1)), floats(3)),
                refused("Concat: has no inputs; expected at least one", new Op.Concat(0)),
                refused("Concat: joins [2×3] and [2×4] along axis 0; expected the other extents to be equal", new Op.Concat(0), floats(2, 3), floats(2, 4)),
                refused("Expand: shape [2] does not broadcast to [1]", new Op.Expand(Shape.of(1)), floats(2)),
                refused("Pad: pads axis 0 by -1 and 0; expected 0 or more", new Op.Pad(List.of(-1), List.of(0), 0), floats(2)),
                refused("Pick: index 6 at 1; expected -1 to 5", new Op.Pick(Shape.of(2), Indices.of(5, 6)), floats(2, 3)),
                refused("Pick: has 1 indices for the shape [2]; expected 2", new Op.Pick(Shape.of(2), Indices.of(5)), floats(2, 3)),
                refused("GatherSecret: input 1 is of type FLOAT32; expected an integer type", new Op.GatherSecret(0), floats(2), floats(2)),
                refused("OneHot: depth 3 at axis 2 of [2]; expected axis 0 to 1", new Op.OneHot(2, 3), longs(2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("misfits")
    void misfitsAreRefusedInWords(String message, Op op, List<TypedShape> inputs) {
        var error = assertThrows(IllegalArgumentException.class, () -> ShapeInference.infer(op, inputs));
        assertEquals(message, error.getMessage());
    }

    @Test
    void windowsValidateThemselves() {
        List<Integer> one = List.of(1);
        for (var lists : List.of(List.of(List.of(0), one, one, one, one), List.of(one, List.of(0), one, one, one),
                List.of(one, one, List.of(-1), one, one), List.of(one, one, one, List.of(-1), one), List.of(one, one, one, one, List.of(0, 0)))) {
            assertThrows(IllegalArgumentException.class,
                    () -> new Window(lists.get(0), lists.get(1), lists.get(2), lists.get(3), lists.get(4)), lists::toString);
        }
    }

    @Test
    void shapesTooLargeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Shape(Arrays.asList(1 << 16, 1 << 16)));
        assertThrows(IllegalArgumentException.class,
                () -> ShapeInference.infer(new Op.Concat(0), List.of(floats(Integer.MAX_VALUE), floats(Integer.MAX_VALUE))));
        var farWindow = new Window(List.of(1 << 20), List.of(1), List.of(1 << 20), List.of(1 << 30), List.of(1 << 30));
        assertThrows(IllegalArgumentException.class, () -> ShapeInference.infer(new Op.MaxPool(farWindow), List.of(floats(1, 1, 9))));
        assertThrows(IllegalArgumentException.class,
                () -> ShapeInference.infer(new Op.Pad(List.of(Integer.MAX_VALUE), List.of(Integer.MAX_VALUE), 0), List.of(floats(2))));
    }
}
