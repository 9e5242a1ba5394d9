package dev.sardonyx.secureops.plan;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Indices;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.graph.Window;
import dev.sardonyx.secureops.plan.PlanTags.InstructionTag;
import dev.sardonyx.secureops.plan.PlanTags.MovementTag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Reads one plan; {@link PlanWriter} is its mirror image. */
final class PlanReader {
    private static final InstructionTag[] INSTRUCTIONS = InstructionTag.values();
    private static final MovementTag[] MOVEMENTS = MovementTag.values();
    private static final PlanValue.Kind[] KINDS = PlanValue.Kind.values();
    private static final Visibility[] VISIBILITIES = Visibility.values();
    private static final int MOST_RANK = 32;
    private static final Pattern ROLE = Pattern.compile("(the|every) [a-z]+( [a-z]+)?");

    private final PlanInput in;

    PlanReader(PlanInput in) {
        this.in = in;
    }

    Plan plan() {
        String model = in.text();
        String protocol = in.text();
        var values = new ArrayList<PlanValue>();
        int count = in.items("values");
        for (int id = 0; id < count; id++) {
            values.add(value(id));
        }
        List<Plan.InputSpec> inputs = in.list("inputs", () -> new Plan.InputSpec(in.text(), in.below(count, "value of an input"), in.real(),
                in.real()));
        var steps = new ArrayList<Step>();
        int length = in.items("steps");
        for (int index = 0; index < length; index++) {
            steps.add(step(index, count));
        }
        List<Plan.Output> outputs = in.list("outputs", () -> new Plan.Output(in.text(), in.below(count, "value of an output"), type()));
        List<Plan.Disclosure> disclosures = in.list("disclosures", () -> new Plan.Disclosure(role(), in.text()));
        return checked(() -> new Plan(model, protocol, inputs, values, steps, outputs, disclosures));
    }

    /** In a plan's text, whose digest all parties go by, a line of a role must not be taken for a line of anything else. */
    private String role() {
        String role = in.text();
        if (!ROLE.matcher(role).matches()) {
            throw in.malformed("a role that is none; expected such as 'the data owner' or 'every party'");
        }
        return role;
    }

    private PlanValue value(int id) {
        String name = in.text();
        PlanValue.Kind kind = in.choice(KINDS, "kind of a value");
        Visibility visibility = in.choice(VISIBILITIES, "visibility of a value");
        Shape shape = shape();
        int fractionBits = in.integer();
        int magnitudeBits = in.integer();
        boolean nonNegative = in.flag();
        int width = in.count("width");
        return checked(() -> new PlanValue(id, name, kind, visibility, shape, fractionBits, magnitudeBits, nonNegative, width));
    }

    private Shape shape() {
        List<Integer> dims = in.list("extents", () -> in.count("extent"));
        if (dims.size() > MOST_RANK) {
            throw in.malformed("a shape of rank " + dims.size() + "; expected at most " + MOST_RANK);
        }
        return checked(() -> new Shape(dims));
    }

    private ElementType type() {
        String name = in.text();
        return checked(() -> ElementType.valueOf(name));
    }

    private Step step(int index, int values) {
        String node = in.text();
        String kernel = in.text();
        Instruction instruction = instruction();
        return new Step(index, node, kernel, instruction, in.list("operands", () -> in.below(values, "operand")), in.list("results",
                () -> in.below(values, "result")));
    }

    private Instruction instruction() {
        return switch (in.choice(INSTRUCTIONS, "instruction")) {
            case INPUT -> new Instruction.Input(in.text());
            case WEIGHT -> new Instruction.Weight(new ValueId(in.count("constant")));
            case LITERAL -> new Instruction.Literal(literal());
            case FREE -> new Instruction.Free();
            case ADD -> new Instruction.Add();
            case SUBTRACT -> new Instruction.Subtract();
            case NEGATE -> new Instruction.Negate();
            case SHIFT_LEFT -> new Instruction.ShiftLeft(in.integer());
            case SUM -> new Instruction.Sum(in.integers());
            case SUM_WINDOW -> new Instruction.SumWindow(window());
            case CUMULATIVE_SUM -> new Instruction.CumulativeSum(in.integer(), in.flag(), in.flag());
            case MOVE -> new Instruction.Move(movement());
            case XOR -> new Instruction.Xor();
            case NOT -> new Instruction.Not();
            case MULTIPLY -> new Instruction.Multiply();
            case MAT_MUL -> new Instruction.MatMul();
            case CONVOLVE -> new Instruction.Convolve(window(), in.count("groups"));
            case TRUNCATE -> new Instruction.Truncate(in.integer());
            case COMPARE -> new Instruction.Compare(in.longs(), in.count("low bit"), carry());
            case SELECT -> new Instruction.Select();
            case COMBINE -> combine();
            case AND -> new Instruction.And();
        };
    }

    private RingData literal() {
        var values = new long[in.items("numbers")];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.signed();
        }
        return RingData.of(values);
    }

    private CarryTree carry() {
        int width = in.count("width of a carry tree");
        int firstGroup = in.count("first group of a carry tree");
        List<Integer> radices = in.integers();
        return checked(() -> new CarryTree(width, firstGroup, radices));
    }

    private Instruction combine() {
        List<Long> base = in.longs();
        List<List<Long>> coefficients = in.list("rows of coefficients", in::longs);
        return checked(() -> new Instruction.Combine(base, coefficients));
    }

    private Window window() {
        List<Integer> kernel = in.integers();
        List<Integer> strides = in.integers();
        List<Integer> dilations = in.integers();
        List<Integer> padsBegin = in.integers();
        List<Integer> padsEnd = in.integers();
        return checked(() -> new Window(kernel, strides, dilations, padsBegin, padsEnd));
    }

    private Op.Movement movement() {
        return switch (in.choice(MOVEMENTS, "movement")) {
            case RESHAPE -> new Op.Reshape(shape());
            case TRANSPOSE -> new Op.Transpose(in.integers());
            case SLICE -> new Op.Slice(in.integers(), in.integers(), in.integers());
            case CONCAT -> new Op.Concat(in.integer());
            case EXPAND -> new Op.Expand(shape());
            case PAD -> new Op.Pad(in.integers(), in.integers(), in.real());
            case PICK -> new Op.Pick(shape(), indices());
        };
    }

    private Indices indices() {
        var values = new int[in.items("indices")];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.integer();
        }
        return Indices.of(values);
    }

    /** What a record's own check refuses is malformed too. */
    private <T> T checked(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw new PlanFormatException(in.malformed(String.valueOf(e.getMessage())).getMessage(), e);
        }
    }
}
