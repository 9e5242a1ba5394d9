package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.PlanValue.Kind;
import dev.sardonyx.secureops.plan.Visibility;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The steps of a plan in the order they are emitted, and the values they make. A step that repeats an earlier one is not emitted
 * again; a value that could leave the ring is refused.
 */
final class StepLog {
    /** Raw values stay below 2^62, so that truncation has its two bits of room in a 64-bit ring. */
    static final int MAX_MAGNITUDE_BITS = 62;

    /** One emitted step. */
    record DraftStep(String node, String kernel, Instruction instruction, List<Draft> inputs, List<Draft> outputs) {
    }

    /** A value to be made. */
    record Signature(Kind kind, Visibility visibility, Shape shape, int fractionBits, Interval range) {
    }

    private record StepKey(Instruction instruction, List<Integer> inputs, Shape shape, List<Integer> fractionBits) {
    }

    private final boolean shared;
    private final List<Draft> drafts = new ArrayList<>();
    private final List<DraftStep> steps = new ArrayList<>();
    private final Map<StepKey, List<Draft>> emitted = new HashMap<>();
    private String node = "";
    private String op = "";
    private String kernel = "";

    /** @param shared whether a step that repeats an earlier one is left out */
    StepLog(boolean shared) {
        this.shared = shared;
    }

    List<Draft> drafts() {
        return Collections.unmodifiableList(drafts);
    }

    List<DraftStep> steps() {
        return Collections.unmodifiableList(steps);
    }

    /** Steps emitted from here on belong to this ONNX node. */
    void at(String newNode, String newOp, String newKernel) {
        node = newNode;
        op = newOp;
        kernel = newKernel;
    }

    PlanException unsupported(String reason) {
        return new PlanException(PlanException.Kind.UNSUPPORTED, node, op, reason);
    }

    PlanException outOfRange(String reason) {
        return new PlanException(PlanException.Kind.RANGE, node, op, reason);
    }

    /** Refuses what needs more bits than the ring has. */
    void require(int bits, String what) {
        if (bits > MAX_MAGNITUDE_BITS + 1) {
            throw outOfRange(what + " needs " + bits + " bits; the ring has " + (MAX_MAGNITUDE_BITS + 1)
                    + ". Declare tighter --input-range, --calibrate with samples, or lower --fraction-bits");
        }
    }

    /** Bits of a shape, visible to whom all inputs are. */
    Draft bits(Instruction instruction, List<Draft> inputs, Shape shape) {
        return number(instruction, inputs, Kind.BITS, joined(inputs), shape, 0, Interval.UNIT);
    }

    /** A number, visible to whom all inputs are. */
    Draft number(Instruction instruction, List<Draft> inputs, Shape shape, int fractionBits, Interval range) {
        return number(instruction, inputs, Kind.NUMBER, joined(inputs), shape, fractionBits, range);
    }

    Draft number(Instruction instruction, List<Draft> inputs, Kind kind, Visibility visibility, Shape shape, int fractionBits,
            Interval range) {
        return emit(instruction, inputs, List.of(new Signature(kind, visibility, shape, fractionBits, range))).getFirst();
    }

    /** Who may know what is made of these. */
    static Visibility joined(List<Draft> inputs) {
        return inputs.stream().map(Draft::visibility).reduce(Visibility.PUBLIC, Visibility::join);
    }

    List<Draft> emit(Instruction instruction, List<Draft> inputs, List<Signature> outputs) {
        // The scales are part of the key: a reinterpreting move differs from the move it looks like in nothing else.
        var key = new StepKey(instruction, inputs.stream().map(Draft::id).toList(), outputs.getFirst().shape(),
                outputs.stream().map(Signature::fractionBits).toList());
        boolean shareable = shared && !(instruction instanceof Instruction.Input);
        if (shareable && emitted.containsKey(key)) {
            return emitted.get(key).stream().map(draft -> drafts.get(draft.id())).toList();
        }
        var made = new ArrayList<Draft>();
        for (Signature output : outputs) {
            var draft = new Draft(drafts.size(), output.kind(), output.visibility(), output.shape(), output.fractionBits(), output.range());
            if (draft.kind() == Kind.NUMBER) {
                require(draft.magnitudeBits() + 1, "holding " + draft.range().outward() + " with " + draft.fractionBits()
                        + " fraction bits");
            }
            drafts.add(draft);
            made.add(draft);
        }
        steps.add(new DraftStep(node, kernel, instruction, List.copyOf(inputs), List.copyOf(made)));
        if (shareable) {
            emitted.put(key, List.copyOf(made));
        }
        return made;
    }

    /** The same value with a tighter range that the caller can prove. */
    Draft within(Draft a, Interval range) {
        if (range.equals(a.range())) {
            return a;
        }
        Draft tightened = new Draft(a.id(), a.kind(), a.visibility(), a.shape(), a.fractionBits(), range);
        drafts.set(a.id(), tightened);
        return tightened;
    }
}
