package dev.sardonyx.secureops.protocol;

import static dev.sardonyx.secureops.protocol.Values.bit;
import static dev.sardonyx.secureops.protocol.Values.bits;
import static dev.sardonyx.secureops.protocol.Values.in;
import static dev.sardonyx.secureops.protocol.Values.numbers;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.StepCost;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every protocol must do: each step right on all widths, lengths, rotations and extreme values, at exactly the cost that the
 * protocol declares. A protocol passes by a subclass that names it.
 */
abstract class ProtocolConformance {
    private static final int CASES = 60;
    private static final int[] WIDTHS = {1, 5, 8, 13, 24, 31, 32, 40, 57, 63, 64};

    abstract Protocol protocol();

    /** One case: a session of its own, values from its own seed. */
    private interface Case {
        void run(Session session, Draw draw);
    }

    private void cases(long seed, Case body) {
        for (int i = 0; i < CASES; i++) {
            long caseSeed = seed * 1000 + i;
            int rotation = protocol().rolesRotate() ? i % protocol().parties() : 0;
            try (var session = new Session(protocol(), caseSeed, rotation)) {
                body.run(session, new Draw(caseSeed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("case with seed " + caseSeed + ", rotation " + rotation + ": " + e.getMessage(), e);
            }
        }
    }

    private static List<Numbers> share(Session session, long[] values) {
        return session.protocol().split(Shape.of(values.length), values, session::owner);
    }

    private static List<Bits> shareBits(Session session, int size, long[] words) {
        return session.protocol().splitBits(Shape.of(size), words, session::owner);
    }

    private static <T> List<T> at(List<List<T>> byValue, int party) {
        return byValue.stream().map(shares -> shares.get(party)).toList();
    }

    private static void assertCost(Session session, Instruction instruction, List<PlanValue> inputs, List<PlanValue> outputs) {
        StepCost declared = session.protocol().cost(instruction, inputs, outputs);
        assertEquals(declared, session.measured(), "declared and measured cost of " + instruction);
    }

    @Test
    void whatIsSplitIsJoined() {
        cases(1, (session, draw) -> {
            int size = draw.length();
            int width = WIDTHS[draw.between(0, WIDTHS.length - 1)];
            long[] values = draw.words(size);
            long[] expected = IntStream.range(0, size).mapToLong(i -> in(values[i], width)).toArray();
            assertArrayEquals(expected, session.protocol().join(share(session, values), width));

            long[] words = draw.words(Bits.words(size));
            long[] joined = session.protocol().joinBits(shareBits(session, size, words));
            for (int i = 0; i < size; i++) {
                assertEquals(bit(words, i), bit(joined, i));
            }
        });
    }

    @Test
    void sumsOfProductsAreExactModuloTheWidth() {
        cases(2, (session, draw) -> {
            int size = draw.length();
            int width = WIDTHS[draw.between(0, WIDTHS.length - 1)];
            int terms = draw.between(1, 3);
            var left = new ArrayList<List<Numbers>>();
            var right = new ArrayList<List<Numbers>>();
            long[] expected = new long[size];
            for (int t = 0; t < terms; t++) {
                long[] x = draw.words(size);
                long[] y = draw.words(size);
                left.add(share(session, x));
                right.add(share(session, y));
                for (int i = 0; i < size; i++) {
                    expected[i] = in(expected[i] + x[i] * y[i], width);
                }
            }
            PlanValue output = numbers(size, width);
            List<Numbers> shares = session.run((context, party) -> {
                var products = new ArrayList<Product>();
                for (int t = 0; t < terms; t++) {
                    products.add(new Product(Forms.elements(size), left.get(t).get(party), Operand.passing(right.get(t).get(party))));
                }
                return session.protocol().engine().multiply(context, products, output);
            });
            assertArrayEquals(expected, session.protocol().join(shares, width));
            assertCost(session, new Instruction.Multiply(), Collections.nCopies(2 * terms, output), List.of(output));
        });
    }

    @Test
    void matrixProductsReuseALastingOperand() {
        cases(3, (session, draw) -> {
            int m = draw.between(1, 5);
            int k = draw.between(1, 9);
            int n = draw.between(1, 5);
            int width = WIDTHS[draw.between(0, WIDTHS.length - 1)];
            long[] y = draw.words(k * n);
            List<Operand> weights = share(session, y).stream().map(Operand::lasting).toList();
            Bilinear form = Forms.matrices(m, k, n);
            for (int repeat = 0; repeat < 2; repeat++) {
                long[] x = draw.words(m * k);
                List<Numbers> input = share(session, x);
                PlanValue output = numbers(m * n, width);
                List<Numbers> shares = session.run((context, party) -> session.protocol().engine().multiply(context,
                        List.of(new Product(form, input.get(party), weights.get(party))), output));
                long[] expected = new long[m * n];
                form.apply(x, form.prepare(y), expected, false);
                assertArrayEquals(IntStream.range(0, m * n).mapToLong(i -> in(expected[i], width)).toArray(),
                        session.protocol().join(shares, width));
                assertCost(session, new Instruction.MatMul(), List.of(numbers(m * k, width), numbers(k * n, width)), List.of(output));
            }
        });
    }

    @Test
    void truncationErrsByAtMostOneUnitUpwards() {
        cases(4, (session, draw) -> {
            int from = draw.between(2, 64);
            int bits = draw.between(0, 63);
            int to = draw.between(1, 64);
            int size = draw.length();
            long[] x = draw.signed(size, from - 2);
            assertTruncates(session, x, bits, from, to);
        });
    }

    @Test
    void truncationKeepsToOneUnitInTheWholeRing() {
        cases(5, (session, draw) -> assertTruncates(session, draw.signed(200, 62), draw.between(0, 62), 64, 64));
    }

    @Test
    void truncationLiftsNarrowNumbersToTheWholeRing() {
        cases(13, (session, draw) -> {
            int from = draw.between(2, 63);
            assertTruncates(session, draw.signed(100, from - 2), draw.between(0, from - 2), from, 64);
        });
    }

    private static void assertTruncates(Session session, long[] x, int bits, int from, int to) {
        int size = x.length;
        PlanValue input = numbers(size, from);
        PlanValue output = numbers(size, to);
        List<Numbers> shared = share(session, x);
        List<Numbers> shares = session.run(
                (context, party) -> session.protocol().engine().truncate(context, shared.get(party), bits, input, output));
        long[] joined = session.protocol().join(shares, to);
        for (int i = 0; i < size; i++) {
            long error = joined[i] - (x[i] >> bits) & -1L >>> 64 - to;
            assertTrue(error == 0 || error == 1, x[i] + " / 2^" + bits + " is " + joined[i] + " from " + from + " to " + to + " bits");
            assertTrue(error == 0 || bits > 0, "nothing to round");
        }
        assertCost(session, new Instruction.Truncate(bits), List.of(input), List.of(output));
    }

    @Test
    void comparisonsAreRightOutsideTheBitsNotLookedAt() {
        cases(6, (session, draw) -> {
            int width = draw.between(1, 64);
            int low = draw.coin() ? 0 : draw.between(0, 64 - width);
            int ring = draw.between(low + width, 64);
            int size = draw.length();
            // Values and thresholds lie around a centre, so that their differences fill the width, up to the room that dropped bits want.
            int reach = low + width - 2;
            long centre = draw.word() >> 3;
            long[] x = new long[size];
            var thresholds = new ArrayList<Long>();
            for (int t = draw.between(1, 3); t > 0; t--) {
                thresholds.add(centre + (reach < 1 ? 0 : draw.signed(reach - (low > 0 ? 1 : 0))));
            }
            Collections.sort(thresholds);
            for (int i = 0; i < size; i++) {
                x[i] = centre + (reach < 0 ? -draw.between(0, 1) : reach == 0 ? draw.between(-1, 1) : draw.signed(reach));
            }
            assertCompares(session, x, new Instruction.Compare(thresholds, low, draw.tree(width)), ring);
        });
    }

    @Test
    void comparisonsOfEveryWidthReachTheEndsOfTheirRange() {
        for (int width = 1; width <= 64; width++) {
            long bound = width == 64 ? Long.MAX_VALUE : (1L << width - 1) - 1;
            long[] x = {-bound - 1, -bound, -1, 0, 1, bound};
            var draw = new Draw(700 + width);
            try (var session = new Session(protocol(), 700 + width, protocol().rolesRotate() ? width % protocol().parties() : 0)) {
                long[] reachable = width == 1 ? new long[] {-1, 0} : x;
                assertCompares(session, reachable, new Instruction.Compare(List.of(0L), 0, draw.tree(width)), width);
            }
        }
    }

    private static void assertCompares(Session session, long[] x, Instruction.Compare compare, int ring) {
        PlanValue input = numbers(x.length, ring);
        List<Numbers> shared = share(session, x);
        List<List<Bits>> shares = session.run(
                (context, party) -> session.protocol().engine().compare(context, shared.get(party), compare, input));
        for (int t = 0; t < compare.thresholds().size(); t++) {
            int at = t;
            long[] joined = session.protocol().joinBits(shares.stream().map(bits -> bits.get(at)).toList());
            for (int i = 0; i < x.length; i++) {
                long distance = x[i] - compare.thresholds().get(t);
                if (compare.lowBit() == 0 || Math.abs(distance) >= 1L << compare.lowBit()) {
                    assertEquals(distance >= 0, bit(joined, i), x[i] + " ≥ " + compare.thresholds().get(t) + " by " + compare);
                }
            }
        }
        assertCost(session, compare, List.of(input), Collections.nCopies(compare.thresholds().size(), bits(x.length)));
    }

    @Test
    void selectKeepsWhereTheBitIsSet() {
        cases(8, (session, draw) -> {
            int size = draw.length();
            int width = WIDTHS[draw.between(0, WIDTHS.length - 1)];
            long[] words = draw.words(Bits.words(size));
            long[] x = draw.words(size);
            List<Bits> bits = shareBits(session, size, words);
            List<Numbers> shared = share(session, x);
            PlanValue output = numbers(size, width);
            List<Numbers> shares = session.run(
                    (context, party) -> session.protocol().engine().select(context, bits.get(party), shared.get(party), output));
            assertArrayEquals(IntStream.range(0, size).mapToLong(i -> bit(words, i) ? in(x[i], width) : 0).toArray(),
                    session.protocol().join(shares, width));
            assertCost(session, new Instruction.Select(), List.of(bits(size), output), List.of(output));
        });
    }

    @Test
    void combinationsOfBitsAreExact() {
        cases(9, (session, draw) -> {
            int size = draw.length();
            int width = WIDTHS[draw.between(0, WIDTHS.length - 1)];
            int tensors = draw.between(1, 4);
            int results = draw.between(1, 3);
            var base = new ArrayList<Long>();
            var rows = new ArrayList<List<Long>>();
            for (int c = 0; c < results; c++) {
                base.add(draw.word());
                rows.add(IntStream.range(0, tensors).mapToObj(t -> draw.word()).toList());
            }
            var combine = new Instruction.Combine(base, rows);
            var words = new ArrayList<long[]>();
            var shared = new ArrayList<List<Bits>>();
            for (int t = 0; t < tensors; t++) {
                words.add(draw.words(Bits.words(size)));
                shared.add(shareBits(session, size, words.get(t)));
            }
            PlanValue output = numbers(size, width);
            List<List<Numbers>> shares = session.run(
                    (context, party) -> session.protocol().engine().combine(context, at(shared, party), combine, output));
            for (int c = 0; c < results; c++) {
                int row = c;
                long[] joined = session.protocol().join(shares.stream().map(numbers -> numbers.get(row)).toList(), width);
                for (int i = 0; i < size; i++) {
                    long expected = base.get(c);
                    for (int t = 0; t < tensors; t++) {
                        expected += bit(words.get(t), i) ? rows.get(c).get(t) : 0;
                    }
                    assertEquals(in(expected, width), joined[i]);
                }
            }
            assertCost(session, combine, Collections.nCopies(tensors, bits(size)), Collections.nCopies(results, output));
        });
    }

    @Test
    void conjunctionsAreExact() {
        cases(10, (session, draw) -> {
            int size = draw.length();
            long[] x = draw.words(Bits.words(size));
            long[] y = draw.words(Bits.words(size));
            List<Bits> a = shareBits(session, size, x);
            List<Bits> b = shareBits(session, size, y);
            List<Bits> shares = session.run((context, party) -> session.protocol().engine().and(context, a.get(party), b.get(party)));
            long[] joined = session.protocol().joinBits(shares);
            for (int i = 0; i < size; i++) {
                assertEquals(bit(x, i) && bit(y, i), bit(joined, i));
            }
            assertCost(session, new Instruction.And(), List.of(bits(size), bits(size)), List.of(bits(size)));
        });
    }

    @Test
    void aPublicConstantEntersOnce() {
        cases(11, (session, draw) -> {
            int size = draw.length();
            long[] x = draw.words(size);
            long[] constant = draw.words(size);
            List<Numbers> shared = share(session, x);
            List<Numbers> shares = session.run((context, party) -> {
                long[][] components = shared.get(party).components();
                int slot = session.protocol().engine().constantSlot(context.role());
                for (int i = 0; slot >= 0 && i < size; i++) {
                    components[slot][i] += constant[i];
                }
                return shared.get(party);
            });
            assertArrayEquals(IntStream.range(0, size).mapToLong(i -> x[i] + constant[i]).toArray(),
                    session.protocol().join(shares, 64));
        });
    }

    @Test
    void sharesShowNothingWhenPrinted() {
        cases(12, (session, draw) -> {
            for (Numbers share : share(session, draw.words(1))) {
                assertEquals("Share[1]", share.toString());
            }
            for (Bits share : shareBits(session, 1, draw.words(1))) {
                assertEquals("BitShare[1]", share.toString());
            }
        });
    }
}
