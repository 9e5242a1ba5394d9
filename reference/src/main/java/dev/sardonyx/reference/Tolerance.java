package dev.sardonyx.reference;

/**
 * How far a number may be from its reference: {@code |actual − expected| ≤ absolute + relative·|expected|}. Integers, indices and
 * booleans must be equal.
 */
public record Tolerance(double absolute, double relative) {
    /** 1e-3 and 1e-3. */
    public static final Tolerance DEFAULT = new Tolerance(1e-3, 1e-3);

    public Tolerance {
        if (!(absolute >= 0 && relative >= 0) || Double.isInfinite(absolute) || Double.isInfinite(relative)) {
            throw new IllegalArgumentException("tolerance " + absolute + "," + relative + "; expected two finite numbers that are not negative");
        }
    }

    /**
     * Reads {@code ABS,REL}, or {@code ABS} alone for both.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Tolerance parse(String text) {
        String[] parts = text.split(",", -1);
        try {
            double absolute = Double.parseDouble(parts[0]);
            return switch (parts.length) {
                case 1 -> new Tolerance(absolute, absolute);
                case 2 -> new Tolerance(absolute, Double.parseDouble(parts[1]));
                default -> throw new IllegalArgumentException("tolerance '" + text + "'; expected ABS,REL such as 1e-3,1e-3");
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("tolerance '" + text + "'; expected ABS,REL such as 1e-3,1e-3", e);
        }
    }

    public boolean holds(double expected, double actual) {
        if (!Double.isFinite(expected) || !Double.isFinite(actual)) {
            return Double.compare(expected, actual) == 0;
        }
        return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
    }

    @Override
    public String toString() {
        return absolute + " + " + relative + "·|reference|";
    }
}
