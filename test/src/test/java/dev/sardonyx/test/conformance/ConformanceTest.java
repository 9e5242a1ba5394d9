package dev.sardonyx.test.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.importer.OperatorRegistry;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.test.differential.Operators;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The operators' document is what the registry says, and no operator is listed that does not work. */
class ConformanceTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().endsWith("test") ? Path.of("").toAbsolutePath().getParent() : Path.of("").toAbsolutePath();
    private static final Path TABLE = ROOT.resolve("docs").resolve("conformance.md");
    private static final Path SUITES = Path.of(System.getProperty("sardonyx.shared", "../shared")).resolve("onnx-node-tests");

    @Test
    void theDocumentIsFresh() throws IOException {
        if (Boolean.getBoolean("sardonyx.update")) {
            Files.writeString(TABLE, Conformance.text());
        }
        assertEquals(Conformance.text(), Files.readString(TABLE), "docs/conformance.md is stale; run this test with -Dsardonyx.update=true");
    }

    @Test
    void everyListedOperatorHasACaseThatPasses() {
        assumeTrue(Files.isDirectory(SUITES), () -> "no conformance cases at " + SUITES);
        Set<String> unproved = new TreeSet<>();
        OperatorRegistry.all().forEach(operator -> unproved.add(operator.qualifiedName()));
        unproved.removeAll(Operators.drawn());
        unproved.removeAll(Conformance.REFUSED);
        unproved.removeAll(Conformance.UNPROVED);
        Map<String, List<TestFolders.Case>> cases = new TreeMap<>();
        for (TestFolders.Case one : TestFolders.find(List.of(SUITES, ROOT.resolve("test").resolve("models")))) {
            operators(one.model()).stream().filter(unproved::contains).forEach(op -> cases.computeIfAbsent(op, _ -> new ArrayList<>()).add(one));
        }
        try (var suite = new Suite(new PlaintextProtocol(), Tolerance.DEFAULT)) {
            cases.forEach((op, all) -> {
                if (all.stream().anyMatch(one -> suite.trouble(one).isEmpty())) {
                    unproved.remove(op);
                }
            });
        }
        assertEquals(Set.of(), unproved, "operators without a passing case");
    }

    private static Set<String> operators(Path model) {
        try {
            Set<String> names = new TreeSet<>();
            for (NodeProto node : ModelProto.parseFrom(Files.readAllBytes(model)).getGraph().getNodeList()) {
                names.add(node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx") ? node.getOpType() : node.getDomain() + "." + node.getOpType());
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
