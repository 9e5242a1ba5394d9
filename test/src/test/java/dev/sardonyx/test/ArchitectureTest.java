package dev.sardonyx.test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may know whom. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.sardonyx");

    private static final String GRAPH = "dev.sardonyx.graph..";
    private static final String IMPORTER = "dev.sardonyx.importer..";
    private static final String TRANSPORT = "dev.sardonyx.transport..";
    private static final String SECURE_OPS = "dev.sardonyx.secureops..";
    private static final String REFERENCE = "dev.sardonyx.reference..";
    /** The library's front door lies in the root package and belongs to the command line's module. */
    private static final String[] CLI = {"dev.sardonyx", "dev.sardonyx.cli.."};

    private static final Map<String, List<String>> KNOWS = new LinkedHashMap<>();

    static {
        KNOWS.put(GRAPH, List.of());
        KNOWS.put(TRANSPORT, List.of());
        KNOWS.put(IMPORTER, List.of(GRAPH));
        KNOWS.put(SECURE_OPS, List.of(GRAPH, TRANSPORT));
        KNOWS.put(REFERENCE, List.of(GRAPH, IMPORTER));
    }

    @TestFactory
    Stream<DynamicTest> eachModuleKnowsOnlyThoseItMayKnow() {
        return KNOWS.entrySet().stream().map(rule -> DynamicTest.dynamicTest(rule.getKey() + " knows " + rule.getValue(), () -> {
            String[] forbidden = Stream.concat(KNOWS.keySet().stream().filter(module -> !module.equals(rule.getKey()) && !rule.getValue().contains(module)),
                    Arrays.stream(CLI)).toArray(String[]::new);
            noClasses().that().resideInAPackage(rule.getKey()).should().dependOnClassesThat().resideInAnyPackage(forbidden).check(CLASSES);
        }));
    }

    @Test
    void everyModuleIsLookedAt() {
        for (String module : KNOWS.keySet()) {
            String prefix = module.substring(0, module.length() - 2);
            assertTrue(CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith(prefix)), module);
        }
        assertTrue(CLASSES.stream().anyMatch(type -> type.getPackageName().equals("dev.sardonyx.cli")));
    }

    @Test
    void onnxRuntimeIsKnownToTheReferenceAlone() {
        noClasses().that().resideOutsideOfPackage(REFERENCE).should().dependOnClassesThat().resideInAPackage("ai.onnxruntime..").check(CLASSES);
    }

    @Test
    void nettyIsKnownToTheTransportAlone() {
        noClasses().that().resideOutsideOfPackage(TRANSPORT).should().dependOnClassesThat().resideInAPackage("io.netty..").check(CLASSES);
    }

    @Test
    void micrometerIsKnownToTheMetricsAlone() {
        noClasses().that().resideOutsideOfPackage("dev.sardonyx.cli.metrics..").should().dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "io.prometheus..").check(CLASSES);
    }

    @Test
    void theVectorApiIsKnownToTheRingKernelsAlone() {
        noClasses().that().resideOutsideOfPackage("dev.sardonyx.secureops.ring..").should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
    }

    @Test
    void kernelsAndPlannerDoNotKnowWhichProtocolRuns() {
        noClasses().that().resideInAnyPackage("dev.sardonyx.secureops.plan..", "dev.sardonyx.secureops.planner..", "dev.sardonyx.secureops.execute..").should()
                .dependOnClassesThat().resideInAnyPackage("dev.sardonyx.secureops.protocol.replicated3..", "dev.sardonyx.secureops.protocol.masked..",
                        "dev.sardonyx.secureops.protocol.plaintext..")
                .check(CLASSES);
    }

    @Test
    void modulesAreFreeOfCycles() {
        slices().matching("dev.sardonyx.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nobodySleeps() {
        noClasses().that().resideOutsideOfPackage(TRANSPORT).should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    }
}
