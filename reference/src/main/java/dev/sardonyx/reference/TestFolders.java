package dev.sardonyx.reference;

import dev.sardonyx.reference.files.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * ONNX test folders: a {@code model.onnx} beside {@code test_data_set_K/input_I.pb} and {@code output_I.pb}, where I counts the
 * graph's inputs and outputs. An {@code input_I.pb} that is missing is an optional input that is not given.
 */
public final class TestFolders {
    private static final String MODEL = "model.onnx";
    private static final int DEEPEST = 32;
    private static final Pattern DATA_SET = Pattern.compile("test_data_set_(\\d{1,9})");
    private static final Pattern NUMBERED = Pattern.compile("(input|output)_(\\d{1,9})\\.pb");

    private TestFolders() {
    }

    /**
     * A model and its data sets.
     *
     * @param folder where it lies
     * @param model its {@code model.onnx}
     * @param dataSets in order; may be none
     */
    public record Case(Path folder, Path model, List<DataSet> dataSets) {
        public Case {
            dataSets = List.copyOf(dataSets);
        }
    }

    /** Files of one data set by the number of the graph input or output. */
    public record DataSet(Path folder, Map<Integer, Path> inputs, Map<Integer, Path> outputs) {
        public DataSet {
            inputs = Map.copyOf(inputs);
            outputs = Map.copyOf(outputs);
        }
    }

    /**
     * All cases in and under these folders, in the order of their paths.
     *
     * @throws InputException if a folder cannot be read or none holds a {@code model.onnx}
     */
    public static List<Case> find(List<Path> roots) {
        List<Case> cases = new ArrayList<>();
        for (Path root : roots) {
            if (!Files.isDirectory(root)) {
                throw new InputException(InputException.Kind.UNREADABLE, root + (Files.exists(root) ? ": is a file; expected a folder" : ": no such folder"));
            }
            try (Stream<Path> paths = Files.walk(root, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
                List<Path> models = paths.filter(path -> path.getFileName() != null && path.getFileName().toString().equals(MODEL)).sorted().toList();
                for (Path model : models) {
                    cases.add(caseOf(model));
                }
            } catch (UncheckedIOException | IOException e) {
                throw new InputException(InputException.Kind.UNREADABLE, root + ": cannot be read (" + e.getMessage() + ")", e);
            }
        }
        if (cases.isEmpty()) {
            throw new InputException(InputException.Kind.UNREADABLE, roots.getFirst() + ": no " + MODEL + " here or below");
        }
        return cases;
    }

    private static Case caseOf(Path model) throws IOException {
        Path folder = model.toAbsolutePath().getParent();
        Map<Integer, Path> folders = new TreeMap<>();
        try (Stream<Path> children = Files.list(folder)) {
            children.forEach(child -> {
                Matcher matcher = DATA_SET.matcher(child.getFileName().toString());
                if (matcher.matches()) {
                    folders.put(Integer.parseInt(matcher.group(1)), child);
                }
            });
        }
        List<DataSet> dataSets = new ArrayList<>();
        for (Path dataSet : folders.values()) {
            dataSets.add(dataSet(dataSet));
        }
        return new Case(model.getParent() == null ? Path.of("") : model.getParent(), model, dataSets);
    }

    private static DataSet dataSet(Path folder) throws IOException {
        Map<Integer, Path> inputs = new TreeMap<>();
        Map<Integer, Path> outputs = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.sorted(Comparator.naturalOrder()).forEach(file -> {
                Matcher matcher = NUMBERED.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    (matcher.group(1).equals("input") ? inputs : outputs).put(Integer.parseInt(matcher.group(2)), file);
                }
            });
        }
        return new DataSet(folder, inputs, outputs);
    }
}
