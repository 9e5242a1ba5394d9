package dev.sardonyx.secureops.plan;

import java.util.List;

/**
 * Plans as bytes, so that they can travel and be kept: {@code SXPL}, a version byte, the plan, then its lanes. Integers are
 * little-endian base 128 (signed ones zigzag), texts UTF-8 with their length before. Equal plans give equal bytes.
 *
 * <p>The reader takes nothing for granted: every count is held against the bytes that are left, every id against the values there are,
 * so that a hostile plan costs memory in proportion to its length and ends in a {@link PlanFormatException}. Whether the steps fit each
 * other is for whoever loads the plan to check.
 */
public final class PlanCodec {
    static final byte[] MAGIC = {'S', 'X', 'P', 'L'};
    static final int VERSION = 2;

    private PlanCodec() {
    }

    /** The bytes of a plan. */
    public static byte[] encode(LanedPlan laned) {
        var out = new PlanOutput();
        for (byte b : MAGIC) {
            out.octet(b);
        }
        out.octet(VERSION);
        new PlanWriter(out).plan(laned.plan());
        out.list(laned.lanes(), lane -> {
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
        Plan plan = new PlanReader(in).plan();
        List<LanedPlan.Lane> lanes = in.list("lanes", () -> new LanedPlan.Lane(in.count("rotation"), in.count("offset"), in.count("rows")));
        in.end();
        try {
            return new LanedPlan(plan, lanes);
        } catch (IllegalArgumentException e) {
            throw new PlanFormatException(String.valueOf(e.getMessage()), e);
        }
    }
}
