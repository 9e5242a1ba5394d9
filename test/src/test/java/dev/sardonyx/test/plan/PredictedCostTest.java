package dev.sardonyx.test.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.execute.PlanMemory;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCost;
import dev.sardonyx.secureops.planner.ModelPlanner.PlannedModel;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.Protocols;
import dev.sardonyx.secureops.protocol.replicated3.Replicated3;
import dev.sardonyx.test.plan.Models.Named;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Predicted bytes and rounds are those measured. The prediction runs no kernel and no protocol; the measurement counts what is handed to
 * the transport.
 */
class PredictedCostTest {
    /** Every sample model under every protocol that keeps secrets. */
    static Stream<Arguments> samples() {
        return Models.samples().stream().flatMap(model -> Protocols.secure().stream().map(protocol -> Arguments.of(protocol.name(), model)));
    }

    private static Protocol named(String protocol) {
        return Protocols.named(protocol).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void oneRowCostsWhatThePlanSays(String protocol, Named model) {
        assertPredicted(named(protocol), model, 1);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void thirtyTwoRowsCostWhatThePlanSays(String protocol, Named model) {
        assertPredicted(named(protocol), model, 32);
    }

    @Test
    void modelsBesideTheRepositoryCostWhatTheirPlansSay() {
        List<Named> models = Models.shared();
        assumeTrue(!models.isEmpty(), "no models under " + Models.SHARED.resolve("models"));
        for (Named model : models) {
            assertPredicted(Protocols.all().getFirst(), model, 1);
            // A large one once is enough for the default suite.
            if (model.hasFreeBatch() && !model.name().equals("tinybert")) {
                assertPredicted(Protocols.all().getFirst(), model, 32);
            }
        }
    }

    @Test
    void oneMessageTooManyIsFound() {
        Named model = Models.sample("mlp");
        assertThrows(AssertionError.class, () -> assertPredicted(new TalkativeProtocol(new Replicated3()), model, 1));
    }

    private static void assertPredicted(Protocol protocol, Named model, int batch) {
        PlannedModel planned = model.plan(batch, PlanOptions.of(protocol, Map.of()));
        LanedPlan plans = planned.plans();
        try (EmbeddedCluster cluster = EmbeddedCluster.open(protocol)) {
            RunResult result = cluster.load(plans, id -> planned.constants().get(id).tensor()).run(model.inputs(batch, 2));
            assertArrayEquals(PlanCost.bytesPerParty(plans, protocol),
                    result.parties().stream().mapToLong(RunResult.PartyCost::bytes).toArray(), model + ": bytes of each party");
            assertArrayEquals(PlanCost.preprocessingBytesPerParty(plans, protocol),
                    result.parties().stream().mapToLong(RunResult.PartyCost::preprocessingBytes).toArray(), model + ": offline bytes of each party");
            assertEquals(PlanCost.of(plans.plan(), protocol).rounds(), result.rounds(), model + ": rounds");
            if (!plans.isCut()) {
                long predicted = PlanMemory.of(plans.plan(), protocol).peakBytes();
                for (RunResult.PartyCost party : result.parties()) {
                    double ratio = (double) party.peakLiveBytes() / predicted;
                    assertTrue(ratio > 0.95 && ratio < 1.05, model + ": peak of live bytes " + party.peakLiveBytes() + "; predicted " + predicted);
                }
            }
        }
    }
}
