package dev.sardonyx.secureops.plan;

import java.util.List;

/**
 * One step of a plan.
 *
 * @param index its place; also its number in message tags and keystream names
 * @param node name of the ONNX node that it belongs to
 * @param kernel name of the secure kernel that emitted it
 * @param instruction what to do
 * @param inputs ids of the values read
 * @param outputs ids of the values made
 */
public record Step(int index, String node, String kernel, Instruction instruction, List<Integer> inputs, List<Integer> outputs) {
    public Step {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
