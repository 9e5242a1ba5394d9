package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import java.util.Arrays;
import java.util.List;

/**
 * Every step on tensors of equal elements, so that what depends on the secret depends on it alike in all of them. A word of a bit plane
 * holds one bit of each of the 64 elements.
 */
enum SecrecySteps {
    MULTIPLY {
        @Override
        Outcome run(Session session, long secret) {
            List<Numbers> x = numbers(session, secret);
            List<Numbers> y = numbers(session, secret ^ 0x55);
            var output = Values.numbers(SIZE, WIDTH);
            return new Outcome(List.of(x, y), session.run((context, party) -> List.of(session.protocol().engine().multiply(context,
                    List.of(new Product(Forms.elements(SIZE), x.get(party), Operand.passing(y.get(party)))), output))));
        }
    },
    TRUNCATE_LOCALLY {
        @Override
        Outcome run(Session session, long secret) {
            // The result is the secret again.
            List<Numbers> x = numbers(session, secret << WIDTH);
            var input = Values.numbers(SIZE, 2 * WIDTH);
            var output = Values.numbers(SIZE, WIDTH);
            return new Outcome(List.of(x), session.run(
                    (context, party) -> List.of(session.protocol().engine().truncate(context, x.get(party), WIDTH, input, output))));
        }
    },
    TRUNCATE {
        @Override
        Outcome run(Session session, long secret) {
            List<Numbers> x = numbers(session, secret);
            var input = Values.numbers(SIZE, WIDTH);
            var output = Values.numbers(SIZE, WIDTH);
            // The overflow reaches 8 bits, so that whole bytes are masked.
            return new Outcome(List.of(x), session.run(
                    (context, party) -> List.of(session.protocol().engine().truncate(context, x.get(party), 8, input, output))));
        }
    },
    COMPARE {
        @Override
        Outcome run(Session session, long secret) {
            List<Numbers> x = numbers(session, secret);
            var input = Values.numbers(SIZE, WIDTH);
            var compare = new Instruction.Compare(List.of(0L, 100L), 1, new CarryTree(12, 2, List.of(3, 2)));
            return new Outcome(List.of(x),
                    session.run((context, party) -> session.protocol().engine().compare(context, x.get(party), compare, input)));
        }
    },
    SELECT {
        @Override
        Outcome run(Session session, long secret) {
            List<Bits> bits = bits(session, secret);
            List<Numbers> x = numbers(session, secret);
            var output = Values.numbers(SIZE, WIDTH);
            return new Outcome(List.of(bits, x), session.run((context, party) -> List.of(
                    session.protocol().engine().select(context, bits.get(party), x.get(party), output))));
        }
    },
    COMBINE {
        @Override
        Outcome run(Session session, long secret) {
            List<Bits> a = bits(session, secret);
            List<Bits> b = bits(session, ~secret);
            var combine = new Instruction.Combine(List.of(7L, -1L), List.of(List.of(1L, 2L), List.of(-300L, 0L)));
            var output = Values.numbers(SIZE, WIDTH);
            return new Outcome(List.of(a, b), session.run((context, party) -> session.protocol().engine().combine(context,
                    List.of(a.get(party), b.get(party)), combine, output)));
        }
    },
    AND {
        @Override
        Outcome run(Session session, long secret) {
            List<Bits> a = bits(session, secret);
            List<Bits> b = bits(session, secret);
            return new Outcome(List.of(a, b), session.run(
                    (context, party) -> List.of(session.protocol().engine().and(context, a.get(party), b.get(party)))));
        }
    };

    static final int SIZE = 64;
    /** Two bytes: elements fill them, and four of them a word. */
    static final int WIDTH = 16;

    /**
     * Shares before and after a step.
     *
     * @param inputs by value, then by party
     * @param outputs by party, then by value
     */
    record Outcome(List<List<? extends PartyValue>> inputs, List<? extends List<? extends PartyValue>> outputs) {
    }

    /** Runs the step once on tensors that hold the secret, a number below 2^14 in magnitude. */
    abstract Outcome run(Session session, long secret);

    private static List<Numbers> numbers(Session session, long secret) {
        var values = new long[SIZE];
        Arrays.fill(values, secret);
        return session.protocol().split(Shape.of(SIZE), values, session::owner);
    }

    private static List<Bits> bits(Session session, long secret) {
        return session.protocol().splitBits(Shape.of(SIZE), new long[] {-(secret & 1)}, session::owner);
    }

    /** The components of a share, packed without gaps: numbers as 16 of their bits. */
    static long[][] words(PartyValue share, int lowBit) {
        return switch (share) {
            case Numbers(var shape, var components) ->
                Arrays.stream(components).map(component -> pack(component, lowBit)).toArray(long[][]::new);
            case Bits(var shape, var components) -> components;
            case PartyValue.Public open -> throw new IllegalArgumentException("not a share");
            case PartyValue.Kept kept -> throw new IllegalArgumentException("an operand and no share");
            case PartyValue.PublicBits open -> throw new IllegalArgumentException("not a share");
        };
    }

    static long[] pack(long[] values, int lowBit) {
        var words = new long[values.length * WIDTH / Long.SIZE];
        for (int i = 0; i < values.length; i++) {
            words[i / 4] |= (values[i] >>> lowBit & 0xFFFF) << 16 * (i % 4);
        }
        return words;
    }
}
