package dev.sardonyx.secureops.protocol;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.CarryTree;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.util.ArrayList;
import java.util.List;

/**
 * Times single steps of {@link Replicated3}, all parties in this process over the in-memory transport, fresh randomness each time:
 * {@code java … StepBenchmark [elements]}. Prints median and least milliseconds of 15 runs after 10 that warm up.
 */
final class StepBenchmark {
    private static final int WARM = 10;
    private static final int RUNS = 15;

    private final Session session;
    private final int size;

    private StepBenchmark(Session session, int size) {
        this.session = session;
        this.size = size;
    }

    public static void main(String[] args) {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        try (var session = new Session(new Replicated3(), 1, 0, false)) {
            new StepBenchmark(session, size).run();
        }
    }

    private void run() {
        List<Numbers> x = session.protocol().split(Shape.of(size), new Draw(1).signed(size, 62), session::owner);
        List<Numbers> y = session.protocol().split(Shape.of(size), new Draw(2).signed(size, 62), session::owner);
        List<Bits> bits = session.protocol().splitBits(Shape.of(size), new Draw(3).words(Bits.words(size)), session::owner);
        Engine engine = session.protocol().engine();
        var wide = Values.numbers(size, 64);
        var narrow = Values.numbers(size, 24);
        for (CarryTree tree : List.of(CarryTree.uniform(64, 2, 2), CarryTree.uniform(64, 3, 3), CarryTree.uniform(64, 2, 4),
                CarryTree.uniform(24, 2, 2), CarryTree.uniform(24, 3, 2))) {
            var compare = new Instruction.Compare(List.of(0L), 0, tree);
            time("compare " + tree, (context, party) -> engine.compare(context, x.get(party), compare, wide));
        }
        time("select 64", (context, party) -> engine.select(context, bits.get(party), x.get(party), wide));
        time("select 24", (context, party) -> engine.select(context, bits.get(party), x.get(party), narrow));
        time("multiply 64", (context, party) -> engine.multiply(context,
                List.of(new Product(Forms.elements(size), x.get(party), Operand.passing(y.get(party)))), wide));
        time("truncate 64 by 16", (context, party) -> engine.truncate(context, x.get(party), 16, wide, wide));
        time("truncate 64 by 16 to 32", (context, party) -> engine.truncate(context, x.get(party), 16, wide, Values.numbers(size, 32)));
        time("truncate 24 by 0 to 64", (context, party) -> engine.truncate(context, x.get(party), 0, narrow, wide));
        time("combine 1", (context, party) -> engine.combine(context, List.of(bits.get(party)),
                new Instruction.Combine(List.of(0L), List.of(List.of(1L))), wide));
        for (int width : new int[] {64, 24}) {
            var compare = new Instruction.Compare(List.of(0L), 0, CarryTree.uniform(width, 2, 2));
            var output = Values.numbers(size, width);
            time("relu " + width, (context, party) -> {
                Bits sign = engine.compare(context, x.get(party), compare, wide).get(0);
                return engine.select(context, sign, x.get(party), output);
            });
        }
    }

    private void time(String what, Session.PartyStep<?> step) {
        var millis = new ArrayList<Double>();
        for (int i = 0; i < WARM + RUNS; i++) {
            long start = System.nanoTime();
            session.run(step);
            if (i >= WARM) {
                millis.add((System.nanoTime() - start) / 1e6);
            }
        }
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        var cost = session.measured();
        System.out.printf("%-60s %7.1f ms (least %.1f), bytes %s + %s, rounds %d%n", what, sorted[RUNS / 2], sorted[0],
                cost.preprocessingBytes(), cost.onlineBytes(), cost.rounds());
    }
}
