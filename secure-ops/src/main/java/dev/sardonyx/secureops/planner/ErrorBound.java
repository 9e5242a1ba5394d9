package dev.sardonyx.secureops.planner;

/**
 * How far fixed point may be from the model in exact arithmetic, for every element of a tensor, as long as values stay in their planned
 * ranges. Two bounds: what cannot be exceeded, all roundings against us and adding up; and what is not exceeded in practice, where
 * roundings of different elements are taken to be independent, so that those of a long sum partly cancel (N. Higham and T. Mary, "A new
 * approach to probabilistic rounding error analysis", 2019).
 *
 * @param proven greatest error, whatever the inputs; infinite if there is no bound
 * @param shift the part of the error that may be common to all elements: truncation rounds down, a polynomial is off in one direction
 * @param spread standard deviation of the part that differs from element to element
 */
public record ErrorBound(double proven, double shift, double spread) {
    /** No error at all. */
    public static final ErrorBound EXACT = new ErrorBound(0, 0, 0);
    /** Nothing is known. */
    public static final ErrorBound UNBOUNDED = new ErrorBound(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    /** Standard deviations in the likely bound: a normal error exceeds it once in 5·10^8 elements. */
    public static final int DEVIATIONS = 6;
    /** Standard deviation of a uniform error over one unit. */
    private static final double UNIFORM = 1 / Math.sqrt(12);

    public ErrorBound {
        if (!(proven >= 0 && shift >= 0 && spread >= 0)) {
            throw new IllegalArgumentException("error bound " + proven + ", " + shift + ", " + spread + "; expected numbers of 0 or more");
        }
    }

    /** An error that is the same everywhere, for all we know. */
    static ErrorBound systematic(double bound) {
        return Double.isNaN(bound) ? UNBOUNDED : new ErrorBound(bound, bound, 0);
    }

    /** What is not exceeded in practice: the common part and {@value #DEVIATIONS} standard deviations of the rest. */
    public double likely() {
        return Math.min(proven, shift + DEVIATIONS * spread);
    }

    /** Whether the value is the model's to the last bit. */
    public boolean isExact() {
        return proven == 0;
    }

    /** Of a sum; the errors of its terms may come from one source, so that deviations add up in full. */
    ErrorBound plus(ErrorBound other) {
        return of(proven + other.proven, shift + other.shift, spread + other.spread);
    }

    /** Of a sum with something that errs independently. */
    ErrorBound plusIndependent(ErrorBound other) {
        return of(proven + other.proven, shift + other.shift, Math.hypot(spread, other.spread));
    }

    ErrorBound times(double factor) {
        double size = Math.abs(factor);
        return size == 0 ? EXACT : of(proven * size, shift * size, spread * size);
    }

    /** Whichever of two values it is. */
    ErrorBound max(ErrorBound other) {
        return of(Math.max(proven, other.proven), Math.max(shift, other.shift), Math.max(spread, other.spread));
    }

    /** After rounding to the nearest multiple of a unit. */
    ErrorBound rounded(double unit) {
        return plusIndependent(new ErrorBound(unit / 2, 0, unit * UNIFORM));
    }

    /**
     * After truncation to multiples of a unit: down in the clear, to either neighbour on shares, the nearer one more often, which
     * deviates by half a unit at most.
     */
    ErrorBound truncated(double unit) {
        return plusIndependent(new ErrorBound(unit, unit / 2, unit / 2));
    }

    /** What is not a number any more is no bound. */
    static ErrorBound of(double proven, double shift, double spread) {
        return Double.isNaN(proven) || Double.isNaN(shift) || Double.isNaN(spread) ? UNBOUNDED : new ErrorBound(proven, shift, spread);
    }
}
