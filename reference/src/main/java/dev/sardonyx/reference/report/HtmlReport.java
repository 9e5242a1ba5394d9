package dev.sardonyx.reference.report;

import dev.sardonyx.reference.report.ComparisonReport.NodeError;
import dev.sardonyx.reference.report.ComparisonReport.Run;
import dev.sardonyx.reference.report.OutputTally.Confusion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Writes a comparison as one HTML page that needs nothing beside it: styles, plots and pictures are inside, and no script. */
public final class HtmlReport {
    private static final int MOST_DISAGREEMENTS = 20;

    private final ComparisonReport report;
    private final StringBuilder html = new StringBuilder();

    private HtmlReport(ComparisonReport report) {
        this.report = report;
    }

    /** The page; well-formed as XML too. */
    public static String of(ComparisonReport report) {
        return new HtmlReport(report).page();
    }

    private String page() {
        html.append(Markup.fill("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/><title>{0} · Sardonyx</title>",
                report.model())).append("<style>\n").append(css()).append("</style></head><body><main>\n");
        if (report.revealed()) {
            html.append("<p class=\"banner\">Insecure: every value inside this run was revealed (--insecure-reveal-intermediates). Use such a run to find faults, never on data that matters.</p>\n");
        }
        html.append(Markup.fill("<h1>{0}</h1><p class=\"lead\">{1} through ONNX Runtime, fixed point in the clear, and {2} on shares</p>", report.model(),
                String.format(Locale.ROOT, "%,d", report.samples()) + (report.samples() == 1 ? " sample" : " samples"), report.protocol()));
        html.append(Markup.fill("<p class=\"verdict {0}\">{1}</p>\n", report.healthy() ? "good" : "bad", (report.healthy() ? "✓ " : "✗ ") + report.verdict()));
        summary();
        html.append("<div class=\"pair\">\n");
        section("errors", "Errors of the outputs", "How many outputs differ from float by how much", legend("fixed", "fixed point", "secure", "secure") + Plots.histogram(report.outputs()));
        section("scatter", "Secure against float", "A point for each of up to 1,200 outputs, drawn evenly; on the line they are equal", Plots.scatter(report.outputs()));
        html.append("</div>\n");
        nodes();
        report.outputs().confusion().ifPresent(this::confusion);
        worst();
        costs();
        environment();
        html.append("<footer>Written by Sardonyx. Nothing on this page is loaded from elsewhere.</footer>\n</main></body></html>\n");
        return html.toString();
    }

    private static String css() {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"), "report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the report's style sheet cannot be read", e);
        }
    }

    private void section(String id, String title, String note, String body) {
        html.append(Markup.fill("<section id=\"{0}\"><h2>{1}</h2><p class=\"note\">{2}</p>", id, title, note)).append(body).append("</section>\n");
    }

    private static String legend(String... kindsAndNames) {
        var legend = new StringBuilder("<div class=\"legend\">");
        for (int i = 0; i < kindsAndNames.length; i += 2) {
            legend.append(Markup.fill("<span><i class=\"key bg-{0}\"></i>{1}</span>", kindsAndNames[i], kindsAndNames[i + 1]));
        }
        return legend.append("</div>").toString();
    }

    private void summary() {
        var body = new StringBuilder("<div class=\"figures\">");
        report.agreement().ifPresent(share -> body.append(Markup.fill("<div class=\"figure\"><b>{0}</b><span>same class, secure and float</span></div>", Markup.percent(share))));
        report.runs().getLast().maxAbsError().ifPresent(error -> body.append(Markup.fill("<div class=\"figure\"><b>{0}</b><span>greatest error, secure</span></div>", Markup.error(error))));
        report.facts().forEach((name, value) -> body.append(Markup.fill("<div class=\"figure\"><b>{0}</b><span>{1}</span></div>", value, name)));
        body.append("</div><table><tr><th>run</th><th class=\"number\">accuracy</th><th class=\"number\">greatest error</th><th class=\"number\">mean error</th></tr>");
        for (Run run : report.runs()) {
            body.append(Markup.fill("<tr><td><i class=\"key bg-{0}\"></i>{1}</td><td class=\"number\">{2}</td><td class=\"number\">{3}</td><td class=\"number\">{4}</td></tr>", run.kind(), run.name(),
                    run.accuracy().isPresent() ? Markup.percent(run.accuracy().getAsDouble()) : "–", error(run.maxAbsError()), error(run.meanAbsError())));
        }
        section("summary", "Summary", "Errors are absolute differences from ONNX Runtime's float outputs", body.append("</table>").toString());
    }

    private static String error(OptionalDouble error) {
        return error.isPresent() ? Markup.error(error.getAsDouble()) : "–";
    }

    private void nodes() {
        if (report.nodes().isEmpty()) {
            section("nodes", "Where numbers part", "This model's nodes could not be looked into: " + report.verdict(), "");
            return;
        }
        Set<String> causes = new TreeSet<>();
        report.nodes().forEach(node -> causes.add(node.cause()));
        String note = "Fixed point against float, node by node, on the first samples; each node is judged on the fixed-point values it reads"
                + (Plots.leftOut(report.nodes().size()) > 0 ? ". " + Plots.leftOut(report.nodes().size()) + " nodes that add least are left out" : "");
        var names = causes.stream().flatMap(cause -> Stream.of(cause, cause.equals("none") ? "carried on" : cause)).toArray(String[]::new);
        String faulty = report.nodes().stream().filter(NodeError::faulty).findFirst().map(node -> Markup.fill("<p class=\"note\"><b>{0}</b> ({1}): {2}, {3}</p>", node.name(), node.op(),
                node.cause(), node.bits())).orElse("");
        section("nodes", "Where numbers part", note, legend(names) + faulty + Plots.waterfall(report.nodes()));
    }

    private void confusion(Confusion counts) {
        String rows = counts.labelled() ? "Rows: right class; columns: answer" : "Rows: the float run's class; columns: answer";
        html.append("<div class=\"pair\">\n");
        section("confusion-float", "Classes, float", rows, Plots.confusion(counts, counts.reference(), "float"));
        section("confusion-secure", "Classes, secure", rows, Plots.confusion(counts, counts.secure(), "secure"));
        html.append("</div>\n");
    }

    private void worst() {
        var body = new StringBuilder("<div class=\"pictures\">");
        report.pictures().forEach(picture -> {
            body.append(picture.wrong() ? "<figure class=\"wrong\">" : "<figure>");
            picture.png().ifPresent(png -> body.append(Markup.fill("<img alt=\"{0}\" src=\"data:image/png;base64,{1}\"/>", picture.title(), png)));
            body.append(Markup.fill("<figcaption><b>{0}</b>{1}</figcaption></figure>", picture.title(), picture.caption()));
        });
        body.append("</div>");
        if (!report.disagreements().isEmpty()) {
            body.append("<ul>");
            report.disagreements().stream().limit(MOST_DISAGREEMENTS).forEach(line -> body.append(Markup.fill("<li>{0}</li>", line)));
            body.append("</ul>");
        }
        section("worst", "Worst samples", report.disagreements().isEmpty() ? "Those farthest from float; every class is the same" : "Those whose class differs first, then those farthest from float",
                body.toString());
    }

    private void costs() {
        section("costs", "Cost of each node", "What the busiest party sends for one call, preprocessing included, as planned"
                + (Plots.leftOut(report.costs().size()) > 0 ? "; the cheapest are left out" : ""), Plots.costs(report.costs()));
    }

    private void environment() {
        var body = new StringBuilder("<dl>");
        report.environment().forEach((name, value) -> body.append(Markup.fill("<dt>{0}</dt><dd>{1}</dd>", name, value)));
        section("environment", "Plan and environment", "To repeat this run", body.append("</dl>").toString());
    }
}
