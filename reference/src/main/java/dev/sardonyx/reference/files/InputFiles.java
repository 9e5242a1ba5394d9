package dev.sardonyx.reference.files;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.ModelInput;
import dev.sardonyx.importer.ModelInput.Dimension;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns files into a model's inputs. A file's kind is told from its first bytes: {@code .npz} names its arrays as the model names its
 * inputs, and may hold {@code labels}; every other file gives one input: the model's only one, or the one that {@code NAME=FILE}
 * names. Several pictures, or a folder with one folder of pictures a class, are one input.
 *
 * <p>Scale, mean and std that the user gave hold for every file; those that the model's metadata give, and the default scale of
 * 1/255, for pixels only (IDX, PNG, JPEG), because arrays are taken as the model wants them.
 */
public final class InputFiles {
    /** The name in an {@code .npz} that is no input but the right classes. */
    public static final String LABELS = "labels";

    private final List<ModelInput> inputs;
    private final Pixels given;
    private final Pixels forPixels;
    private Optional<long[]> labels = Optional.empty();

    private InputFiles(List<ModelInput> inputs, Map<String, String> metadata, Pixels given) {
        this.inputs = inputs;
        this.given = given;
        this.forPixels = given.or(Pixels.ofMetadata(metadata));
    }

    /**
     * Opens what the arguments name and checks it against the model's inputs.
     *
     * @param inputs the model's inputs, as declared
     * @param metadata the model's {@code metadata_props}
     * @param arguments paths, or {@code NAME=PATH}; at least one
     * @param given what the user says of pixels
     * @throws InputException for whatever is wrong with them
     */
    public static DataSet open(List<ModelInput> inputs, Map<String, String> metadata, List<String> arguments, Pixels given) {
        return new InputFiles(inputs, metadata, given).open(arguments);
    }

    /**
     * Tensors that the caller has in hand as a data set; checked as files are.
     *
     * @throws InputException as {@link #open}
     */
    public static DataSet of(List<ModelInput> inputs, Map<String, Tensor> tensors) {
        var files = new InputFiles(inputs, Map.of(), Pixels.UNSAID);
        return DataSet.of(inputs, files.named("inputs", tensors), files.labels);
    }

    /**
     * Checks one call's inputs: names, types and shapes, and that all numbers are finite.
     *
     * @throws InputException naming what is wrong
     */
    public static void check(List<ModelInput> inputs, Map<String, Tensor> tensors) {
        new InputFiles(inputs, Map.of(), Pixels.UNSAID).named("inputs", tensors);
    }

    private DataSet open(List<String> arguments) {
        Map<String, Path> named = new LinkedHashMap<>();
        List<Path> unnamed = new ArrayList<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            boolean isName = equals > 0 && inputs.stream().anyMatch(input -> input.name().equals(argument.substring(0, equals)));
            if (!isName) {
                unnamed.add(Path.of(argument));
            } else if (named.put(argument.substring(0, equals), Path.of(argument.substring(equals + 1))) != null) {
                throw new InputException(InputException.Kind.NAMES, "input '" + argument.substring(0, equals) + "' is given twice");
            }
        }
        if (named.isEmpty() && unnamed.size() == 1 && FileKind.of(unnamed.getFirst()) == FileKind.NPZ) {
            Path file = unnamed.getFirst();
            return DataSet.of(inputs, named(Paths.nameOf(file), Numpy.readAll(file)), labels);
        }
        Map<String, SampleSource> sources = new LinkedHashMap<>();
        named.forEach((name, file) -> sources.put(name, single(input(name), List.of(file))));
        List<ModelInput> missing = inputs.stream().filter(input -> !sources.containsKey(input.name())).toList();
        if (!unnamed.isEmpty()) {
            assign(unnamed, missing, sources);
        }
        List<String> absent = inputs.stream().map(ModelInput::name).filter(name -> !sources.containsKey(name)).toList();
        if (!absent.isEmpty()) {
            throw new InputException(InputException.Kind.NAMES, "no file for " + quoted(absent) + "; expected files for " + describe());
        }
        return DataSet.of(inputs, sources, labels);
    }

    private void assign(List<Path> files, List<ModelInput> missing, Map<String, SampleSource> sources) {
        if (missing.size() == 1) {
            sources.put(missing.getFirst().name(), single(missing.getFirst(), files));
        } else if (missing.size() == files.size()) {
            for (int i = 0; i < files.size(); i++) {
                sources.put(missing.get(i).name(), single(missing.get(i), List.of(files.get(i))));
            }
        } else {
            throw new InputException(InputException.Kind.NAMES, files.size() + (files.size() == 1 ? " file" : " files") + " for the inputs " + describe()
                    + "; expected one .npz, one file for each in this order, or NAME=FILE");
        }
    }

    private SampleSource single(ModelInput input, List<Path> files) {
        Path first = files.getFirst();
        FileKind kind = FileKind.of(first);
        if (files.size() > 1 && kind != FileKind.PICTURE) {
            throw new InputException(InputException.Kind.NAMES, files.size() + " files for input '" + input.name() + "'; expected one, or several pictures");
        }
        String source = Paths.nameOf(first);
        return switch (kind) {
            case NPY -> tensor(input, Numpy.read(first), source);
            case NPZ -> throw new InputException(InputException.Kind.NAMES, source + ": an .npz holds all inputs; expected no other file beside it");
            case TENSOR_PROTO -> tensor(input, TensorProtoFile.read(first), source);
            case IDX -> {
                Pictures pictures = Idx.pictures(first);
                labels = Idx.labelsBeside(first, pictures.count());
                yield PictureSource.of(input, channels -> channels == 1 ? pictures : new GrayTripled(pictures), forPixels);
            }
            case PICTURE -> PictureSource.of(input, channels -> ImageFile.pictures(files, channels), forPixels);
            case CSV -> csv(input, Csv.read(first), source);
            case FOLDER -> folder(input, first);
        };
    }

    private SampleSource csv(ModelInput input, Csv.Table table, String source) {
        labels = table.labels();
        Tensor rows = table.values();
        TensorSource.requireFinite(input.name(), rows);
        if (input.ranked() && input.dims().size() > 1 && input.dims().stream().skip(1).allMatch(dim -> dim instanceof Dimension.Known)) {
            int features = 1;
            var shape = new ArrayList<Integer>(List.of(rows.shape().dim(0)));
            for (Dimension dim : input.dims().subList(1, input.dims().size())) {
                shape.add(((Dimension.Known) dim).extent());
                features *= ((Dimension.Known) dim).extent();
            }
            if (features != rows.shape().dim(1)) {
                throw new InputException(InputException.Kind.SHAPE, source + ": " + rows.shape().dim(1) + " columns of numbers for input '" + input.name()
                        + "'; expected " + features + " (and labels only in a column that a header names 'label')");
            }
            rows = rows.reshaped(new Shape(shape));
        }
        return tensor(input, rows.as(input.type()), source);
    }

    private SampleSource folder(ModelInput input, Path folder) {
        List<Path> classes = children(folder, Files::isDirectory);
        List<Path> files = new ArrayList<>();
        if (classes.isEmpty()) {
            files.addAll(children(folder, InputFiles::isPicture));
        } else {
            boolean numbered = classes.stream().allMatch(path -> path.getFileName().toString().matches("\\d{1,9}"));
            List<Long> found = new ArrayList<>();
            for (int i = 0; i < classes.size(); i++) {
                List<Path> pictures = children(classes.get(i), InputFiles::isPicture);
                files.addAll(pictures);
                long label = numbered ? Long.parseLong(classes.get(i).getFileName().toString()) : i;
                pictures.forEach(picture -> found.add(label));
            }
            labels = Optional.of(found.stream().mapToLong(Long::longValue).toArray());
        }
        if (files.isEmpty()) {
            throw new InputException(InputException.Kind.MALFORMED, Paths.nameOf(folder) + ": no .png or .jpg pictures; expected them here or in one folder a class");
        }
        return PictureSource.of(input, channels -> ImageFile.pictures(files, channels), forPixels);
    }

    private Map<String, SampleSource> named(String source, Map<String, Tensor> tensors) {
        Set<String> extra = new TreeSet<>(tensors.keySet());
        inputs.forEach(input -> extra.remove(input.name()));
        extra.remove(LABELS);
        List<String> missing = inputs.stream().map(ModelInput::name).filter(name -> !tensors.containsKey(name)).toList();
        if (!extra.isEmpty() || !missing.isEmpty()) {
            throw new InputException(InputException.Kind.NAMES, source + ":" + (missing.isEmpty() ? "" : " lacks " + quoted(missing))
                    + (missing.isEmpty() || extra.isEmpty() ? "" : ",") + (extra.isEmpty() ? "" : " has " + quoted(extra) + " that the model does not know")
                    + "; expected " + describe() + " and, if you like, 'labels'");
        }
        Map<String, SampleSource> sources = new LinkedHashMap<>();
        for (ModelInput input : inputs) {
            sources.put(input.name(), tensor(input, tensors.get(input.name()), source));
        }
        if (tensors.containsKey(LABELS) && inputs.stream().noneMatch(input -> input.name().equals(LABELS))) {
            labels = Optional.of(tensors.get(LABELS).toLongs());
        }
        return sources;
    }

    private SampleSource tensor(ModelInput input, Tensor tensor, String source) {
        Tensor scaled = given.isIdentity() || !tensor.type().isFloating() ? tensor : scaled(tensor);
        return new TensorSource(input, scaled, source, true);
    }

    private Tensor scaled(Tensor tensor) {
        int rank = tensor.shape().rank();
        boolean last = rank == 4 && given.layout().equals(Optional.of(Pixels.Layout.NHWC));
        int channels = rank == 4 ? tensor.shape().dim(last ? 3 : 1) : 1;
        int inner = rank == 4 && !last ? tensor.shape().dim(2) * tensor.shape().dim(3) : 1;
        double[][] affine = given.affine(channels, 1);
        double[] values = tensor.toDoubles();
        for (int i = 0; i < values.length; i++) {
            int channel = i / inner % channels;
            values[i] = values[i] * affine[channel][0] + affine[channel][1];
        }
        return Tensor.ofDoubles(tensor.type(), tensor.shape(), values);
    }

    private ModelInput input(String name) {
        return inputs.stream().filter(input -> input.name().equals(name)).findFirst().orElseThrow();
    }

    private String describe() {
        return String.join(", ", inputs.stream().map(input -> "'" + input.name() + "' (" + input.type() + " " + input.shapeText() + ")").toList());
    }

    private static String quoted(Iterable<String> names) {
        List<String> quoted = new ArrayList<>();
        names.forEach(name -> quoted.add("'" + name + "'"));
        return String.join(", ", quoted);
    }

    private static boolean isPicture(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
    }

    private static List<Path> children(Path folder, DirectoryStream.Filter<Path> filter) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, filter)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            throw Paths.unreadable(folder, e);
        }
        children.sort(Comparator.comparing((Path path) -> path.getFileName().toString()));
        return children;
    }
}
