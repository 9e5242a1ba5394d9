package dev.sardonyx.reference.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A linear axis: numbers from low to high between two places of a plot. */
record Axis(double low, double high, double from, double to) {
    private static final int MOST_TICKS = 7;

    double at(double value) {
        return from + (to - from) * (value - low) / (high - low);
    }

    /** The place of a positive number on an axis of powers of ten; what lies beyond the ends stands at the ends. */
    double log(double value) {
        double power = value > 0 ? Math.log10(value) : low;
        return at(Math.clamp(power, low, high));
    }

    /** Round numbers on the axis: multiples of 1, 2 or 5 times a power of ten. */
    List<Double> ticks() {
        double step = Math.pow(10, Math.floor(Math.log10(high - low)) - 1);
        for (double factor : new double[]{1, 2, 5, 10, 20}) {
            if ((high - low) / (step * factor) <= MOST_TICKS) {
                step *= factor;
                break;
            }
        }
        List<Double> ticks = new ArrayList<>();
        for (double tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
            ticks.add(Math.rint(tick / step) * step);
        }
        return ticks;
    }

    static String label(double tick) {
        String text = Math.abs(tick) >= 1e5 || tick != 0 && Math.abs(tick) < 1e-3 ? String.format(Locale.ROOT, "%.0e", tick) : String.format(Locale.ROOT, "%.4f", tick)
                .replaceFirst("\\.?0+$", "");
        return text.equals("-0") ? "0" : text.replace('-', '−');
    }
}
