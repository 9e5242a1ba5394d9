package dev.sardonyx.test.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.importer.ImportException;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.ModelProto;
import dev.sardonyx.importer.proto.NodeProto;
import dev.sardonyx.importer.proto.OperatorSetIdProto;
import dev.sardonyx.reference.TestFolders;
import dev.sardonyx.reference.Tolerance;
import dev.sardonyx.secureops.protocol.plaintext.PlaintextProtocol;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Exports of well-known architectures agree with ONNX Runtime. By default all run in plaintext and a sample under three parties;
 * {@code -Dsardonyx.models=all} runs all under three parties, and the conformance suites too.
 */
class RealExportsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().endsWith("test") ? Path.of("").toAbsolutePath().getParent() : Path.of("").toAbsolutePath();
    private static final Path SHARED = Path.of(System.getProperty("sardonyx.shared", "../shared"));
    private static final boolean ALL = "all".equals(System.getProperty("sardonyx.models"));
    private static final Tolerance MODELS = new Tolerance(1e-2, 1e-2);
    private static final Set<String> SAMPLE = Set.of("resnet18-dynamo", "bert-legacy", "lstm-legacy", "tree-classifier", "svm-classifier", "unet-dynamo");

    private static List<TestFolders.Case> exports() {
        return TestFolders.find(List.of(ROOT.resolve("test").resolve("models")));
    }

    private static List<String> troubles(Suite suite, List<TestFolders.Case> cases) {
        var troubles = new ArrayList<String>();
        for (TestFolders.Case one : cases) {
            suite.trouble(one).ifPresent(trouble -> troubles.add(one.folder().getFileName() + ": " + trouble));
        }
        return troubles;
    }

    @Test
    void exportsAgreeInFixedPoint() {
        assertTrue(exports().size() >= 30, "test/models holds " + exports().size() + " exports");
        try (var suite = new Suite(new PlaintextProtocol(), MODELS)) {
            assertEquals(List.of(), troubles(suite, exports()));
        }
    }

    @Test
    void exportsAgreeUnderThreeParties() {
        List<TestFolders.Case> chosen = exports().stream().filter(one -> ALL || SAMPLE.contains(one.folder().getFileName().toString())).toList();
        assertTrue(chosen.size() >= SAMPLE.size(), () -> chosen.size() + " models");
        try (var suite = new Suite(new Replicated3(), MODELS)) {
            assertEquals(List.of(), troubles(suite, chosen));
        }
    }

    @Test
    void pretrainedModelsAgree() {
        Path models = SHARED.resolve("models");
        assumeTrue(Files.isDirectory(models), () -> "no models at " + models);
        List<TestFolders.Case> cases = TestFolders.find(List.of(models));
        assertTrue(cases.size() >= 10, () -> cases.size() + " models");
        try (var suite = new Suite(ALL ? new Replicated3() : new PlaintextProtocol(), MODELS)) {
            assertEquals(List.of(), troubles(suite, cases));
        }
    }

    @Test
    void theSuitesPassUnderThreePartiesButForTheDocumentedCases() {
        assumeTrue(ALL, "the whole suites run with -Dsardonyx.models=all");
        Path suites = SHARED.resolve("onnx-node-tests");
        assumeTrue(Files.isDirectory(suites), () -> "no conformance cases at " + suites);
        List<TestFolders.Case> cases = TestFolders.find(List.of(suites));
        try (var suite = new Suite(new Replicated3(), Tolerance.DEFAULT)) {
            List<String> troubles = troubles(suite, cases);
            List<String> surprises = troubles.stream().filter(trouble -> !Conformance.excuses(trouble.substring(0, trouble.indexOf(':')))).toList();
            assertEquals(List.of(), surprises);
            assertTrue(troubles.size() <= 0.03 * cases.size(), () -> troubles.size() + " of " + cases.size() + " cases do not pass");
        }
    }

    @Test
    void largeModelsWithoutWeightsImport() throws IOException {
        Path light = SHARED.resolve("onnx-light");
        assumeTrue(Files.isDirectory(light), () -> "no models at " + light);
        try (Stream<Path> files = Files.walk(light)) {
            List<Path> models = files.filter(file -> file.toString().endsWith(".onnx")).toList();
            assertTrue(models.size() >= 5, () -> models.size() + " models");
            models.forEach(file -> assertTrue(OnnxModel.read(file).outputs().size() >= 1, file.toString()));
        }
    }

    @Test
    void fiveUnsupportedNodesAreOneErrorThatListsAll() {
        var graph = GraphProto.newBuilder().setName("g");
        List<String> types = List.of("StringNormalizer", "Frobnicate", "NonMaxSuppression", "TfIdfVectorizer", "Unknown");
        IntStream.range(0, types.size()).forEach(i -> graph.addNode(NodeProto.newBuilder().setName("node" + i).setOpType(types.get(i)).addOutput("y" + i)));
        byte[] bytes = ModelProto.newBuilder().setIrVersion(8).setGraph(graph).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17)).build()
                .toByteArray();
        ImportException e = org.junit.jupiter.api.Assertions.assertThrows(ImportException.class,
                () -> OnnxModel.read(bytes, Path.of(".")).graph(java.util.Map.of()));
        assertEquals(5, e.unsupported().size(), e.getMessage());
        for (int i = 0; i < types.size(); i++) {
            String line = "'node" + i + "' (" + types.get(i) + ", opset 17): ";
            assertTrue(String.valueOf(e.getMessage()).contains(line), e.getMessage());
        }
    }
}
