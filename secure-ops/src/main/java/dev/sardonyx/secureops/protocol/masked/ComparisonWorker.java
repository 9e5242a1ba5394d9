package dev.sardonyx.secureops.protocol.masked;

import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.StepContext;
import dev.sardonyx.secureops.ring.RingKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sign of x − t, from m known to both workers and λ known to the helper: bit N − 1 of the sum of two N-bit numbers, so that only a
 * carry has to be found.
 *
 * <p>The carry is that of a parallel-prefix adder reduced to its last output. Where the adders of ABY3 (Mohassel, Rindal, CCS 2018)
 * start from shared bits, here one summand is known to both workers: the first level is linear in products of the other summand's
 * bits, which the helper shares, and takes no message. The following levels are conjunctions of several masked bits each (the
 * multi-input gates of ABY2.0, Patra, Schneider, Suresh, Yalame, USENIX Security 2021).
 *
 * <p>Boolean work is on whole planes: plane p holds bit p of 64 values a word. The carry out of the low bits that are not looked at is
 * dropped; half a unit is added first so that the error is the same on both sides of a threshold.
 */
final class ComparisonWorker {
    private final StepContext context;
    private final Instruction.Compare compare;
    private final CarryCircuit circuit;
    private final int thresholds;
    private final boolean left;

    ComparisonWorker(StepContext context, Instruction.Compare compare) {
        this.context = context;
        this.compare = compare;
        this.circuit = CarryCircuit.of(compare.carry());
        this.thresholds = compare.thresholds().size();
        this.left = context.role() == Roles.LEFT;
    }

    /** Bytes of the helper's message. */
    static int helperLength(CarryCircuit circuit, int thresholds, int words) {
        int planes = Math.addExact(circuit.sharedPlanes(), Math.multiplyExact(thresholds, circuit.thresholdPlanes()));
        return Wire.bytes(Math.multiplyExact(planes, words), Long.SIZE);
    }

    /** The groups' generate and propagate bits of one threshold, as this worker's shares; the lowest group has no propagate bit. */
    private record Groups(long[][] generate, long[][] propagate) {
        Groups(int count, int words) {
            this(new long[count][words], new long[count][words]);
            propagate[0] = new long[0];
        }
    }

    /** This worker's share of each result. */
    List<long[][]> run(long[][] x) {
        long[] masked = Roles.masked(context.role(), x);
        int words = PartyValue.Bits.words(masked.length);
        var shares = new WorkerShares(context, helperLength(circuit, thresholds, words));
        long[] maskBits = shares.planes(Math.multiplyExact(circuit.sharedPlanes(), words));
        var fold = new CarryFold(words, left);
        var signs = new long[Math.multiplyExact(thresholds, words)];
        List<Groups> groups = new ArrayList<>();
        var difference = new long[masked.length];
        for (int t = 0; t < thresholds; t++) {
            long[][] bits = bits(masked, compare.thresholds().get(t), difference);
            groups.add(firstLevel(bits, maskBits, fold, words));
            addTopBits(bits[bits.length - 1], maskBits, signs, t * words, words);
        }
        for (CarryCircuit.Level level : circuit.levels()) {
            groups = join(level, groups, shares, fold, words);
        }
        return open(groups, signs, words);
    }

    /** Bits {@code lowBit} to {@code lowBit + N - 1} of m − t, by way of {@code difference}. */
    private long[][] bits(long[] masked, long threshold, long[] difference) {
        int low = compare.lowBit();
        RingKernels.best().addConstant(masked, (low > 0 ? 1L << low - 1 : 0) - threshold, difference);
        return RingKernels.best().toBitPlanes(difference, low, compare.carry().width());
    }

    private Groups firstLevel(long[][] bits, long[] maskBits, CarryFold fold, int words) {
        List<CarryCircuit.FirstGroup> first = circuit.firstGroups();
        if (first.isEmpty()) {
            return new Groups(new long[0][], new long[0][]);
        }
        var groups = new Groups(first.size(), words);
        for (int i = 0; i < first.size(); i++) {
            CarryCircuit.FirstGroup group = first.get(i);
            for (int bit = 0; bit < group.bits(); bit++) {
                fold.open(bit, bits[group.lowBit() + bit], 0);
            }
            for (int subset = 1; subset < 1 << group.bits(); subset++) {
                fold.share(subset, maskBits, (group.monomialAt() + subset - 1) * words);
            }
            fold.bits(group.bits(), groups.generate()[i], groups.propagate()[i]);
        }
        return groups;
    }

    private void addTopBits(long[] top, long[] maskBits, long[] signs, int at, int words) {
        System.arraycopy(maskBits, (circuit.sharedPlanes() - 1) * words, signs, at, words);
        if (left) {
            RingKernels.best().xor(signs, at, top, 0, signs, at, words);
        }
    }

    /** One round: opens the groups that have a partner under new masks and joins them. */
    private List<Groups> join(CarryCircuit.Level level, List<Groups> before, WorkerShares shares, CarryFold fold, int words) {
        long[] masks = context.commonWords(Roles.HELPER, Math.multiplyExact(thresholds * level.opened(), words));
        long[] opened = masks.clone();
        for (int t = 0; t < thresholds; t++) {
            for (CarryCircuit.Join join : level.joins()) {
                addShares(join, before.get(t), opened, (t * level.opened() + join.openAt()) * words, words);
            }
        }
        Wire.openPlanes(context, opened);
        long[] monomials = shares.planes(Math.multiplyExact(thresholds * level.monomials(), words));
        boolean waits = level.joins().stream().mapToInt(CarryCircuit.Join::size).sum() < level.groups();
        int joins = level.joins().size();
        var after = new ArrayList<Groups>();
        for (int t = 0; t < thresholds; t++) {
            var groups = new Groups(joins + (waits ? 1 : 0), words);
            for (int i = 0; i < joins; i++) {
                CarryCircuit.Join join = level.joins().get(i);
                bindOpened(join, fold, opened, masks, (t * level.opened() + join.openAt()) * words, words);
                bindMonomials(join, fold, monomials, (t * level.monomials() + join.monomialAt()) * words, words);
                fold.groups(join.size(), groups.generate()[i], groups.propagate()[i]);
            }
            if (waits) {
                groups.generate()[joins] = before.get(t).generate()[level.groups() - 1];
                groups.propagate()[joins] = before.get(t).propagate()[level.groups() - 1];
            }
            after.add(groups);
        }
        return after;
    }

    private static void bindOpened(CarryCircuit.Join join, CarryFold fold, long[] opened, long[] masks, int openAt, int words) {
        for (int variable = 0; variable < 2 * join.size(); variable++) {
            if (join.opens(variable)) {
                int at = openAt + join.openedPlace(variable) * words;
                fold.open(variable, opened, at);
                fold.share(1 << variable, masks, at);
            }
        }
    }

    private static void bindMonomials(CarryCircuit.Join join, CarryFold fold, long[] monomials, int monomialAt, int words) {
        for (int i = 0; i < join.monomials().size(); i++) {
            fold.share(join.monomials().get(i), monomials, monomialAt + i * words);
        }
    }

    private static void addShares(CarryCircuit.Join join, Groups groups, long[] opened, int at, int words) {
        for (int variable = 0; variable < 2 * join.size(); variable++) {
            if (join.opens(variable)) {
                int group = join.first() + variable % join.size();
                long[] share = variable < join.size() ? groups.generate()[group] : groups.propagate()[group];
                int place = at + join.openedPlace(variable) * words;
                RingKernels.best().xor(share, 0, opened, place, opened, place, words);
            }
        }
    }

    /** Opens each sign under its new mask; the result is its negation. */
    private List<long[][]> open(List<Groups> groups, long[] signs, int words) {
        var kernels = RingKernels.best();
        if (!circuit.firstGroups().isEmpty()) {
            for (int t = 0; t < thresholds; t++) {
                kernels.xor(groups.get(t).generate()[0], 0, signs, t * words, signs, t * words, words);
            }
        }
        long[] halves = context.commonWords(Roles.HELPER, signs.length);
        kernels.xor(halves, signs, signs);
        var results = new ArrayList<long[][]>();
        var opened = new long[thresholds][words];
        for (int t = 0; t < thresholds; t++) {
            results.add(Roles.worker(context.role(), opened[t], Arrays.copyOfRange(halves, t * words, t * words + words)));
        }
        Wire.openLastPlanes(context, signs, () -> {
            kernels.not(signs, signs);
            for (int t = 0; t < thresholds; t++) {
                System.arraycopy(signs, t * words, opened[t], 0, words);
            }
        });
        return results;
    }
}
