package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sardonyx verify}: ONNX test folders through the secure executor. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false, abbreviateSynopsis = true,
        description = "Runs ONNX test folders (model.onnx, test_data_set_*/input_*.pb and output_*.pb, found recursively) on secret shares.",
        footer = {"", "Every input is secret but those that decide the graph's structure. Ranges come",
                "from the inputs, rounded to powers of two.", "JSON keys: cases, passed, failed, unsupported."})
final class VerifyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Folders to search.")
    List<Path> folders = new ArrayList<>();

    @Option(names = "--tolerance", paramLabel = "ABS,REL", converter = ToleranceConverter.class, description = "How far numbers may be from the expected ones. Default: 1e-3,1e-3.")
    Tolerance tolerance = Tolerance.DEFAULT;

    @Option(names = "--failures", description = "Only the cases that do not pass.")
    boolean failuresOnly;

    @Mixin
    PlanArguments plan = new PlanArguments();

    @Mixin
    OutputArguments output = new OutputArguments();

    VerifyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Protocol protocol = plan.protocol();
        List<TestFolders.Case> cases = TestFolders.find(folders);
        List<CaseResult> results = new ArrayList<>();
        OptionalLong seed = plan.seed();
        try (var cluster = new CaseRunner(() -> Sardonyx.embedded(protocol, plan.links(), seed), ranges -> plan.options(protocol, ranges), tolerance);
                var progress = Progress.of("verify", cases.size(), terminal, output.showsProgress(terminal) && (output.json || !terminal.outIsTerminal()))) {
            for (TestFolders.Case one : cases) {
                CaseResult result = cluster.run(one);
                results.add(result);
                if (!output.json && !(failuresOnly && result.status() == CaseResult.Status.PASS)) {
                    terminal.out().println(result.line());
                }
                progress.step(1);
            }
        }
        if (output.json) {
            terminal.out().print(json(results));
        } else {
            summary(results).forEach(terminal.out()::println);
        }
        return (count(results, CaseResult.Status.FAIL) == 0 ? ExitCode.OK : ExitCode.OUTSIDE_TOLERANCE).status();
    }

    private static long count(List<CaseResult> results, CaseResult.Status status) {
        return results.stream().filter(result -> result.status() == status).count();
    }

    private static String json(List<CaseResult> results) {
        var json = new Json();
        json.object(() -> {
            json.name("cases").array(() -> results.forEach(result -> result.write(json)));
            json.name("passed").value(count(results, CaseResult.Status.PASS));
            json.name("failed").value(count(results, CaseResult.Status.FAIL));
            json.name("unsupported").value(count(results, CaseResult.Status.UNSUPPORTED));
        });
        return json.toString();
    }

    private static List<String> summary(List<CaseResult> results) {
        Map<String, long[]> byOp = new TreeMap<>();
        results.forEach(result -> byOp.computeIfAbsent(result.op(), _ -> new long[3])[result.status().ordinal()]++);
        var table = new Table("operator", "pass", "fail", "unsupported");
        byOp.forEach((op, counts) -> table.row(op, shown(counts[0]), shown(counts[1]), shown(counts[2])));
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(table.lines());
        lines.add("");
        long passed = count(results, CaseResult.Status.PASS);
        lines.add(passed + " of " + Text.plural(results.size(), "case") + " pass (" + Text.percent((double) passed / results.size()) + "), "
                + count(results, CaseResult.Status.FAIL) + " fail, " + count(results, CaseResult.Status.UNSUPPORTED) + " unsupported");
        return lines;
    }

    private static String shown(long count) {
        return count == 0 ? "" : String.valueOf(count);
    }
}
