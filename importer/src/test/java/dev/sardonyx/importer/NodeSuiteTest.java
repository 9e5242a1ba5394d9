package dev.sardonyx.importer;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The ONNX backend tests, each translated with its inputs unknown and evaluated in plain numbers. */
class NodeSuiteTest {
    private static final double SHARE = 0.975;

    @Test
    void translatedNodeTestsGiveTheOutputsExpected() {
        Path root = Path.of(System.getProperty("sardonyx.shared", "")).resolve("onnx-node-tests");
        assumeTrue(Files.isDirectory(root), "no ONNX node tests at " + root);
        List<Verdict> verdicts = TestFolder.under(root).stream().map(folder -> Verdict.of(folder, 1e-4, 1e-3)).toList();
        Map<Verdict.Status, Long> summary = verdicts.stream().collect(Collectors.groupingBy(Verdict::status, TreeMap::new, Collectors.counting()));
        verdicts.stream().filter(verdict -> verdict.status() != Verdict.Status.PASS)
                .forEach(verdict -> System.out.println(verdict.status() + " " + verdict.folder() + ": " + verdict.detail()));
        System.out.println(verdicts.size() + " node tests: " + summary);
        long passed = summary.getOrDefault(Verdict.Status.PASS, 0L);
        assertTrue(passed >= SHARE * verdicts.size(), passed + " of " + verdicts.size() + " pass");
    }
}
