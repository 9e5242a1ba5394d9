package dev.sardonyx.secureops.execute;

import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Endpoint;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.Tag;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The parties' comparison of a plan before they run it. Each sends every other its lanes: 32 bytes of root digest and 12 bytes of
 * place a lane. Two parties that see different roots then send each other one digest a step, so that both can name the steps.
 */
final class PlanExchange {
    private static final int DIGEST = 32;
    private static final int ENTRY = DIGEST + 12;
    private static final int NAMED = 5;

    private final Endpoint endpoint;
    private final int request;
    private final Duration patience;

    PlanExchange(Endpoint endpoint, int request, Duration patience) {
        this.endpoint = endpoint;
        this.request = request;
        this.patience = patience;
    }

    /** @throws RunException of kind PLAN_MISMATCH naming every party that holds another plan and the steps that differ */
    void require(LanedPlan plan) {
        byte[] own = lanes(plan);
        int[] peers = IntStream.range(0, endpoint.parties()).filter(peer -> peer != endpoint.party()).toArray();
        for (int peer : peers) {
            send(peer, 0, own.clone());
        }
        byte[][] theirs = new byte[endpoint.parties()][];
        for (int peer : peers) {
            theirs[peer] = receive(peer, 0);
        }
        List<Integer> different = Arrays.stream(peers).filter(peer -> !Arrays.equals(own, theirs[peer])).boxed().toList();
        byte[] steps = different.isEmpty() ? new byte[0] : steps(plan);
        for (int peer : different) {
            send(peer, 1, steps.clone());
        }
        var troubles = new ArrayList<String>();
        for (int peer : different) {
            troubles.add("party " + peer + " holds another plan than party " + endpoint.party() + ": "
                    + difference(plan, Unequal.of(own, theirs[peer]), receive(peer, 1)));
        }
        if (!troubles.isEmpty()) {
            throw new RunException(RunException.Kind.PLAN_MISMATCH, String.join("; ", troubles));
        }
    }

    private record Unequal(int ownLanes, int theirLanes, boolean sameRoots) {
        static Unequal of(byte[] own, byte[] theirs) {
            boolean same = own.length == theirs.length;
            for (int at = 0; same && at < own.length; at += ENTRY) {
                same = Arrays.equals(own, at, at + DIGEST, theirs, at, at + DIGEST);
            }
            return new Unequal(own.length / ENTRY, theirs.length / ENTRY, same);
        }
    }

    private static byte[] lanes(LanedPlan plan) {
        byte[] root = PlanDigest.root(plan.plan());
        var bytes = ByteBuffer.allocate(plan.lanes().size() * ENTRY);
        for (LanedPlan.Lane lane : plan.lanes()) {
            bytes.put(root).putInt(lane.rotation()).putInt(lane.offset()).putInt(lane.rows());
        }
        return bytes.array();
    }

    private static byte[] steps(LanedPlan plan) {
        List<byte[]> digests = PlanDigest.steps(plan.plan());
        var bytes = ByteBuffer.allocate(digests.size() * DIGEST);
        digests.forEach(bytes::put);
        return bytes.array();
    }

    private static String difference(LanedPlan plan, Unequal unequal, byte[] theirs) {
        if (unequal.ownLanes != unequal.theirLanes) {
            return unequal.theirLanes + " lanes where this party has " + unequal.ownLanes;
        }
        if (unequal.sameRoots) {
            return "its lanes have other rotations or other rows of the batch";
        }
        byte[] own = steps(plan);
        if (own.length != theirs.length) {
            return theirs.length / DIGEST + " steps where this party has " + own.length / DIGEST + firstDifference(plan, own, theirs);
        }
        var names = new ArrayList<String>();
        int more = 0;
        int at = 0;
        for (Step step : plan.plan().steps()) {
            if (!Arrays.equals(own, at, at + DIGEST, theirs, at, at + DIGEST)) {
                if (names.size() < NAMED) {
                    names.add(PreparedPlan.describe(step));
                } else {
                    more++;
                }
            }
            at += DIGEST;
        }
        if (names.isEmpty()) {
            return "the steps agree, but the model, its inputs, outputs or disclosures differ";
        }
        return String.join("; ", names) + (more > 0 ? "; and " + more + " more steps differ" : " differ" + (names.size() == 1 ? "s" : ""));
    }

    private static String firstDifference(LanedPlan plan, byte[] own, byte[] theirs) {
        int same = Arrays.mismatch(own, theirs) / DIGEST;
        List<Step> steps = plan.plan().steps();
        return same < steps.size()
                ? "; the first that differs is " + PreparedPlan.describe(steps.get(same))
                : "; all of this party's steps are among them";
    }

    private void send(int peer, int sequence, byte[] payload) {
        endpoint.send(peer, new Tag(request, 0, 0, sequence), Phase.PREPROCESSING, 0, payload);
    }

    private byte[] receive(int peer, int sequence) {
        byte[] payload = endpoint.receive(peer, new Tag(request, 0, 0, sequence), Deadline.in(patience)).payload();
        int unit = sequence == 0 ? ENTRY : DIGEST;
        if (payload.length % unit != 0) {
            throw new RunException(RunException.Kind.PARTY_FAILED,
                    "party " + peer + " sent " + payload.length + " bytes of plan digests; expected a multiple of " + unit);
        }
        return payload;
    }
}
