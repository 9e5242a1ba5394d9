package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanFormatException;
import dev.sardonyx.secureops.plan.PlanText;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.plan.Visibility;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans as bytes. */
class PlanCodecTest {
    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final long SEED = 99;

    static Compiled compiled(String name, int batch) {
        return compiled(Protocol.REPLICATED_3, name, batch);
    }

    static Compiled compiled(Protocol protocol, String name, int batch) {
        OnnxModel model = OnnxModel.read(MODELS.resolve(name).resolve(name + ".onnx"));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, Interval> ranges = new LinkedHashMap<>();
        model.inputs().forEach(input -> {
            int[] dims = new int[input.dims().size()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = axis == 0 ? batch : Integer.parseInt(input.dims().get(axis).toString());
            }
            shapes.put(input.name(), Shape.of(dims));
            ranges.put(input.name(), new Interval(-1, 1));
        });
        return Compiled.of(name, model, new Compiled.Inputs(shapes, Map.of(), Compiled.Samples.NONE), PlanOptions.of(protocol.implementation(), ranges).withClampedInputs(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet", "lenet5", "mlp", "mlp-keras", "logistic"})
    void everySampleModelsPlanComesBackWithItsDigest(String name) {
        for (int batch : new int[] {1, 30}) {
            LanedPlan plan = compiled(name, batch).plans();
            byte[] bytes = PlanCodec.encode(plan);
            LanedPlan read = PlanCodec.decode(bytes);
            assertEquals(plan, read);
            assertArrayEquals(bytes, PlanCodec.encode(read));
            assertEquals(PlanDigest.hex(plan.plan()), PlanDigest.hex(read.plan()));
        }
    }

    /** Whatever a byte is changed to, no plan has owners hand their inputs to the parties in the clear. */
    @Test
    void aPlanWhoseInputsAreNoSecretIsRefused() {
        byte[] good = PlanCodec.encode(compiled("logistic", 1).plans());
        int open = 0;
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] = (byte) Visibility.PUBLIC.ordinal();
            try {
                Plan read = PlanCodec.decode(bad).plan();
                read.inputs().forEach(input -> assertTrue(read.value(input.value()).isSecret()));
            } catch (PlanFormatException refused) {
                open += String.valueOf(refused.getMessage()).contains("is no secret") ? 1 : 0;
            }
        }
        assertTrue(open > 0, "no change made an input public");
    }

    /** Else a part of one plan could be hidden in a name of another with the same hash. */
    @Test
    void noNameStandsForALineOfThePlansText() {
        Plan plan = compiled("logistic", 1).plan();
        Plan.Disclosure said = plan.disclosures().getFirst();
        String line = "reveal more = %1 as BOOL to the data owner";
        Plan honest = with(plan, new Plan.Output("more", 1, ElementType.BOOL), said);
        Plan forged = new Plan(plan.model(), plan.protocol(), plan.inputs(), plan.values(), plan.steps(), plan.outputs(),
                List.of(new Plan.Disclosure(line + "\n" + said.role(), said.what())));
        assertTrue(PlanText.of(honest).contains(line + "\n"));
        assertNotEquals(PlanDigest.hex(honest), PlanDigest.hex(forged));
        assertThrows(PlanFormatException.class, () -> PlanCodec.decode(PlanCodec.encode(LanedPlan.single(forged))));
    }

    @Test
    void noNamePassesForTheNoteAfterAStep() {
        Plan plan = compiled("logistic", 1).plan();
        assertNotEquals(PlanDigest.hex(first(plan, "x", "foo]   # bar")), PlanDigest.hex(first(plan, "x]   # foo", "bar")));
        assertNotEquals(PlanDigest.hex(first(plan, "x", "a (b")), PlanDigest.hex(first(plan, "x", "a \\u0028b")));
    }

    /** The plan with another name and note of its first step. */
    private static Plan first(Plan plan, String input, String node) {
        var steps = new ArrayList<>(plan.steps());
        Step step = steps.getFirst();
        steps.set(0, new Step(step.index(), node, step.kernel(), new Instruction.Input(input), step.inputs(), step.outputs()));
        return new Plan(plan.model(), plan.protocol(), plan.inputs(), plan.values(), steps, plan.outputs(), plan.disclosures());
    }

    private static Plan with(Plan plan, Plan.Output more, Plan.Disclosure only) {
        return new Plan(plan.model(), plan.protocol(), plan.inputs(), plan.values(), plan.steps(), Stream.concat(plan.outputs().stream(), Stream.of(more)).toList(),
                List.of(only));
    }

    @Test
    void aPlanWithoutLanesIsRefused() {
        byte[] good = PlanCodec.encode(LanedPlan.single(compiled("logistic", 1).plan()));
        // The only lane's three numbers stand behind the number of lanes.
        byte[] bad = Arrays.copyOf(good, good.length - 3);
        bad[bad.length - 1] = 0;
        var refused = assertThrows(PlanFormatException.class, () -> PlanCodec.decode(bad));
        assertEquals("a plan without lanes", refused.getMessage());
    }

    @Test
    void bytesThatAreNoPlanAreRefusedAndNothingElseHappens() {
        byte[] good = PlanCodec.encode(compiled("logistic", 30).plans());
        var random = new Random(SEED);
        for (int length = 0; length < good.length; length += 1 + random.nextInt(40)) {
            int end = length;
            assertThrows(PlanFormatException.class, () -> PlanCodec.decode(Arrays.copyOf(good, end)), "length " + end + ", seed " + SEED);
        }
        for (int trial = 0; trial < 3000; trial++) {
            byte[] bad = good.clone();
            for (int change = 0; change <= random.nextInt(4); change++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                PlanCodec.decode(bad);
            } catch (PlanFormatException refused) {
                assertEquals(false, String.valueOf(refused.getMessage()).isEmpty());
            }
        }
    }
}
