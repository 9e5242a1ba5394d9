package dev.sardonyx.secureops.plan;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Plans as bytes, so that they can travel and be kept: {@code SXPL}, a version byte, the distinct plans, then the lanes. Integers are
 * little-endian base 128 (signed ones zigzag), texts UTF-8 with their length before. Equal plans give equal bytes.
 *
 * <p>The reader takes nothing for granted: every count is held against the bytes that are left, every id against the values there are,
 * so that a hostile plan costs memory in proportion to its length and ends in a {@link PlanFormatException}. Whether the steps fit each
 * other is for whoever loads the plan to check.
 */
public final class PlanCodec {
    static final byte[] MAGIC = {'S', 'X', 'P', 'L'};
    static final int VERSION = 1;

    private PlanCodec() {
    }

    /** The bytes of a plan. */
    public static byte[] encode(LanedPlan laned) {
        var out = new PlanOutput();
        for (byte b : MAGIC) {
            out.octet(b);
        }
        out.octet(VERSION);
        var plans = new IdentityHashMap<Plan, Integer>();
        var distinct = new ArrayList<Plan>();
        for (LanedPlan.Lane lane : laned.lanes()) {
            if (plans.putIfAbsent(lane.plan(), distinct.size()) == null) {
                distinct.add(lane.plan());
            }
        }
        out.list(distinct, plan -> new PlanWriter(out).plan(plan));
        out.list(laned.lanes(), lane -> {
            out.count(plans.getOrDefault(lane.plan(), 0));
            out.count(lane.rotation());
            out.count(lane.offset());
            out.count(lane.rows());
        });
        return out.toByteArray();
    }

    /**
     * The plan that bytes stand for.
     *
     * @throws PlanFormatException where they stand for none
     */
    public static LanedPlan decode(byte[] bytes) {
        var in = new PlanInput(bytes);
        for (byte b : MAGIC) {
            in.expect(b & 0xFF, "the mark of a plan");
        }
        in.expect(VERSION, "plan format version");
        List<Plan> plans = in.list("plans", () -> new PlanReader(in).plan());
        List<LanedPlan.Lane> lanes = in.list("lanes", () -> new LanedPlan.Lane(plans.get(in.below(plans.size(), "plan of a lane")), in.count(
                "rotation"), in.count("offset"), in.count("rows")));
        in.end();
        try {
            return new LanedPlan(lanes);
        } catch (IllegalArgumentException e) {
            throw new PlanFormatException(String.valueOf(e.getMessage()), e);
        }
    }
}
