package dev.sardonyx.secureops.planner;

import java.util.List;

/**
 * Which bits of x − threshold a comparison looks at.
 *
 * @param low bits dropped from below
 * @param magnitude the least b with |difference| &lt; 2^b, dropped bits included
 */
record ComparisonBits(int low, int magnitude) {

    /**
     * @param thresholds in real units
     * @param resolution differences below this need not be told apart; 0 asks for an exact answer
     */
    static ComparisonBits of(Draft x, List<Double> thresholds, double resolution) {
        double reach = 0;
        for (double threshold : thresholds) {
            reach = Math.max(reach, Math.max(Math.abs(x.range().low() - threshold), Math.abs(x.range().high() - threshold)));
        }
        int magnitude = Draft.magnitudeBits(Interval.symmetric(reach), x.fractionBits());
        int low = 0;
        if (resolution > 0) {
            low = Math.clamp((long) Math.floor(Math.log(Math.scalb(resolution, x.fractionBits())) / Math.log(2)), 0, magnitude - 1);
        }
        if (low > 0) {
            // Dropped bits may lower the difference by one unit of the lowest bit that is looked at; see Engine.compare.
            magnitude = Draft.magnitudeBits(Interval.symmetric(reach + Math.scalb(1.0, low - x.fractionBits())), x.fractionBits());
        }
        return new ComparisonBits(low, magnitude);
    }
}
