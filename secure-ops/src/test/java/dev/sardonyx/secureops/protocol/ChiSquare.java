package dev.sardonyx.secureops.protocol;

/** Chi-square statistics as distances in standard deviations: about normal for the degrees of freedom used here. */
final class ChiSquare {
    private ChiSquare() {
    }

    /** How far counts are from equal ones. */
    static double uniform(int[] counts) {
        long total = 0;
        for (int count : counts) {
            total += count;
        }
        double expected = (double) total / counts.length;
        double statistic = 0;
        for (int count : counts) {
            statistic += (count - expected) * (count - expected) / expected;
        }
        return deviations(statistic, counts.length - 1);
    }

    /** How far two samples are from one distribution. */
    static double same(int[] a, int[] b) {
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            ofA += a[i];
            ofB += b[i];
        }
        double statistic = 0;
        int cells = 0;
        for (int i = 0; i < a.length; i++) {
            double both = a[i] + b[i];
            if (both > 0) {
                double difference = a[i] * Math.sqrt(ofB / ofA) - b[i] * Math.sqrt(ofA / ofB);
                statistic += difference * difference / both;
                cells++;
            }
        }
        return cells < 2 ? 0 : deviations(statistic, cells - 1);
    }

    /** Wilson and Hilferty, PNAS 17(12), 1931: the cube root of a chi-square is nearly normal. */
    private static double deviations(double statistic, int freedom) {
        double spread = 2.0 / (9.0 * freedom);
        return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
    }
}
