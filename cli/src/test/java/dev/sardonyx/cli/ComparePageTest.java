package dev.sardonyx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** The page that {@code compare} writes, and going on with a comparison that was cut short. */
class ComparePageTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final String MLP = MODELS.resolve("mlp/mlp.onnx").toString();
    private static final String LOGISTIC = MODELS.resolve("logistic/logistic.onnx").toString();

    @TempDir
    Path folder;

    @Test
    void pageNeedsNothingBesideItAndHasEverySection() throws Exception {
        Path page = folder.resolve("report.html");
        run("compare", MLP, "--limit", "6", "--html", page.toString());
        String html = Files.readString(page);
        for (String section : new String[]{"summary", "errors", "scatter", "nodes", "confusion-float", "confusion-secure", "worst", "costs", "environment"}) {
            assertTrue(html.contains("<section id=\"" + section + "\""), section);
        }
        assertTrue(html.contains("data:image/png;base64,"), "samples are pictures");
        assertFalse(html.matches("(?s).*(https?:|//cdn|<script|<link|@import|url\\().*"), "the page loads something");
        assertFalse(html.contains("reveal-intermediates"), "nothing was revealed");
        var parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        assertEquals("html", parser.parse(new InputSource(new StringReader(html))).getDocumentElement().getTagName());
    }

    @Test
    void revealedIntermediatesCarryABanner() throws IOException {
        Path page = folder.resolve("revealed.html");
        run("compare", LOGISTIC, "--limit", "4", "--insecure-reveal-intermediates", "--html", page.toString());
        String html = Files.readString(page);
        assertTrue(html.contains("class=\"banner\"") && html.contains("added by the protocol"));
    }

    @Test
    void resumedComparisonCountsEverySampleOnce() {
        String state = folder.resolve("state").toString();
        run("compare", LOGISTIC, "--batch", "4", "--limit", "8", "--resume", state);
        String resumed = run("compare", LOGISTIC, "--batch", "4", "--limit", "16", "--resume", state, "--json");
        assertTrue(resumed.contains("\"samples\": 16") && resumed.contains("\"calls\": 4"), resumed);
        String whole = run("compare", LOGISTIC, "--batch", "4", "--limit", "16", "--json");
        assertEquals(line(whole, "referenceAccuracy"), line(resumed, "referenceAccuracy"));
    }

    @Test
    void anotherComparisonsStateIsRefused() {
        String state = folder.resolve("state").toString();
        run("compare", LOGISTIC, "--batch", "4", "--limit", "4", "--resume", state);
        String refused = run("compare", LOGISTIC, "--batch", "4", "--limit", "4", "--fraction-bits", "20", "--resume", state);
        assertTrue(refused.contains("of another comparison"), refused);
    }

    private static String line(String json, String key) {
        return json.lines().filter(line -> line.contains('"' + key + '"')).findFirst().orElseThrow();
    }

    private static String run(String... arguments) {
        var bytes = new ByteArrayOutputStream();
        try (var stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            Main.run(List.of(arguments), Terminal.of(stream, stream));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
