package dev.sardonyx.secureops.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.protocol.PartyValue.Bits;
import dev.sardonyx.secureops.protocol.PartyValue.Numbers;
import dev.sardonyx.secureops.protocol.SecrecySteps.Outcome;
import dev.sardonyx.secureops.random.KeystreamLedger;
import dev.sardonyx.secureops.ring.RingKernels;
import dev.sardonyx.secureops.ring.WirePacking;
import dev.sardonyx.transport.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What single parties see of protocols over the masked engine. A protocol passes by a subclass that names it. Seeds are fixed, so every figure is the same in each run; limits lie six and more
 * standard deviations out because some ten thousand statistics are taken. A planted fault shows that the limits can be passed.
 */
abstract class MaskedSecrecy {
    private static final int RUNS = 300;
    private static final int PROJECTIONS = 10_000;
    private static final double LIMIT = 6.5;
    private static final long SMALL = 0;
    private static final long LARGE = 0x1555;

    abstract Protocol protocol();

    /** A session whose lane is rotated as wished, where the protocol allows it. */
    private Session session(long seed, int rotation) {
        return new Session(protocol(), seed, protocol().rolesRotate() ? rotation : 0);
    }

    /** All that was sent in the last step, as words, sender by sender. */
    private static List<Long> sent(Session session) {
        var words = new ArrayList<Long>();
        session.messages().forEach(message -> LongStream.of(words(message)).forEach(words::add));
        return words;
    }

    private static long[] words(Session.Sent message) {
        assertEquals(0, message.payload().length % Long.BYTES);
        return WirePacking.unpackBytes(message.payload(), message.payload().length / Long.BYTES, Long.BYTES);
    }

    /** Counts even and odd bytes apart: products of masks, for example, are biased in their low bits alone. */
    private static void count(long word, int[][] counts) {
        for (int at = 0; at < Long.BYTES; at++) {
            counts[at & 1][(int) (word >>> 8 * at) & 0xFF]++;
        }
    }

    private static double distance(int[][] counts) {
        return Math.max(ChiSquare.uniform(counts[0]), ChiSquare.uniform(counts[1]));
    }

    /** The greatest distance from uniform of any word sent, over many runs. */
    private static double distanceOfMessages(SecrecySteps step, Session session, long secret) {
        List<int[][]> counts = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            step.run(session, secret);
            List<Long> words = sent(session);
            for (int i = 0; i < words.size(); i++) {
                if (i == counts.size()) {
                    counts.add(new int[2][256]);
                }
                count(words.get(i), counts.get(i));
            }
        }
        assertFalse(counts.isEmpty());
        return counts.stream().mapToDouble(MaskedSecrecy::distance).max().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void everyMessageIsUniform(SecrecySteps step) {
        for (long secret : new long[] {SMALL, LARGE, -LARGE}) {
            try (var session = session(100 + step.ordinal(), step.ordinal() % 3)) {
                double distance = distanceOfMessages(step, session, secret);
                assertTrue(distance < LIMIT, step + " on " + secret + ": " + distance + " standard deviations");
            }
        }
    }

    /** The new mask of a local truncation is uniform by itself: uncovered, it tells something only beside the old one. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TRUNCATE_LOCALLY")
    void aMissingMaskIsSeenInTheMessages(SecrecySteps step) {
        try (var session = session(200 + step.ordinal(), 0)) {
            session.wrapContexts(context -> new WithoutMasks(context, 0, 1));
            assertTrue(distanceOfMessages(step, session, SMALL) > 2 * LIMIT, step + " without the draws of helper and left worker");
        }
    }

    /** Differences within a run, and between a run on one input and a run on another, by exclusive or and as numbers. */
    @ParameterizedTest
    @EnumSource
    void differencesOfMessagesAreUniform(SecrecySteps step) {
        try (var session = session(300 + step.ordinal(), step.ordinal() % 3)) {
            var within = new HashMap<Integer, int[]>();
            var across = new HashMap<Integer, int[]>();
            for (int run = 0; run < RUNS; run++) {
                step.run(session, SMALL);
                List<Long> first = sent(session);
                step.run(session, LARGE);
                List<Long> second = sent(session);
                // Word i against words i + 1, i + 2, …: every distance is met, the longer ones sampled, since words are alike in kind.
                for (int i = 0; i < first.size(); i++) {
                    for (int j = i + 1; j < first.size(); j += 1 + (j - i) / 8) {
                        difference(first.get(i), first.get(j), within.computeIfAbsent(i << 16 | j, key -> new int[512]));
                    }
                    for (int j = i; j < first.size(); j += 1 + (j - i) / 8) {
                        difference(first.get(i), second.get(j), across.computeIfAbsent(i << 16 | j, key -> new int[512]));
                    }
                }
            }
            assertFalse(within.isEmpty());
            assertUniform(step + " within a run", within);
            assertUniform(step + " across runs", across);
        }
    }

    private static void difference(long a, long b, int[] counts) {
        long numbers = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 16) {
            numbers |= ((a >>> shift) - (b >>> shift) & 0xFFFF) << shift;
        }
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
            counts[(int) ((a ^ b) >>> shift) & 0xFF]++;
            counts[256 + ((int) (numbers >>> shift) & 0xFF)]++;
        }
    }

    private static void assertUniform(String what, Map<Integer, int[]> counts) {
        counts.forEach((pair, both) -> {
            for (int half = 0; half < 2; half++) {
                double distance = ChiSquare.uniform(Arrays.copyOfRange(both, 256 * half, 256 * half + 256));
                assertTrue(distance < LIMIT, what + ", words " + (pair >>> 16) + " and " + (pair & 0xFFFF) + ": " + distance);
            }
        });
    }

    /** A party's shares before and after the step, its draws and what it received. */
    private static List<long[]> view(SecrecySteps step, Session session, long secret, int party) {
        Outcome outcome = step.run(session, secret);
        var view = new ArrayList<long[]>();
        for (List<? extends PartyValue> input : outcome.inputs()) {
            add(input.get(party), view);
        }
        for (PartyValue output : outcome.outputs().get(party)) {
            add(output, view);
        }
        for (long[] draw : session.draws(party)) {
            view.add(draw);
            if (draw.length == SecrecySteps.SIZE) {
                view.add(SecrecySteps.pack(draw, 0));
            }
        }
        for (Session.Sent message : session.messages()) {
            if (message.to() == party) {
                long[] words = words(message);
                for (int from = 0; from < words.length; from += 16) {
                    view.add(Arrays.copyOfRange(words, from, Math.min(words.length, from + 16)));
                }
            }
        }
        return view;
    }

    /** A share's words, and numbers as bit planes too. */
    private static void add(PartyValue share, List<long[]> view) {
        view.addAll(List.of(SecrecySteps.words(share, 0)));
        if (share instanceof Numbers(var shape, var components)) {
            view.addAll(List.of(SecrecySteps.words(share, SecrecySteps.WIDTH)));
            for (long[] component : components) {
                long[][] planes = RingKernels.best().toBitPlanes(component, 0, 2 * SecrecySteps.WIDTH);
                view.add(Arrays.stream(planes).mapToLong(plane -> plane[0]).toArray());
            }
        }
    }

    /** A function of a view to 16 values: up to four of its words, often the same of different blocks, joined by ring and bit operations. */
    private record Projection(int[] blocks, int[] words, int[] operations, int shift) {
        static Projection draw(Random random, List<long[]> view) {
            int terms = random.nextInt(1, 5);
            boolean aligned = random.nextBoolean();
            int[] blocks = random.ints(terms, 0, view.size()).toArray();
            int word = random.nextInt(64);
            int[] words = IntStream.of(blocks).map(block -> (aligned ? word : random.nextInt(64)) % view.get(block).length).toArray();
            return new Projection(blocks, words, random.ints(terms, 0, 5).toArray(), random.nextInt(61));
        }

        int of(List<long[]> view) {
            long value = view.get(blocks[0])[words[0]];
            for (int i = 1; i < words.length; i++) {
                long next = view.get(blocks[i])[words[i]];
                value = switch (operations[i]) {
                    case 0 -> value ^ next;
                    case 1 -> value & next;
                    case 2 -> value + next;
                    case 3 -> value - next;
                    default -> value * next;
                };
            }
            return (int) (value >>> shift) & 15;
        }
    }

    private static double distanceOfViews(SecrecySteps step, Session session, int party) {
        var random = new Random(step.ordinal());
        List<long[]> first = view(step, session, SMALL, party);
        List<Projection> projections = IntStream.range(0, PROJECTIONS).mapToObj(i -> Projection.draw(random, first)).toList();
        var ofSmall = new int[projections.size()][16];
        var ofLarge = new int[projections.size()][16];
        for (int run = 0; run < RUNS; run++) {
            List<long[]> small = view(step, session, SMALL, party);
            List<long[]> large = view(step, session, LARGE, party);
            for (int i = 0; i < projections.size(); i++) {
                ofSmall[i][projections.get(i).of(small)]++;
                ofLarge[i][projections.get(i).of(large)]++;
            }
        }
        return IntStream.range(0, projections.size()).mapToDouble(i -> ChiSquare.same(ofSmall[i], ofLarge[i])).max().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void theJointViewOfAPartyIsDistributedAlikeForTwoInputs(SecrecySteps step) {
        for (int party = 0; party < 3; party++) {
            try (var session = session(400 + step.ordinal(), step.ordinal() % 3)) {
                double distance = distanceOfViews(step, session, party);
                assertTrue(distance < LIMIT, step + " at party " + party + ": " + distance + " standard deviations");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMissingMaskIsSeenInAView(SecrecySteps step) {
        try (var session = session(500 + step.ordinal(), 0)) {
            session.wrapContexts(context -> new WithoutMasks(context, 0, 1));
            double most = IntStream.range(0, 3).mapToDouble(party -> distanceOfViews(step, session, party)).max().orElseThrow();
            assertTrue(most > 2 * LIMIT, step + ": " + most);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theStateOfOnePartyIsUniformAndThatOfTwoReconstructs(SecrecySteps step) {
        try (var session = session(600 + step.ordinal(), step.ordinal() % 3)) {
            var counts = new HashMap<Integer, int[][]>();
            for (int run = 0; run < RUNS; run++) {
                Outcome outcome = step.run(session, LARGE);
                assertTwoReconstruct(outcome);
                for (int party = 0; party < 3; party++) {
                    List<? extends PartyValue> state = outcome.outputs().get(party);
                    for (int value = 0; value < state.size(); value++) {
                        long[][] components = SecrecySteps.words(state.get(value), 0);
                        int key = (party * 8 + value) * 4;
                        for (int word = 0; word < components[0].length; word++) {
                            count(components[0][word], counts.computeIfAbsent(key, k -> new int[2][256]));
                            count(components[1][word], counts.computeIfAbsent(key + 1, k -> new int[2][256]));
                            count(components[0][word] ^ components[1][word], counts.computeIfAbsent(key + 2, k -> new int[2][256]));
                            count(components[0][word] - components[1][word], counts.computeIfAbsent(key + 3, k -> new int[2][256]));
                        }
                    }
                }
            }
            counts.forEach((key, count) -> assertTrue(distance(count) < LIMIT, step + ", component " + key));
        }
    }

    private void assertTwoReconstruct(Outcome outcome) {
        for (int value = 0; value < outcome.outputs().get(0).size(); value++) {
            int at = value;
            List<? extends PartyValue> shares = outcome.outputs().stream().map(state -> state.get(at)).toList();
            for (int party = 0; party < 3; party++) {
                PartyValue mine = shares.get(party);
                PartyValue next = shares.get((party + 1) % 3);
                if (mine instanceof Numbers a && next instanceof Numbers b) {
                    long[] all = protocol().join(shares.stream().map(Numbers.class::cast).toList(), SecrecySteps.WIDTH);
                    for (int i = 0; i < all.length; i++) {
                        long sum = a.components()[0][i] + a.components()[1][i] + b.components()[1][i];
                        assertEquals(all[i], Values.in(sum, SecrecySteps.WIDTH));
                    }
                } else if (mine instanceof Bits a && next instanceof Bits b) {
                    long[] all = protocol().joinBits(shares.stream().map(Bits.class::cast).toList());
                    assertEquals(all[0], a.components()[0][0] ^ a.components()[1][0] ^ b.components()[1][0]);
                }
            }
        }
    }

    /** Components 1 and 2 are the owner's randomness as it comes; unrotated, these are the helper's: all it sees and says knows no secret. */
    @ParameterizedTest
    @EnumSource
    void theHelperReceivesNothingAndSendsTheSameForEveryInput(SecrecySteps step) {
        var bySecret = new ArrayList<List<long[]>>();
        for (long secret : new long[] {SMALL, LARGE}) {
            try (var session = session(700, 0)) {
                Outcome outcome = step.run(session, secret);
                assertTrue(session.messages().stream().noneMatch(message -> message.to() == 0), "the helper receives nothing");
                List<Session.Sent> helpers = session.messages().stream().filter(message -> message.from() == 0).toList();
                assertEquals(1, helpers.size(), "one message a step");
                assertEquals(Phase.PREPROCESSING, helpers.get(0).phase());
                var known = new ArrayList<long[]>(List.of(words(helpers.get(0))));
                outcome.inputs().forEach(input -> known.addAll(List.of(SecrecySteps.words(input.get(0), 0))));
                outcome.outputs().get(0).forEach(output -> known.addAll(List.of(SecrecySteps.words(output, 0))));
                bySecret.add(known);
            }
        }
        assertArrayEquals(bySecret.get(0).toArray(), bySecret.get(1).toArray());
    }

    @Test
    void noKeystreamBlockServesTwice() {
        for (int rotation = 0; rotation < 3; rotation++) {
            try (var session = session(800 + rotation, rotation)) {
                for (SecrecySteps step : SecrecySteps.values()) {
                    step.run(session, LARGE);
                    step.run(session, LARGE);
                }
                List<Map<KeystreamLedger.Entry, Long>> draws = session.ledgers().stream().map(KeystreamLedger::draws).toList();
                var together = new HashMap<KeystreamLedger.Entry, Integer>();
                draws.forEach(ofParty -> ofParty.keySet().forEach(entry -> together.merge(entry, 1, Integer::sum)));
                assertTrue(together.values().stream().allMatch(parties -> parties == 2), "each block is drawn by both sides of one pair");
                long keys = together.keySet().stream().map(KeystreamLedger.Entry::keyFingerprint).distinct().count();
                assertEquals(2, keys, "the helper draws with either worker; the workers draw nothing in common");
            }
        }
    }

    /** In rings that are not whole bytes no mask covers the bits above the width: they must not travel. */
    @Test
    void bitsAboveTheWidthDoNotTravel() {
        for (int width : new int[] {1, 5, 13, 20, 31, 63}) {
            try (var session = session(900 + width, 0)) {
                List<Numbers> x = session.protocol().split(Shape.of(8), new Draw(width).words(8), session::owner);
                var output = Values.numbers(8, width);
                session.run((context, party) -> session.protocol().engine().multiply(context,
                        List.of(new Product(Forms.elements(8), x.get(party), Operand.passing(x.get(party)))), output));
                int bytes = (width + 7) / 8;
                for (Session.Sent message : session.messages()) {
                    for (int last = bytes - 1; last < message.payload().length; last += bytes) {
                        assertEquals(0, (message.payload()[last] & 0xFF) >>> width - 8 * (bytes - 1));
                    }
                }
            }
        }
    }

    /** Draws that two roles have in common are 0: what they would cover lies open. */
    private record WithoutMasks(StepContext context, int oneRole, int otherRole) implements StepContext {
        @Override
        public int role() {
            return context.role();
        }

        @Override
        public void send(int role, Phase phase, byte[] payload) {
            context.send(role, phase, payload);
        }

        @Override
        public byte[] receive(int role, int length) {
            return context.receive(role, length);
        }

        @Override
        public byte[] exchange(int to, Phase phase, byte[] payload, int from, int length) {
            return context.exchange(to, phase, payload, from, length);
        }

        @Override
        public long[] common(int role, int count, int width) {
            boolean faulty = role == oneRole && role() == otherRole || role == otherRole && role() == oneRole;
            return faulty ? new long[count] : context.common(role, count, width);
        }
    }
}
