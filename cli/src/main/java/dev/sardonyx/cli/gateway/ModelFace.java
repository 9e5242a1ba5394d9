package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model as clients of the protocol see it.
 *
 * @param version as the parties count it
 * @param platform what runs it
 * @param batch rows that one run takes; empty for a model whose tensors have no rows in common
 */
public record ModelFace(String name, long version, String planHash, String platform, List<Port> inputs, List<Port> outputs, OptionalInt batch) {

    /**
     * An input or an output.
     *
     * @param type its own type; inputs are taken in others too, see {@link #takes}
     * @param shape of one run
     */
    public record Port(String name, Datatype type, Shape shape) {
        /** Plans know whether an input is boolean, whole or neither; whatever can be that without loss of meaning is taken. */
        boolean takes(Datatype given) {
            return (type == Datatype.BOOL) == (given == Datatype.BOOL);
        }
    }

    public ModelFace {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The face of a model that parties hold. */
    static ModelFace of(RemoteModel model) {
        Plan plan = model.plan();
        List<Port> inputs = new ArrayList<>();
        for (Plan.InputSpec input : plan.inputs()) {
            PlanValue value = plan.value(input.value());
            Datatype type = value.kind() == PlanValue.Kind.BITS ? Datatype.BOOL : value.fractionBits() == 0 ? Datatype.INT64 : Datatype.FP32;
            inputs.add(new Port(input.name(), type, value.shape()));
        }
        List<Port> outputs = plan.outputs().stream()
                .map(output -> new Port(output.name(), Datatype.of(output.type() == ElementType.STRING ? ElementType.INT64 : output.type()),
                        plan.value(output.value()).shape()))
                .toList();
        return new ModelFace(model.name(), model.version(), model.planHash(), "sardonyx_" + plan.protocol(), inputs, outputs, model.batch());
    }

    Optional<Port> input(String name) {
        return inputs.stream().filter(port -> port.name().equals(name)).findFirst();
    }

    Optional<Port> output(String name) {
        return outputs.stream().filter(port -> port.name().equals(name)).findFirst();
    }

    /** The extents of a port, with -1 for rows, of which any number is taken. */
    long[] extents(Port port) {
        long[] extents = port.shape().dims().stream().mapToLong(Integer::longValue).toArray();
        if (batch.isPresent()) {
            extents[0] = -1;
        }
        return extents;
    }
}
