package dev.sardonyx.reference.files;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Tables of numbers: one sample a line, commas, semicolons or tabs between the columns, a header where the first line is no numbers.
 * A header may name a column of labels ({@code label}, {@code labels}, {@code class}, {@code target} or {@code y}).
 */
final class Csv {
    private static final Set<String> LABEL_NAMES = Set.of("label", "labels", "class", "target", "y");
    private static final int MOST_COLUMNS = 1 << 20;

    private Csv() {
    }

    /** The table: rows × columns as float64, and the labels if the header names them. */
    record Table(Tensor values, Optional<long[]> labels) {
    }

    static Table read(Path file) {
        return Paths.readingMaybeGzip(file, in -> {
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            return new Reader(Paths.nameOf(file)).read(lines);
        });
    }

    private static final class Reader {
        private final String source;
        private int columns = -1;
        private int labelColumn = -1;
        private double[] values = new double[1 << 10];
        private int filled;
        private long[] labels = new long[1 << 6];
        private int rows;

        Reader(String source) {
            this.source = source;
        }

        Table read(BufferedReader lines) throws IOException {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                String text = number == 1 ? line.replace("\uFEFF", "") : line;
                if (text.isBlank()) {
                    continue;
                }
                String[] cells = text.split("[,;\t]", -1);
                if (columns < 0) {
                    columns = cells.length;
                    if (columns > MOST_COLUMNS) {
                        throw malformed(number, columns + " columns; expected at most " + MOST_COLUMNS);
                    }
                    if (isHeader(cells)) {
                        labelColumn = labelColumn(cells);
                        continue;
                    }
                }
                row(cells, number);
            }
            if (rows == 0) {
                throw new InputException(InputException.Kind.MALFORMED, source + ": no rows of numbers");
            }
            Tensor table = Tensor.ofDoubles(ElementType.FLOAT64, Shape.of(rows, filled / rows), Arrays.copyOf(values, filled));
            return new Table(table, labelColumn < 0 ? Optional.empty() : Optional.of(Arrays.copyOf(labels, rows)));
        }

        private void row(String[] cells, int number) {
            if (cells.length != columns) {
                throw malformed(number, cells.length + " columns; expected " + columns + " as in the first line");
            }
            for (int column = 0; column < columns; column++) {
                double value = number(cells[column], number, column);
                if (column == labelColumn) {
                    labels = rows == labels.length ? Arrays.copyOf(labels, 2 * rows) : labels;
                    labels[rows] = (long) value;
                } else {
                    values = filled == values.length ? Arrays.copyOf(values, 2 * filled) : values;
                    values[filled++] = value;
                }
            }
            rows++;
        }

        private double number(String cell, int line, int column) {
            try {
                return Double.parseDouble(cell.strip());
            } catch (NumberFormatException e) {
                throw new InputException(InputException.Kind.MALFORMED, source + ": line " + line + ", column " + (column + 1) + " is no number", e);
            }
        }

        private InputException malformed(int line, String what) {
            return new InputException(InputException.Kind.MALFORMED, source + ": line " + line + " has " + what);
        }
    }

    private static boolean isHeader(String[] cells) {
        try {
            for (String cell : cells) {
                Double.parseDouble(cell.strip());
            }
            return false;
        } catch (NumberFormatException e) {
            return true;
        }
    }

    private static int labelColumn(String[] cells) {
        List<String> names = Arrays.stream(cells).map(cell -> cell.strip().replace("\"", "").toLowerCase(Locale.ROOT)).toList();
        for (int column = 0; column < names.size(); column++) {
            if (LABEL_NAMES.contains(names.get(column))) {
                return column;
            }
        }
        return -1;
    }
}
