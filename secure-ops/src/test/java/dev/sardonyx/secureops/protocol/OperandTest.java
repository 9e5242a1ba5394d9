package dev.sardonyx.secureops.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.random.SeededRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OperandTest {
    private static final int SUM = -1;
    private static final int SIZE = 50;

    private final Bilinear form = Forms.elements(SIZE);

    static Stream<Arguments> orders() {
        return Stream.of(List.of(0, 1), List.of(1, 0), List.of(SUM), List.of(SUM, 0), List.of(SUM, 1), List.of(0, SUM), List.of(1, SUM), List.of(0, 1, SUM),
                List.of(SUM, 1, 0), List.of(0, SUM, 1)).flatMap(order -> Stream.of(Arguments.of(order, true), Arguments.of(order, false)));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aShareIsWholeWhateverWasPreparedFromIt(List<Integer> order, boolean lasting) {
        var random = new SeededRandom(5, "operand");
        long[][] components = {random.longs(SIZE), random.longs(SIZE)};
        long[][] given = {components[0].clone(), components[1].clone()};
        var share = new Numbers(Shape.of(SIZE), given);
        Operand operand = lasting ? Operand.lasting(share) : Operand.passing(share);
        for (int what : order) {
            assertArrayEquals(expected(components, what), prepared(operand, what).restored(), () -> "prepared in order " + order);
            for (int c = 0; c < components.length; c++) {
                assertArrayEquals(components[c], operand.share().components()[c], () -> "after preparing " + what + " of " + order);
            }
        }
        for (int what : order) {
            if (lasting) {
                assertSame(prepared(operand, what), prepared(operand, what));
            } else {
                assertNotSame(prepared(operand, what), prepared(operand, what));
            }
        }
        assertArrayEquals(components, given, "the owner's arrays are left alone");
    }

    private Bilinear.Prepared prepared(Operand operand, int what) {
        return what == SUM ? operand.sum(form) : operand.component(form, what);
    }

    private static long[] expected(long[][] components, int what) {
        if (what != SUM) {
            return components[what];
        }
        long[] sum = components[0].clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += components[1][i];
        }
        return sum;
    }
}
