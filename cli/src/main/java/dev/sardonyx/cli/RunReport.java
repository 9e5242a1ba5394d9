package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.Classes;
import dev.sardonyx.reference.Comparison;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.planner.PlanOptions.Reveal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What {@code run} shows of a run: JSON for scripts, pictures and a table for people. */
final class RunReport {
    private static final int MOST_ROWS = 20;
    private static final int MOST_NUMBERS = 6;
    private static final int GAP = 3;
    private static final int HASH_SHOWN = 16;

    private final Opened opened;
    private final Protocol protocol;
    private final PlanOptions options;
    private final Tolerance tolerance;
    private final SampleRun run;
    private final Map<String, Tensor> expected;
    private final Comparison comparison;
    private final Optional<Classes> classes;

    RunReport(Opened opened, Protocol protocol, PlanOptions options, Tolerance tolerance, SampleRun run) {
        this.opened = opened;
        this.protocol = protocol;
        this.options = options;
        this.tolerance = tolerance;
        this.run = run;
        this.expected = Revealed.of(run.reference(), options.reveal());
        this.comparison = Comparison.of(expected, run.secure(), tolerance);
        this.classes = comparison.mismatch().isPresent() ? Optional.empty() : Classes.in(expected, run.samples());
    }

    boolean within() {
        return comparison.within();
    }

    /** What a person should know before trusting the numbers. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>(run.accuracy().warnings());
        run.watch().violations().forEach(violation -> warnings.add(violation.line()));
        warnings.addAll(exceeded());
        return warnings;
    }

    private List<String> exceeded() {
        return StatedError.exceeded(run.accuracy(), expected, run.secure());
    }

    private boolean revealsScores() {
        return options.reveal() instanceof Reveal.All;
    }

    private int agreeing() {
        return classes.map(found -> (int) IntStream.range(0, run.samples())
                .filter(sample -> found.of(expected, sample) == found.of(run.secure(), sample)).count()).orElse(0);
    }

    String json() {
        var json = new Json();
        json.object(() -> {
            json.name("model").value(opened.name());
            json.name("protocol").value(protocol.label());
            json.name("parties").value(run.spent().bytesPerParty().length);
            json.name("planHash").value(run.compiled().planHash());
            json.name("samples").value(run.samples());
            json.name("outputs").object(() -> run.secure().forEach((name, tensor) -> json.name(name).object(() -> tensor(json, tensor))));
            json.name("reference").object(() -> {
                json.name("maxAbsError");
                if (revealsScores() && comparison.mismatch().isEmpty()) {
                    json.value(comparison.maxAbsError());
                } else {
                    json.nothing();
                }
                json.name("argmaxAgrees");
                if (classes.isPresent()) {
                    json.value(agreeing() == run.samples());
                } else {
                    json.nothing();
                }
                json.name("withinTolerance").value(comparison.within());
                json.name("outputs").object(() -> expected.forEach((name, tensor) -> json.name(name).object(() -> tensor(json, tensor))));
            });
            StatedError.write(json, run.accuracy());
            json.name("exceedsStated").array(() -> exceeded().forEach(json::value));
            run.watch().write(json);
            run.spent().write(json);
            json.name("ranges").object(() -> run.compiled().plan().inputs()
                    .forEach(input -> json.name(input.name()).numbers(new double[]{input.low(), input.high()})));
            json.name("publicInputs").array(() -> opened.model().publicInputs().forEach(json::value));
        });
        return json.toString();
    }

    private static void tensor(Json json, Tensor tensor) {
        json.name("shape").numbers(tensor.shape().dims().stream().mapToLong(Integer::longValue).toArray());
        json.name("values");
        if (tensor.type().isFloating()) {
            json.numbers(tensor.toDoubles());
        } else {
            json.numbers(tensor.toLongs());
        }
    }

    List<String> lines(int columns) {
        List<String> lines = new ArrayList<>();
        lines.add(opened.name() + " · " + Text.plural(run.samples(), "sample") + " · " + protocol.label() + ", "
                + Text.parties(run.spent().bytesPerParty().length) + " in this process (for evaluation only: its owner can see everything)");
        lines.add("");
        Optional<List<String>> pictures = pictures(columns);
        lines.addAll(pictures.orElseGet(this::table));
        lines.add("");
        lines.add(verdict());
        lines.addAll(StatedError.lines(run.accuracy()));
        lines.add(run.spent().line());
        lines.add(provenance());
        return lines;
    }

    private String verdict() {
        List<String> parts = new ArrayList<>();
        comparison.mismatch().ifPresent(parts::add);
        if (classes.isPresent()) {
            parts.add("same class as ONNX Runtime on " + agreeing() + " of " + run.samples());
        }
        if (revealsScores() && comparison.mismatch().isEmpty()) {
            parts.add("max |error| " + Text.error(comparison.maxAbsError()) + (comparison.within() ? "" : ", outside the tolerance of " + tolerance + " in "
                    + comparison.outside() + " of " + Text.plural(comparison.elements(), "number")));
        }
        if (classes.isPresent() && run.labels().isPresent()) {
            List<Long> labels = run.labels().get();
            long right = IntStream.range(0, run.samples()).filter(sample -> classes.get().of(run.secure(), sample) == labels.get(sample)).count();
            parts.add("labels right " + right + " of " + run.samples());
        }
        return (within() ? "✓ " : "✗ ") + String.join(" · ", parts);
    }

    private String provenance() {
        Plan plan = run.compiled().plan();
        String ranges = plan.inputs().stream().map(input -> input.name() + " in [" + Text.bound(input.low()) + ", " + Text.bound(input.high()) + "]")
                .collect(Collectors.joining(", "));
        String open = opened.model().publicInputs().isEmpty() ? "" : " · public: " + String.join(", ", opened.model().publicInputs());
        String weights = protocol.isSecure() ? options.publicWeights() ? "inputs secret, weights public" : "inputs and weights secret" : "nothing secret";
        return weights + " · " + ranges + open + " · plan " + run.compiled().planHash().substring(0, HASH_SHOWN);
    }

    /** Pictures side by side with their classes below, where the only input is small gray pictures. */
    private Optional<List<String>> pictures(int columns) {
        if (run.inputs().size() != 1 || classes.isEmpty()) {
            return Optional.empty();
        }
        Tensor input = run.inputs().values().iterator().next();
        return DigitPicture.extents(input.shape()).map(extents -> {
            int width = (extents[1] + 1) / 2;
            int across = Math.max(1, (columns + GAP) / (width + GAP));
            List<String> lines = new ArrayList<>();
            int shown = Math.min(run.samples(), MOST_ROWS);
            for (int first = 0; first < shown; first += across) {
                lines.addAll(strip(input, extents, first, Math.min(shown, first + across)));
            }
            if (shown < run.samples()) {
                lines.add("and " + (run.samples() - shown) + " more");
            }
            return lines;
        });
    }

    private List<String> strip(Tensor input, int[] extents, int from, int to) {
        int width = (extents[1] + 1) / 2;
        List<StringBuilder> lines = new ArrayList<>();
        for (int sample = from; sample < to; sample++) {
            List<String> cell = new ArrayList<>(DigitPicture.lines(input, sample, extents[0], extents[1]));
            long secure = classes.orElseThrow().of(run.secure(), sample);
            long reference = classes.orElseThrow().of(expected, sample);
            cell.add("secure " + secure + (secure == reference ? " ✓" : " ✗"));
            cell.add("ONNX   " + reference);
            for (int line = 0; line < cell.size(); line++) {
                if (lines.size() <= line) {
                    lines.add(new StringBuilder());
                }
                String text = cell.get(line);
                lines.get(line).append(text).append(" ".repeat(Math.max(0, width + GAP - text.length())));
            }
        }
        List<String> done = new ArrayList<>(lines.stream().map(line -> line.toString().stripTrailing()).toList());
        done.add("");
        return done;
    }

    private List<String> table() {
        if (classes.isEmpty()) {
            return numbers();
        }
        Classes found = classes.get();
        boolean labelled = run.labels().isPresent();
        var table = new Table("sample", "secure", "ONNX Runtime", "label", "score", "|error|");
        for (int sample = 0; sample < Math.min(run.samples(), MOST_ROWS); sample++) {
            long secure = found.of(run.secure(), sample);
            long reference = found.of(expected, sample);
            double score = found.deciding(run.secure(), sample);
            table.row(String.valueOf(sample), String.valueOf(secure), String.valueOf(reference), labelled ? String.valueOf(run.labels().get().get(sample)) : "–",
                    revealsScores() ? Text.score(score) : "–",
                    revealsScores() ? Text.error(Math.abs(score - found.deciding(expected, sample))) : "–");
        }
        List<String> lines = table.lines();
        if (run.samples() > MOST_ROWS) {
            lines.add("and " + (run.samples() - MOST_ROWS) + " more");
        }
        return lines;
    }

    private List<String> numbers() {
        var table = new Table("output", "shape", "secure", "ONNX Runtime");
        expected.forEach((name, reference) -> {
            Tensor secure = run.secure().get(name);
            table.row(name, secure == null ? "–" : secure.shape().toString(), secure == null ? "–" : first(secure), first(reference));
        });
        return table.lines();
    }

    private static String first(Tensor tensor) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < Math.min(tensor.size(), MOST_NUMBERS); i++) {
            numbers.add(tensor.type().isFloating() ? Text.score(tensor.getDouble(i)) : String.valueOf(tensor.getLong(i)));
        }
        return String.join("  ", numbers) + (tensor.size() > MOST_NUMBERS ? "  …" : "");
    }
}
