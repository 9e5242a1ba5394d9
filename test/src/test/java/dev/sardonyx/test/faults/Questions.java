package dev.sardonyx.test.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.OnnxRuntimeReference;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.planner.Interval;
import dev.sardonyx.secureops.planner.PlanOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Inputs of the sample model {@code mlp} with ONNX Runtime's answers, all different, so that an answer to another question is noticed. */
final class Questions {
    static final String MODEL = "mlp";

    private static final Path MODELS = Path.of(System.getProperty("sardonyx.root", "..")).resolve("models");
    private static final Path ONNX = onnx(MODEL);
    private static final long SEED = 20_261_121;
    private static final double TOLERANCE = 1e-3;

    /** One input and the right answer. */
    record Question(Map<String, Tensor> input, Map<String, Tensor> answer) {
        /** Fails where an answer is not this question's. */
        void assertRight(Map<String, Tensor> given) {
            answer.forEach((name, expected) -> {
                Tensor actual = given.get(name);
                assertEquals(expected.shape(), actual.shape());
                for (int i = 0; i < expected.size(); i++) {
                    assertEquals(expected.getDouble(i), actual.getDouble(i), TOLERANCE, name + "[" + i + "], seed " + SEED);
                }
            });
        }

        void ask(RemoteModel model) {
            assertRight(model.run(input).outputs());
        }
    }

    private final List<Question> questions;

    private Questions(List<Question> questions) {
        this.questions = List.copyOf(questions);
    }

    static Questions of(int count) {
        OnnxModel model = OnnxModel.read(ONNX);
        Shape shape = shape(model, 1);
        String name = model.inputs().getFirst().name();
        var random = new Random(SEED);
        var questions = new ArrayList<Question>();
        try (var reference = OnnxRuntimeReference.open(ONNX, 1)) {
            for (int i = 0; i < count; i++) {
                double[] pixels = random.doubles(shape.size()).map(x -> (float) x).toArray();
                Map<String, Tensor> input = Map.of(name, Tensor.ofDoubles(ElementType.FLOAT32, shape, pixels));
                questions.add(new Question(input, reference.run(input)));
            }
        }
        return new Questions(questions);
    }

    Question get(long number) {
        return questions.get((int) Math.floorMod(number, (long) questions.size()));
    }

    private static Path onnx(String name) {
        return MODELS.resolve(name).resolve(name + ".onnx");
    }

    /** The model for one row a request and inputs in [-1, 1]. */
    static Compiled compiled() {
        return compiled(MODEL, 1);
    }

    /** A sample model of one input, for so many rows a request and inputs in [-1, 1]. */
    static Compiled compiled(String sample, int rows) {
        OnnxModel model = OnnxModel.read(onnx(sample));
        String name = model.inputs().getFirst().name();
        var inputs = new Compiled.Inputs(Map.of(name, shape(model, rows)), Map.of(), Compiled.Samples.NONE);
        return Compiled.of(sample, model, inputs, PlanOptions.of(Protocol.REPLICATED_3.implementation(), Map.of(name, new Interval(-1, 1))).withClampedInputs(true));
    }

    /** Bytes of a request's input in one party's shares. */
    static int inputBytes() {
        return (int) new ShareBytes(compiled().plans(), Protocol.REPLICATED_3.implementation().components(0).size()).inputBytes();
    }

    private static Shape shape(OnnxModel model, int rows) {
        var dims = model.inputs().getFirst().dims();
        int[] extents = new int[dims.size()];
        extents[0] = rows;
        for (int axis = 1; axis < extents.length; axis++) {
            extents[axis] = Integer.parseInt(dims.get(axis).toString());
        }
        return Shape.of(extents);
    }
}
