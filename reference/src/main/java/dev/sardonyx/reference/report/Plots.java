package dev.sardonyx.reference.report;

import dev.sardonyx.reference.report.ComparisonReport.NodeCost;
import dev.sardonyx.reference.report.ComparisonReport.NodeError;
import dev.sardonyx.reference.report.OutputTally.Confusion;
import dev.sardonyx.reference.report.OutputTally.Pair;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The page's plots as inline SVG; colours are the page's variables, so that they follow light and dark. */
final class Plots {
    private static final int WIDTH = 520;
    private static final int WIDE = 1_080;
    private static final int MOST_ROWS = 60;
    private static final int ROW = 26;
    private static final int NAMES = 250;
    private static final double WIDEST_CELL = 96;

    private Plots() {
    }

    private static String open(int width, int height, String label) {
        return Markup.fill("<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\">", width, height, label);
    }

    /** Errors of fixed point and secure, counted by size. */
    static String histogram(OutputTally outputs) {
        long[] fixed = outputs.fixedPointErrors();
        long[] secure = outputs.secureErrors();
        long most = Math.max(1, Math.max(Arrays.stream(fixed).max().orElse(1), Arrays.stream(secure).max().orElse(1)));
        int from = first(fixed, secure);
        int to = last(fixed, secure);
        int height = 300;
        double left = 16;
        double bottom = height - 40;
        double step = (WIDTH - left - 16) / (to - from + 1);
        var svg = new StringBuilder(open(WIDTH, height, "How many outputs have an error of which size"));
        for (int bin = from; bin <= to; bin++) {
            double x = left + (bin - from) * step;
            boolean besideZero = bin == 1 && fixed[0] + secure[0] > 0;
            if (bin > 0 && !besideZero && (bin - 1) % OutputTally.BINS_PER_DECADE == 0) {
                svg.append(Markup.fill("<line class=\"grid\" x1=\"{0}\" y1=\"12\" x2=\"{0}\" y2=\"{1}\"/><text class=\"tick\" x=\"{0}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>",
                        x, bottom, bottom + 18, Markup.power(OutputTally.LEAST_DECADE + (bin - 1) / OutputTally.BINS_PER_DECADE)));
            }
            if (bin == 0 && fixed[0] + secure[0] > 0) {
                svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">0</text>", x + step / 2, bottom + 18));
            }
            bar(svg, "fixed", new double[]{x + 1, step / 2 - 1, bottom}, (bottom - 16) * fixed[bin] / most, fixed[bin]);
            bar(svg, "secure", new double[]{x + step / 2, step / 2 - 1, bottom}, (bottom - 16) * secure[bin] / most, secure[bin]);
        }
        svg.append(Markup.fill("<line class=\"axis\" x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\"/>", left, bottom, WIDTH - 16));
        svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">absolute error of an output</text></svg>", WIDTH / 2, height - 4));
        return svg.toString();
    }

    private static void bar(StringBuilder svg, String kind, double[] place, double height, long count) {
        if (count > 0) {
            double shown = Math.max(1.5, height);
            svg.append(Markup.fill("<rect class=\"{0}\" x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{4}\" rx=\"1.5\"><title>{5} outputs, {0}</title></rect>", kind, place[0],
                    place[2] - shown, Math.max(1, place[1]), shown, count));
        }
    }

    private static int first(long[] fixed, long[] secure) {
        int bin = 0;
        while (bin < fixed.length - 5 && fixed[bin] + secure[bin] == 0) {
            bin++;
        }
        return bin;
    }

    private static int last(long[] fixed, long[] secure) {
        int bin = fixed.length - 1;
        while (bin > 4 && fixed[bin] + secure[bin] == 0) {
            bin--;
        }
        return Math.max(bin, first(fixed, secure) + 4);
    }

    /** Secure beside float: a point for each of some outputs. */
    static String scatter(OutputTally outputs) {
        List<Pair> pairs = outputs.pairs().stream().filter(pair -> Double.isFinite(pair.reference()) && Double.isFinite(pair.secure())).toList();
        int height = 300;
        double low = pairs.stream().mapToDouble(pair -> Math.min(pair.reference(), pair.secure())).min().orElse(0);
        double high = pairs.stream().mapToDouble(pair -> Math.max(pair.reference(), pair.secure())).max().orElse(1);
        double room = Math.max((high - low) * 0.04, 1e-6);
        var x = new Axis(low - room, high + room, 52, WIDTH - 12);
        var y = new Axis(low - room, high + room, height - 40, 12);
        var svg = new StringBuilder(open(WIDTH, height, "Secure outputs against float outputs"));
        for (double tick : x.ticks()) {
            svg.append(Markup.fill("<line class=\"grid\" x1=\"{0}\" y1=\"12\" x2=\"{0}\" y2=\"{1}\"/><text class=\"tick\" x=\"{0}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>", x.at(tick),
                    height - 40, height - 22, Axis.label(tick)));
            svg.append(Markup.fill("<line class=\"grid\" x1=\"52\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\"/><text class=\"tick\" x=\"46\" y=\"{2}\" text-anchor=\"end\">{3}</text>", y.at(tick),
                    WIDTH - 12, y.at(tick) + 4, Axis.label(tick)));
        }
        svg.append(Markup.fill("<line class=\"ideal\" x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{3}\"/>", x.at(low - room), y.at(low - room), x.at(high + room), y.at(high + room)));
        pairs.forEach(pair -> svg.append(Markup.fill("<circle class=\"secure dot\" cx=\"{0}\" cy=\"{1}\" r=\"2.6\"/>", x.at(pair.reference()), y.at(pair.secure()))));
        svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">float</text><text class=\"tick\" x=\"12\" y=\"{2}\" text-anchor=\"middle\" transform=\"rotate(-90 12 {2})\">secure</text></svg>",
                WIDTH / 2, height - 4, height / 2 - 20));
        return svg.toString();
    }

    /** Counts by right class (rows) and answer (columns), the square root of the share as depth of colour, so that few still show. */
    static String confusion(Confusion counts, long[] cells, String kind) {
        int classes = counts.classes();
        int side = 500;
        double left = 34;
        double step = Math.min((side - left - 4) / classes, WIDEST_CELL);
        int height = (int) (4 + classes * step + 34);
        var svg = new StringBuilder(open(side, height, "Confusion matrix"));
        for (int row = 0; row < classes; row++) {
            long total = Math.max(1, Arrays.stream(cells, row * classes, (row + 1) * classes).sum());
            svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"end\">{2}</text>", left - 8, 4 + (row + 0.5) * step + 4, row));
            svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">{2}</text>", left + (row + 0.5) * step, height - 12, row));
            for (int column = 0; column < classes; column++) {
                long count = cells[row * classes + column];
                double share = Math.sqrt((double) count / total);
                double x = left + column * step;
                double y = 4 + row * step;
                svg.append(Markup.fill("<rect class=\"cell\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{2}\" rx=\"3\"/>", x + 1, y + 1, step - 2));
                if (count > 0) {
                    svg.append("<rect class=\"").append(row == column ? kind : "bad").append("\" fill-opacity=\"").append(String.format(java.util.Locale.ROOT, "%.2f", 0.15 + 0.85 * share))
                            .append(Markup.fill("\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{2}\" rx=\"3\"/>", x + 1, y + 1, step - 2));
                    svg.append(Markup.fill("<text class=\"{0}\" x=\"{1}\" y=\"{2}\" text-anchor=\"middle\" font-size=\"{3}\">{4}</text>", share > 0.6 ? "on" : "count", x + step / 2,
                            y + step / 2 + 4, Math.min(13, step / 2.6), count));
                }
            }
        }
        return svg.append("</svg>").toString();
    }

    /** Each node's total error as a line that grows, and what it adds itself as a bar coloured by cause, on a scale of powers of ten. */
    static String waterfall(List<NodeError> all) {
        List<NodeError> nodes = most(all, Comparator.comparingDouble(NodeError::own).reversed(), NodeError::faulty);
        double high = nodes.stream().mapToDouble(node -> Math.max(node.total(), node.own())).filter(Double::isFinite).max().orElse(1);
        int greatest = (int) Math.max(-3, Math.ceil(Math.log10(Math.max(high, 1e-12))));
        int least = Math.min(-7, greatest - 4);
        boolean revealed = nodes.stream().anyMatch(node -> node.protocol().isPresent());
        int bottom = 14 + nodes.size() * ROW;
        var x = new Axis(least, greatest, NAMES, WIDE - 190);
        var svg = new StringBuilder(open(WIDE, bottom + 42, "Error of each node"));
        for (int power = least; power <= greatest; power++) {
            svg.append(Markup.fill("<line class=\"grid\" x1=\"{0}\" y1=\"8\" x2=\"{0}\" y2=\"{1}\"/><text class=\"tick\" x=\"{0}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>", x.at(power),
                    bottom, bottom + 18, Markup.power(power)));
        }
        var path = new StringBuilder();
        for (int row = 0; row < nodes.size(); row++) {
            NodeError node = nodes.get(row);
            double y = 14 + row * ROW;
            double end = x.log(node.own());
            double total = x.log(node.total());
            if (node.faulty()) {
                svg.append(Markup.fill("<rect class=\"here\" x=\"0\" y=\"{0}\" width=\"{1}\" height=\"{2}\" rx=\"6\"/>", y - 1, WIDE, ROW - 2));
            }
            svg.append(Markup.fill("<text class=\"name\" x=\"8\" y=\"{0}\">{1}<title>{2}</title></text><text class=\"op\" x=\"{3}\" y=\"{0}\" text-anchor=\"end\">{4}</text>", y + 16,
                    Markup.shortened(node.name(), 22), node.name(), NAMES - 12, Markup.shortened(node.op(), 14)));
            svg.append(Markup.fill("<rect class=\"cause-{0}\" x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"11\" rx=\"2\"><title>{4}</title></rect>", node.cause(), (double) NAMES, y + 6.5,
                    Math.max(0, end - NAMES), node.name() + " adds " + Markup.error(node.own()) + ", " + node.cause()));
            if (node.protocol().isPresent()) {
                svg.append(Markup.fill("<circle class=\"secure\" cx=\"{0}\" cy=\"{1}\" r=\"4\"><title>protocol adds {2}</title></circle>", x.log(node.protocol().getAsDouble()), y + 12,
                        Markup.error(node.protocol().getAsDouble())));
            }
            path.append(row == 0 ? "M" : "L").append(Markup.number(total)).append(' ').append(Markup.number(y + 1)).append('L').append(Markup.number(total)).append(' ')
                    .append(Markup.number(y + ROW - 3));
            svg.append(Markup.fill("<text class=\"{0}\" x=\"{1}\" y=\"{2}\">{3}</text>", node.faulty() ? "value strong" : "value", WIDE - 180, y + 16,
                    Markup.error(node.total()) + (node.cause().equals("none") ? "" : " · " + node.cause())));
        }
        svg.append("<path class=\"total\" d=\"").append(path).append("\"/>");
        svg.append(Markup.fill("<text class=\"tick\" x=\"{0}\" y=\"{1}\" text-anchor=\"middle\">absolute error: line, from float; bar, added by the node itself{2}</text></svg>",
                (NAMES + WIDE - 190) / 2, bottom + 38, revealed ? "; dot, added by the protocol" : ""));
        return svg.toString();
    }

    /** Bytes that the busiest party sends for each node, rounds beside. */
    static String costs(List<NodeCost> all) {
        List<NodeCost> nodes = most(all, Comparator.comparingLong(NodeCost::bytes).reversed(), _ -> false);
        double high = Math.max(1, nodes.stream().mapToLong(NodeCost::bytes).max().orElse(1));
        int bottom = 8 + nodes.size() * ROW;
        double widest = WIDE - NAMES - 200;
        var svg = new StringBuilder(open(WIDE, bottom + 8, "Cost of each node"));
        for (int row = 0; row < nodes.size(); row++) {
            NodeCost node = nodes.get(row);
            double y = 8 + row * ROW;
            double width = widest * node.bytes() / high;
            svg.append(Markup.fill("<text class=\"name\" x=\"8\" y=\"{0}\">{1}<title>{2}</title></text><text class=\"op\" x=\"{3}\" y=\"{0}\" text-anchor=\"end\">{4}</text>", y + 16,
                    Markup.shortened(node.name(), 22), node.name(), NAMES - 12, Markup.shortened(node.kernel(), 14)));
            svg.append(Markup.fill("<rect class=\"cost\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"13\" rx=\"2\"/>", NAMES, y + 5.5, Math.max(1, width)));
            svg.append(Markup.fill("<text class=\"value\" x=\"{0}\" y=\"{1}\">{2}</text>", NAMES + width + 10, y + 16,
                    Markup.bytes(node.bytes()) + (node.rounds() == 0 ? " · no round" : " · " + node.rounds() + (node.rounds() == 1 ? " round" : " rounds"))));
        }
        return svg.append("</svg>").toString();
    }

    /** How many rows a plot leaves out. */
    static int leftOut(int rows) {
        return Math.max(0, rows - MOST_ROWS);
    }

    /** So many rows as a person reads, those that weigh most, in their order. */
    private static <T> List<T> most(List<T> all, Comparator<T> weight, java.util.function.Predicate<T> always) {
        if (all.size() <= MOST_ROWS) {
            return all;
        }
        Set<T> kept = new HashSet<>(all.stream().sorted(Comparator.comparing((T one) -> !always.test(one)).thenComparing(weight)).limit(MOST_ROWS).toList());
        return all.stream().filter(kept::contains).toList();
    }
}
