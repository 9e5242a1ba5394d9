package dev.sardonyx.cli;

import dev.sardonyx.cli.events.PlainText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns of text under headings; numbers stand right. Cells may hold what a party or a model's file says. */
final class Table {
    private static final String GAP = "  ";

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = List.of(headings);
    }

    void row(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells; expected " + headings.size());
        }
        rows.add(Arrays.stream(cells).map(PlainText::of).toList());
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    List<String> lines() {
        int[] widths = new int[headings.size()];
        boolean[] right = new boolean[widths.length];
        for (int column = 0; column < widths.length; column++) {
            int index = column;
            widths[column] = Math.max(headings.get(column).length(), rows.stream().mapToInt(row -> row.get(index).length()).max().orElse(0));
            right[column] = !rows.isEmpty() && rows.stream().map(row -> row.get(index)).allMatch(Table::numeric);
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(headings, widths, right));
        lines.add(String.join(GAP, Arrays.stream(widths).mapToObj("─"::repeat).toList()));
        rows.forEach(row -> lines.add(line(row, widths, right)));
        return lines;
    }

    private static String line(List<String> cells, int[] widths, boolean[] right) {
        var text = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String blank = " ".repeat(widths[column] - cells.get(column).length());
            text.append(column == 0 ? "" : GAP).append(right[column] ? blank + cells.get(column) : cells.get(column) + blank);
        }
        return text.toString().stripTrailing();
    }

    private static boolean numeric(String cell) {
        return cell.isEmpty() || cell.equals("–") || cell.matches("[-−+]?[\\d.,]+(e[-+]?\\d+)?( ?(kB|MB|GB|B|s|ms|µs|%|bit))?");
    }
}
